"""Reading automations, who would have set them off, and who did nothing after joining."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, and_, exists, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import Listing
from chassis.database.rows import existing
from chassis.database.statements import Prepared, bindparam, insert_or_ignore
from chassis.projections.members import LEFT_STATUSES
from services.analytics.automations.models import Automation, AutomationBook, AutomationFiring
from services.analytics.base import known
from services.analytics.facts.models import MemberDay, RollupGeneration
from services.analytics.facts.objects import fact_objects
from services.analytics.facts.verbs import ACTIVE, numbers
from services.analytics.insights.models import Insight, MemberRisk
from services.analytics.processes.models import ApplicationCourse, ChannelVisits

LOOKED_AT: Final = 1_000
"""Members whom a dry run looks at, the latest first."""
AT_ONCE: Final = 500

_members: Table = known.members
_days: Table = MemberDay.__table__  # type: ignore[attr-defined]
_firings: Table = AutomationFiring.__table__  # type: ignore[attr-defined]
_automations: Table = Automation.__table__  # type: ignore[attr-defined]
_applications: Table = ApplicationCourse.__table__  # type: ignore[attr-defined]
_visits: Table = ChannelVisits.__table__  # type: ignore[attr-defined]
_GENERATION: Any = select(RollupGeneration.__table__.c.reading).scalar_subquery()  # type: ignore[attr-defined]

_WHO = (_members.c.id, _members.c.cohort_id, _members.c.channel, _members.c.roles, _members.c.status)
_ABOUT: Any = and_(
    or_(bindparam("any_cohort"), _members.c.cohort_id == bindparam("cohort_id", type_=_members.c.cohort_id.type)),
    or_(bindparam("any_channel"), _members.c.channel == bindparam("channel", type_=_members.c.channel.type)),
)

ON: Prepared[Automation] = Prepared(
    lambda on: select(Automation).where(
        on.among(col(Automation.community_id), "communities"),
        on.among(col(Automation.listens_to), "listens_to"),
        col(Automation.status) == "on",
    )
)
MEMBERS: Prepared[Any] = Prepared(lambda on: select(*_WHO).where(on.among(_members.c.id, "ids")))


def _silent() -> Any:
    did = exists().where(
        _days.c.member_id == _members.c.id,
        _days.c.generation == _GENERATION,
        _days.c.verb.in_(numbers(ACTIVE)),
        _days.c.n > 0,
    )
    fired = exists().where(
        _firings.c.automation_id == bindparam("automation_id"), _firings.c.member_id == _members.c.id
    )
    return (
        select(_members.c.id)
        .where(
            _members.c.community_id == bindparam("community_id"),
            _members.c.joined_at > bindparam("after"),
            _members.c.joined_at <= bindparam("until"),
            _members.c.status.not_in(sorted(LEFT_STATUSES)),
            _ABOUT,
            ~did,
            ~fired,
        )
        .order_by(_members.c.id)
        .limit(AT_ONCE)
    )


def _joined() -> Any:
    first = (
        select(func.min(_days.c.day))
        .where(
            _days.c.member_id == _members.c.id,
            _days.c.generation == _GENERATION,
            _days.c.verb.in_(numbers(ACTIVE)),
            _days.c.n > 0,
        )
        .correlate(_members)
        .scalar_subquery()
    )
    return (
        select(_members.c.id, _members.c.joined_at, first.label("first_active_on"))
        .where(
            _members.c.community_id == bindparam("community_id"),
            _members.c.joined_at > bindparam("after"),
            _members.c.joined_at <= bindparam("until"),
            _ABOUT,
        )
        .order_by(_members.c.joined_at.desc(), _members.c.id)
        .limit(LOOKED_AT)
    )


def _did(on: Any) -> Any:
    return (
        select(_days.c.member_id, func.sum(_days.c.n).label("times"))
        .join(_members, _members.c.id == _days.c.member_id)
        .where(
            _days.c.generation == _GENERATION,
            _days.c.community_id == bindparam("community_id"),
            _days.c.day >= bindparam("since"),
            on.among(_days.c.verb, "verbs"),
            _days.c.n > 0,
            _ABOUT,
        )
        .group_by(_days.c.member_id)
        .order_by(func.max(_days.c.day).desc(), _days.c.member_id)
        .limit(LOOKED_AT)
    )


SILENT: Prepared[UUID] = Prepared(_silent())
JOINED: Prepared[Any] = Prepared(_joined())
DID: Prepared[Any] = Prepared(_did)
AT_RISK: Prepared[Any] = Prepared(
    select(col(MemberRisk.member_id), col(MemberRisk.told_at))
    .join(_members, _members.c.id == col(MemberRisk.member_id))
    .where(
        col(MemberRisk.community_id) == bindparam("community_id"), col(MemberRisk.told_at) >= bindparam("since"), _ABOUT
    )
    .order_by(col(MemberRisk.told_at).desc(), col(MemberRisk.member_id))
    .limit(LOOKED_AT)
)
RAISED: Prepared[Any] = Prepared(
    select(col(Insight.raised_at), col(Insight.severity))
    .where(
        col(Insight.community_id) == bindparam("community_id"),
        col(Insight.code) == bindparam("code"),
        col(Insight.raised_at) >= bindparam("since"),
    )
    .order_by(col(Insight.raised_at).desc())
    .limit(LOOKED_AT)
)
SILENCES: Prepared[Any] = Prepared(
    lambda on: select(col(Automation.id)).where(
        on.among(col(Automation.community_id), "communities"),
        col(Automation.listens_to) == "silence",
        col(Automation.status) == "on",
    )
)
DAY_OF: Prepared[Any] = Prepared(
    select(known.communities.c.time_zone, known.communities.c.day_starts_at, known.communities.c.status).where(
        known.communities.c.id == bindparam("id")
    )
)


_CHANNELS: Prepared[Any] = Prepared(
    select(fact_objects.c.details).where(
        fact_objects.c.community_id == bindparam("community_id"), fact_objects.c.kind == "campaign"
    )
)
_CAME_THROUGH: Prepared[bool] = Prepared(
    select(
        or_(
            *(
                exists().where(
                    table.c.community_id == bindparam("community_id"),
                    table.c.channel == bindparam("channel", type_=table.c.channel.type),
                )
                for table in (_members, _applications, _visits)
            )
        )
    )
)
_ALIKE: Prepared[int] = Prepared(
    select(func.count())
    .select_from(_automations)
    .where(
        _automations.c.community_id == bindparam("community_id"),
        _automations.c.listens_to == bindparam("listens_to"),
        _automations.c.cohort_id.is_not_distinct_from(bindparam("cohort_id", type_=_automations.c.cohort_id.type)),
        _automations.c.channel.is_not_distinct_from(bindparam("channel", type_=_automations.c.channel.type)),
        _automations.c.id != bindparam("id"),
    )
)


async def has_channel(session: AsyncSession, community_id: UUID, channel: str) -> bool:
    """Whether a campaign of the community that opened has it, or somebody came or looked through it."""
    if await _CAME_THROUGH.one(session, community_id=community_id, channel=channel):
        return True
    told = await _CHANNELS.all(session, community_id=community_id)
    return any(channel in details.get("channels", ()) for details in told)


async def alike(session: AsyncSession, wanted: Automation) -> int:
    """How many others listen to the same about the same members."""
    return await _ALIKE.one(
        session,
        community_id=wanted.community_id,
        listens_to=wanted.listens_to,
        cohort_id=wanted.cohort_id,
        channel=wanted.channel,
        id=wanted.id,
    )


def about(automation: Automation) -> dict[str, Any]:
    """The parameters that say about whom it is."""
    return {
        "any_cohort": automation.cohort_id is None,
        "cohort_id": automation.cohort_id,
        "any_channel": automation.channel is None,
        "channel": automation.channel,
    }


def listing(community_id: UUID, status: str | None) -> Listing:
    """A community's automations, the oldest first."""
    found = [col(Automation.community_id) == community_id]
    if status is not None:
        found.append(col(Automation.status) == status)
    return Listing(select(Automation).where(*found), [col(Automation.created_at).asc(), col(Automation.id).asc()])


def firings(automation_id: UUID) -> Listing:
    """What set an automation off, the latest first."""
    found = select(AutomationFiring).where(col(AutomationFiring.automation_id) == automation_id)
    return Listing(found, [col(AutomationFiring.at).desc(), col(AutomationFiring.id).desc()])


async def hold(session: AsyncSession, community_id: UUID) -> None:
    """Keep everybody else from adding or changing a community's automations until the transaction ends."""
    await session.execute(insert_or_ignore(session, AutomationBook).values(community_id=community_id))
    await existing(session, AutomationBook, community_id, lock=True)


async def counted(session: AsyncSession, community_id: UUID) -> int:
    """How many automations a community has."""
    found = select(func.count()).where(col(Automation.community_id) == community_id)
    return int((await session.execute(found)).scalar_one())
