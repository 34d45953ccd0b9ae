from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update

from services.analytics.reports.exports.service import EXPORT
from services.analytics.reports.files import packed
from services.analytics.reports.models import ExportFile, Report, ReportFile
from tests.system.security.recipe import here, own, recipe
from tests.system.security.world import World

DAYS = {"from": "2024-03-01", "to": "2024-04-30"}
WANTED: dict[str, Any] = DAYS | {
    "subject": "member_activity", "format": "csv", "code": None, "grain": None, "group_by": None,
    "staff": False, "working": False, "locale": "en",
}  # fmt: skip

RECIPES = [
    recipe("create_report", body={"community_id": here()} | DAYS),
    recipe("list_reports", query={"community_id": here()}, shows=here("report")),
    recipe("read_report", here("report"), shows=here("report")),
    recipe("read_report_page", here("report")),
    recipe("read_report_pdf", here("report"), query={"lang": "en"}),
    recipe("read_export", own("export"), within="exports.job"),
    recipe(
        "cancel_export",
        own("export"),
        within="exports.job",
        also={"everyone": 409},
        why="theirs has ended: a community has no more than five at work",
    ),
    recipe("list_exports", query={"community_id": here(), "limit": 100}, shows=own("export"), within="exports.job"),
    recipe("read_export_file", own("written export"), within="exports.job"),
    recipe("create_export", body={"community_id": here(), "subject": "member_activity"} | DAYS),
]


async def prepare(world: World) -> None:
    await world.jobs_of_everybody("export", EXPORT, of_community=True, params=WANTED)
    await world.jobs_of_everybody("written export", EXPORT, of_community=True, params=WANTED)
    jobs = world.harness.runtime.service.tables.chassis.jobs
    now = world.harness.clock()
    async with world.transaction() as session:
        for player in world.callers:
            job_id = player.own["written export"]
            done = {"state": "succeeded", "finished_at": now}
            await session.execute(update(jobs).where(jobs.c.id == job_id).values(done))
            # A community has five at work, and here each caller has one.
            ended = update(jobs).where(jobs.c.id == player.own["export"])
            await session.execute(ended.values({"state": "failed", "finished_at": now}))
            session.add(_export(job_id, player.ground.id, now))
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


def _export(job_id: UUID, community_id: UUID, now: datetime) -> ExportFile:
    return ExportFile(
        job_id=job_id,
        community_id=community_id,
        name="member-activity.csv",
        form="csv",
        content=packed(b"a,b", "csv"),
        size=3,
        created_at=now,
    )


def _files(report_id: UUID) -> list[ReportFile]:
    return [
        ReportFile(report_id=report_id, locale=locale, form=form, content=packed(b"<p>", form), size=3)
        for locale in ("zh-CN", "en")
        for form in ("html", "pdf")
    ]
