"""How certifications and their runs become answers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.locale import Locale
from chassis.projections.members import embedded
from chassis.web.work import Work
from services.gamification.certifications import queries
from services.gamification.certifications.models import Certification, CertificationRun
from services.gamification.certifications.rules import status_at
from services.gamification.certifications.schemas import (
    CertificationPublic,
    CertificationRunPublic,
    Compliance,
    ComplianceCell,
)


async def shown(work: Work, one: Certification, locale: Locale) -> CertificationPublic:
    """A certification."""
    return (await listed(work, [one], locale))[0]


async def listed(work: Work, some: Sequence[Certification], locale: Locale) -> list[CertificationPublic]:
    """Certifications of one community, with what they ask called by its name."""
    if not some:
        return []
    asked = [requirement for one in some for requirement in one.requires]
    called = await queries.called(
        work.session,
        some[0].community_id,
        activities=[UUID(each["activity_id"]) for each in asked if each.get("activity_id")],
        series=[UUID(each["series_id"]) for each in asked if each.get("series_id")],
    )
    return [
        CertificationPublic.model_validate(
            one.model_dump()
            | {
                "title": _title(one, locale),
                "requires": [each | {"title": called.get(_named(each))} for each in one.requires],
                "window": {"opens": one.window_opens, "closes": one.window_closes} if one.window_opens else None,
                "archived": one.archived_at is not None,
            }
        )
        for one in some
    ]


def _named(requirement: dict[str, Any]) -> UUID | None:
    found = requirement.get("activity_id") or requirement.get("series_id")
    return UUID(found) if found else None


def _title(named: Any, locale: Locale) -> str:
    said: str = named.title_zh if locale == "zh-CN" else named.title_en
    return said


async def runs_shown(work: Work, runs: Sequence[CertificationRun], locale: Locale) -> list[CertificationRunPublic]:
    """Runs with their members, as they are now."""
    members = await embedded(work.session, {one.member_id for one in runs})
    titles = await queries.titles(work.session, {one.certification_id for one in runs})
    return [
        CertificationRunPublic.model_validate(
            one.model_dump()
            | {
                "title": _title(titles[one.certification_id], locale),
                "member": members[one.member_id],
                "status": status_at(
                    work.now,
                    opens_at=one.opens_at,
                    due_at=one.due_at,
                    completed_at=one.completed_at,
                    closed_at=one.closed_at,
                ),
            }
        )
        for one in runs
    ]


async def compliance(work: Work, one: Certification, locale: Locale) -> Compliance:
    """Who fulfils a certification, by department and job grade. Who was not enrolled yet has it outstanding."""
    cells = [_cell(*row) for row in await queries.cells(work.session, one, work.now)]
    sums = {name: sum(getattr(cell, name) for cell in cells) for name in ("asked", "holding", "outstanding", "overdue")}
    total = ComplianceCell(department=None, department_name=None, job_grade=None, **sums)
    return Compliance(certification_id=one.id, title=_title(one, locale), as_at=work.now, total=total, cells=cells)


def _cell(department: Any, name: Any, grade: Any, asked: int, holding: int, overdue: int) -> ComplianceCell:
    return ComplianceCell(
        department=department,
        department_name=name,
        job_grade=grade,
        asked=asked,
        holding=holding,
        outstanding=asked - holding - overdue,
        overdue=overdue,
    )
