"""The rows of exports, read a piece at a time."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.days import day_began_at, local_day
from chassis.locale import Locale
from chassis.messaging.lag import as_of
from chassis.projections.communities import known_community
from chassis.projections.members import LEFT_STATUSES
from chassis.tabular.writing import OutCell
from services.analytics.base import known
from services.analytics.facts.models import MemberDay
from services.analytics.facts.verbs import ACTIVE, POSTS, READING, Verb, numbers
from services.analytics.insights.rules import RUNNING
from services.analytics.learning.models import LearningActivity, LearningRecord
from services.analytics.metrics.frame import Asked, Group
from services.analytics.metrics.names import group_names
from services.analytics.metrics.parts import unit_of
from services.analytics.metrics.reading import Grain, read
from services.analytics.metrics.reported import metric_of
from services.analytics.metrics.tallies import read_generation
from services.analytics.reports.titles import said

AT_ONCE: Final = 500
_A_DAY: Final = timedelta(days=1)
_people, _members, _departments = known.people.c, known.members.c, known.departments.c
_day, _verb, _member = col(MemberDay.day), col(MemberDay.verb), col(MemberDay.member_id)
_NAMED = (
    _members.status,
    _people.display_name,
    _people.status.label("person_status"),
    _people.department_code,
    _departments.name.label("department"),
)


@dataclass(frozen=True)
class Wanted:
    """What is exported, as a job keeps it."""

    community_id: UUID
    subject: str
    from_: date
    to: date
    code: str | None
    grain: Grain | None
    group_by: Group | None
    staff: bool
    working: bool
    locale: Locale

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> "Wanted":
        """From the parameters of a job."""
        return cls(
            community_id=UUID(params["community_id"]),
            subject=params["subject"],
            from_=date.fromisoformat(params["from"]),
            to=date.fromisoformat(params["to"]),
            code=params["code"],
            grain=Grain(params["grain"]) if params["grain"] else None,
            group_by=Group(params["group_by"]) if params["group_by"] else None,
            staff=params["staff"],
            working=params["working"],
            locale=params["locale"],
        )


Rows = Sequence[Sequence[OutCell]]


def header(wanted: Wanted) -> list[str]:
    """The first row."""
    names: Sequence[str] = {
        "metric": _METRIC,
        "member_activity": (*_MEMBER, *(name for name, _ in FIGURES)),
        "learning_records": _RECORD,
    }[wanted.subject]
    return [said(f"column {name}", wanted.locale) for name in names]


async def values_of(session: AsyncSession, wanted: Wanted, now: datetime) -> Rows:
    """The values of a metric."""
    metric = await metric_of(session, wanted.community_id, wanted.code or "")
    if metric is None:
        raise LookupError(f"there is no metric {wanted.code} any more")
    asked = Asked(
        community_id=wanted.community_id,
        from_=wanted.from_,
        to=wanted.to,
        now=now,
        as_of=await as_of(session, now),
        grain=wanted.grain,
        group_by=wanted.group_by,
        staff=wanted.staff,
        working=wanted.working,
    )
    title = metric.title.zh if wanted.locale == "zh-CN" else metric.title.en
    values = await read(session, metric, asked)
    names = await group_names(session, wanted.group_by, wanted.community_id, {one.group for one in values})
    return [
        [
            metric.code, title, metric.version, unit_of(metric, one.part), one.starts_on, one.ends_on,
            one.group, names.get(one.group or ""), one.part, one.value, one.n,
            said("too_few", wanted.locale) if one.suppressed else None,
        ]
        for one in values
    ]  # fmt: skip


_METRIC: Final = ("code", "title", "version", "unit", "from", "to", "group", "group_name", "part", "value", "n", "note")
_MEMBER: Final = ("member_id", "name", "department", "status", "joined_on", "active_days")
FIGURES: Final[Sequence[tuple[str, frozenset[Verb]]]] = (
    ("deeds", ACTIVE),
    ("posts", POSTS),
    ("attended", frozenset({Verb.ATTENDED})),
    ("spoke", frozenset({Verb.SPOKE})),
    ("checked_in", frozenset({Verb.CHECKED_IN})),
    ("reacted", frozenset({Verb.REACTED})),
    ("read", READING),
)
"""How many of what somebody did stand in which column."""


async def members_of(session: AsyncSession, wanted: Wanted, after: UUID | None) -> tuple[Rows, UUID | None]:
    """What the next members did, and after whom to go on; None after the last."""
    community = await known_community(session, wanted.community_id)
    if community is None:
        return [], None
    zone: dict[str, Any] = {"time_zone": community.time_zone, "day_starts_at": community.day_starts_at}
    members = await _next_members(session, wanted, after, day_began_at(wanted.to, **zone))
    did, active = await _did(session, wanted, [one.id for one in members])
    rows = [
        [
            str(one.id),
            _name(one),
            one.department or one.department_code,
            said("left_member" if one.status in LEFT_STATUSES else "member", wanted.locale),
            local_day(one.joined_at, **zone),
            active.get(one.id, 0),
            *(sum(did.get((one.id, int(verb)), 0) for verb in verbs) for _, verbs in FIGURES),
        ]
        for one in members
        if wanted.staff or RUNNING.isdisjoint(one.roles)
    ]
    return rows, members[-1].id if len(members) == AT_ONCE else None


async def _next_members(session: AsyncSession, wanted: Wanted, after: UUID | None, last_day: datetime) -> Sequence[Any]:
    them = (
        select(
            _members.id,
            _members.roles,
            _members.joined_at,
            *_NAMED,
        )
        .join(known.people, _people.id == _members.person_id)
        .outerjoin(known.departments, _departments.id == _people.department_code)
        .where(_members.community_id == wanted.community_id, _members.joined_at < last_day + _A_DAY)
        .order_by(_members.id)
        .limit(AT_ONCE)
    )
    if after is not None:
        them = them.where(_members.id > after)
    return (await session.execute(them)).all()


async def _did(
    session: AsyncSession, wanted: Wanted, members: Sequence[UUID]
) -> tuple[dict[tuple[UUID, int], int], dict[UUID, int]]:
    """How much of each kind they did, and on how many days they were active."""
    if not members:
        return {}, {}
    theirs = (
        col(MemberDay.generation) == read_generation(),
        col(MemberDay.community_id) == wanted.community_id,
        _day.between(wanted.from_, wanted.to),
        among(session, _member, members),
        col(MemberDay.n) > 0,
    )
    counted = select(_member, _verb, func.sum(col(MemberDay.n))).where(*theirs).group_by(_member, _verb)
    days = select(_member, func.count(_day.distinct())).where(*theirs, _verb.in_(numbers(ACTIVE))).group_by(_member)
    did = {(member, verb): int(n) for member, verb, n in (await session.execute(counted)).all()}
    return did, {row[0]: row[1] for row in (await session.execute(days)).all()}


_RECORD: Final = (
    "member_id", "name", "department", "source", "hours", "taught_hours", "completion", "minutes", "learned_on",
)  # fmt: skip


async def records_of(session: AsyncSession, wanted: Wanted, after: UUID | None) -> tuple[Rows, UUID | None]:
    """The next learning records, and after which to go on."""
    community = await known_community(session, wanted.community_id)
    if community is None:
        return [], None
    zone: dict[str, Any] = {"time_zone": community.time_zone, "day_starts_at": community.day_starts_at}
    begins, ends = day_began_at(wanted.from_, **zone), day_began_at(wanted.to + _A_DAY, **zone)
    record = LearningRecord
    some = (
        select(record, col(LearningActivity.title), *_NAMED, _members.roles)
        .outerjoin(LearningActivity, col(LearningActivity.id) == col(record.activity_id))
        .join(known.members, _members.id == col(record.member_id))
        .join(known.people, _people.id == _members.person_id)
        .outerjoin(known.departments, _departments.id == _people.department_code)
        .where(col(record.community_id) == wanted.community_id, col(record.undone).is_(False))
        .where(col(record.person_id).is_not(None), col(record.at) >= begins, col(record.at) < ends)
        .order_by(col(record.id))
        .limit(AT_ONCE)
    )
    if after is not None:
        some = some.where(col(record.id) > after)
    found = (await session.execute(some)).all()
    rows = [
        [
            str(one[0].member_id), _name(one), one.department or one.department_code, one.title,
            one[0].hours, one[0].taught_hours, one[0].share, one[0].minutes, local_day(one[0].at, **zone),
        ]
        for one in found
        if wanted.staff or RUNNING.isdisjoint(one.roles)
    ]  # fmt: skip
    return rows, found[-1][0].id if len(found) == AT_ONCE else None


def _name(row: Any) -> str | None:
    return None if "erased" in (row.status, row.person_status) else row.display_name


async def pieces(open_session: Any, wanted: Wanted, now: datetime) -> AsyncIterator[Rows]:
    """All rows, some at a time, each piece read in a session of its own."""
    if wanted.subject == "metric":
        async with open_session() as session:
            yield await values_of(session, wanted, now)
        return
    read_some = members_of if wanted.subject == "member_activity" else records_of
    after: UUID | None = None
    while True:
        async with open_session() as session:
            rows, after = await read_some(session, wanted, after)
        yield rows
        if after is None:
            return
