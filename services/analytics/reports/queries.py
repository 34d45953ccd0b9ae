"""Reading reports, and what they say of goals, insights and what waits."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import Listing
from chassis.database.rows import existing
from chassis.database.statements import Prepared, bindparam, insert_or_ignore
from chassis.days import day_began_at
from chassis.problems import NOT_FOUND
from chassis.projections.communities import known_community
from chassis.security.authority import CommunityFacts
from services.analytics.base import known
from services.analytics.goals.models import Goal
from services.analytics.insights.models import Insight
from services.analytics.insights.queries import effects_due, new_ones
from services.analytics.insights.wording import evidence_of, suggestion_of
from services.analytics.processes.models import ApplicationCourse, QuestionCourse
from services.analytics.reports.models import Report, ReportBook, ReportFile

_MOST_LISTED = 200
_MOST_RAISED = 50
_ONE_DAY = timedelta(days=1)
_people, _members = known.people.c, known.members.c

_SIZES: Prepared[Any] = Prepared(
    lambda on: select(
        col(ReportFile.report_id), col(ReportFile.locale), col(ReportFile.form), col(ReportFile.size)
    ).where(on.among(col(ReportFile.report_id), "ids"))
)
_FILE: Prepared[bytes] = Prepared(
    select(col(ReportFile.content)).where(
        col(ReportFile.report_id) == bindparam("report_id"),
        col(ReportFile.locale) == bindparam("locale"),
        col(ReportFile.form) == bindparam("form"),
    )
)
_OF_SLOT: Prepared[Any] = Prepared(
    select(Report).where(col(Report.community_id) == bindparam("community_id"), col(Report.slot) == bindparam("slot"))
)
_UNDER_WAY: Prepared[int] = Prepared(
    select(func.count()).where(
        col(Report.community_id) == bindparam("community_id"),
        col(Report.status) == "making",
        col(Report.kind) == "asked",
    )
)


def listing(community_id: UUID, *, kind: str | None, status: str | None) -> Listing:
    """A community's reports, the latest first; without what they say."""
    found = [col(Report.community_id) == community_id]
    if kind is not None:
        found.append(col(Report.kind) == kind)
    if status is not None:
        found.append(col(Report.status) == status)
    return Listing(select(Report).where(*found), [col(Report.created_at).desc(), col(Report.id).desc()])


async def hold(session: AsyncSession, community_id: UUID) -> None:
    """Keep everybody else from asking for a report of this community until the transaction ends."""
    await session.execute(insert_or_ignore(session, ReportBook).values(community_id=community_id))
    await existing(session, ReportBook, community_id, lock=True)


async def in_slot(session: AsyncSession, community_id: UUID, slot: str) -> Report | None:
    """The report that has a slot."""
    found: Report | None = await _OF_SLOT.first(session, community_id=community_id, slot=slot)
    return found


async def under_way(session: AsyncSession, community_id: UUID) -> int:
    """How many that somebody asked for are being made."""
    return await _UNDER_WAY.one(session, community_id=community_id)


async def sizes(session: AsyncSession, report_ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    """The files of these reports, without what is in them."""
    found: dict[UUID, list[Any]] = {}
    for row in await _SIZES.all(session, ids=list(report_ids)):
        found.setdefault(row.report_id, []).append(row)
    return found


async def file_of(session: AsyncSession, report_id: UUID, locale: str, form: str) -> bytes | None:
    """What is in a file, as it is kept."""
    return await _FILE.first(session, report_id=report_id, locale=locale, form=form)


async def community_of(session: AsyncSession, community_id: UUID) -> CommunityFacts:
    """The community, which is known: somebody asked for its report."""
    community = await known_community(session, community_id)
    if community is None:
        raise NOT_FOUND()
    return community


async def names_in(session: AsyncSession, community_id: UUID) -> list[str]:
    """What everybody who is or was a member is called."""
    named = select(_people.display_name).distinct().join(known.members, _members.person_id == _people.id)
    return list((await session.scalars(named.where(_members.community_id == community_id))).all())


async def goals_of(session: AsyncSession, report: Report) -> Sequence[Goal]:
    """The goals that were to be worked for in these days, the first due first."""
    of_these = select(Goal).where(
        col(Goal.community_id) == report.community_id,
        col(Goal.status) != "withdrawn",
        col(Goal.starts_on) <= report.ends_on,
        col(Goal.due_on) >= report.starts_on,
    )
    return (await session.scalars(of_these.order_by(col(Goal.due_on), col(Goal.id)).limit(_MOST_LISTED))).all()


async def insights_of(session: AsyncSession, report: Report) -> list[dict[str, Any]]:
    """The insights that were acted upon, of which something was seen or decided in these days."""
    community = await community_of(session, report.community_id)
    zone, starts = community.time_zone, community.day_starts_at
    begins = day_began_at(report.starts_on, time_zone=zone, day_starts_at=starts)
    ends = day_began_at(report.ends_on + _ONE_DAY, time_zone=zone, day_starts_at=starts)
    acted = select(Insight).where(
        col(Insight.community_id) == report.community_id,
        col(Insight.change).is_not(None),
        or_(
            col(Insight.changed_on).between(report.starts_on, report.ends_on),
            col(Insight.effect_due_on).between(report.starts_on, report.ends_on),
            and_(col(Insight.closed_at) >= begins, col(Insight.closed_at) < ends),
        ),
    )
    rows = await session.scalars(acted.order_by(col(Insight.changed_on), col(Insight.id)).limit(_MOST_LISTED))
    return [
        {
            "code": one.code,
            "severity": one.severity,
            "status": one.status,
            "change": one.change,
            "changed_on": one.changed_on.isoformat() if one.changed_on else None,
            "effect_due_on": one.effect_due_on.isoformat() if one.effect_due_on else None,
            "metric": one.metric,
            "effect": one.effect,
        }
        for one in rows
    ]


async def raised_in(session: AsyncSession, report: Report) -> list[dict[str, Any]]:
    """The insights that were raised in these days, the gravest first."""
    community = await community_of(session, report.community_id)
    zone: dict[str, Any] = {"time_zone": community.time_zone, "day_starts_at": community.day_starts_at}
    begins, ends = day_began_at(report.starts_on, **zone), day_began_at(report.ends_on + _ONE_DAY, **zone)
    raised = select(Insight).where(
        col(Insight.community_id) == report.community_id,
        col(Insight.raised_at) >= begins,
        col(Insight.raised_at) < ends,
    )
    gravest = case({"high": 0, "medium": 1}, value=col(Insight.severity), else_=2)
    rows = await session.scalars(raised.order_by(gravest, col(Insight.raised_at), col(Insight.id)).limit(_MOST_RAISED))
    return [
        {
            "severity": one.severity,
            "status": one.status,
            "evidence zh": evidence_of(one, "zh-CN"),
            "evidence en": evidence_of(one, "en"),
            "suggestion zh": suggestion_of(one, "zh-CN"),
            "suggestion en": suggestion_of(one, "en"),
        }
        for one in rows
    ]


async def what_waits(
    session: AsyncSession, community_id: UUID, now: datetime
) -> list[tuple[str, int, datetime | None]]:
    """What waits for those who run the community, as far as it is known here: what, how many, since when."""
    insights, effects = (
        await new_ones(session, community_id, now, None),
        await effects_due(session, community_id, now, None),
    )
    asked, question = col(QuestionCourse.asked_at), QuestionCourse
    open_questions = select(func.count(), func.min(asked)).where(
        col(question.community_id) == community_id,
        col(question.kind) == "question",
        asked.is_not(None),
        col(question.removed).is_(False),
        col(question.answers) == 0,
        col(question.counted_in) == col(question.id),
    )
    application = ApplicationCourse
    undecided = select(func.count(), func.min(col(application.submitted_at))).where(
        col(application.community_id) == community_id,
        col(application.submitted_at).is_not(None),
        col(application.decided_at).is_(None),
        col(application.state) != "withdrawn",
    )
    questions = (await session.execute(open_questions)).one()
    applications = (await session.execute(undecided)).one()
    return [
        ("unanswered", questions[0], questions[1]),
        ("undecided", applications[0], applications[1]),
        ("new_insights", insights.count, insights.oldest_at),
        ("effects_due", effects.count, effects.oldest_at),
    ]
