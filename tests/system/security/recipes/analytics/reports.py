from datetime import date
from uuid import UUID

from services.analytics.reports.files import packed
from services.analytics.reports.models import Report, ReportFile
from tests.system.security.recipe import here, recipe
from tests.system.security.world import World

DAYS = {"from": "2024-03-01", "to": "2024-04-30"}

RECIPES = [
    recipe("create_report", body={"community_id": here()} | DAYS),
    recipe("list_reports", query={"community_id": here()}, shows=here("report")),
    recipe("read_report", here("report"), shows=here("report")),
    recipe("read_report_page", here("report")),
    recipe("read_report_pdf", here("report"), query={"lang": "en"}),
]


async def prepare(world: World) -> None:
    async with world.transaction() as session:
        for ground in world.grounds.values():
            report = Report(
                community_id=ground.id,
                kind="weekly",
                slot="weekly 2024-04-29",
                starts_on=date(2024, 4, 29),
                ends_on=date(2024, 5, 5),
                status="ready",
                created_at=world.harness.clock(),
                finished_at=world.harness.clock(),
            )
            session.add(report)
            await session.flush()
            ground.ids["report"] = report.id
            session.add_all(_files(report.id))


def _files(report_id: UUID) -> list[ReportFile]:
    return [
        ReportFile(report_id=report_id, locale=locale, form=form, content=packed(b"<p>", form), size=3)
        for locale in ("zh-CN", "en")
        for form in ("html", "pdf")
    ]
