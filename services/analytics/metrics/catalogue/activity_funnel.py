"""How far members come with activities: they are told of one, register, attend, and it is thought well of."""

import asyncio
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from time import perf_counter
from typing import Any
from uuid import UUID

from sqlalchemy import String, cast, null, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, Spelling, rows_of
from chassis.moments import Calendars
from chassis.projections.history import calendars_of
from services.analytics.metrics.frame import LONGEST, Asked, Cell, Group, Metric, Reading, Said, cells
from services.analytics.metrics.funnel_rules import Funnel, Way
from services.analytics.metrics.placing import Placing
from services.analytics.metrics.rules import Period
from services.analytics.metrics.spells import SPELLS
from services.analytics.processes.models import (
    ActivityCourse,
    AttendanceCourse,
    RegistrationCourse,
    SatisfactionCourse,
)
from services.analytics.processes.store import table_of

STEPS = ("announced", "registered", "attended", "satisfied")
SATISFIED_FROM = 4.0
FEWEST = 5
AT_ONCE = 64
"""Activities whose registrations are in memory together."""

_ACTIVITIES, _REGISTRATIONS = table_of(ActivityCourse), table_of(RegistrationCourse)
_ATTENDANCES, _SURVEYS = table_of(AttendanceCourse), table_of(SatisfactionCourse)


@dataclass(frozen=True, slots=True)
class _Activity:
    """An activity in its cell: from when on members were told of it, until when they could come."""

    cell: Cell
    announced_at: datetime
    first: date
    last: date


_REGISTERED: Prepared[Any] = Prepared(lambda on: _of_activities(on, _REGISTRATIONS, _REGISTRATIONS.c.registered_at))
_ATTENDED: Prepared[Any] = Prepared(
    lambda on: _of_activities(on, _ATTENDANCES, _ATTENDANCES.c.attended_at).where(
        _ATTENDANCES.c.role != "speaker", ~_ATTENDANCES.c.revoked
    )
)


def _of_activities(on: Spelling, table: Any, moment: Any) -> Any:
    """Who did something with some activities, and when."""
    return select(table.c.activity_id, table.c.member_id, moment).where(
        on.among(table.c.activity_id, "ids"), moment.is_not(None), table.c.member_id.is_not(None)
    )


Stay = tuple[date, date]
"""From the first day on which somebody was a member to the last."""


async def activity_funnel(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
    """How many came to each step with an activity that was announced in the period."""
    calendars = (await calendars_of(session, [asked.community_id]))[asked.community_id]
    placing = Placing(calendars, periods)
    activities = await _activities(session, asked, placing, calendars)
    stays = await _stays(session, asked, activities.values())
    measured = await _measured(session, asked, placing)
    counted: Funnel[Cell] = Funnel(len(STEPS))
    async for ways in _ways(session, activities, stays, measured, calendars):
        counted.take(ways)
    reached = counted.reached()
    told = await _told(activities.values(), stays)
    rated = {activities[key].cell for key in measured if key in activities}
    readings = []
    for cell in cells(asked, periods, told):
        period, group = cell
        people = told.get(cell, 0)
        counts: list[int | None] = [people, *reached.get(cell, [0] * len(STEPS))[1:]]
        if cell not in rated:
            # Nobody said anything of it yet, which is not that nobody was satisfied.
            counts[-1] = None
        readings += [
            Reading(period.starts_on, period.ends_on, group, count, people, step)
            for step, count in zip(STEPS, counts, strict=True)
        ]
    return readings


def _announced(asked: Asked, placing: Placing) -> list[Any]:
    return [
        _ACTIVITIES.c.community_id == asked.community_id,
        _ACTIVITIES.c.announced_at >= placing.begins,
        _ACTIVITIES.c.announced_at < placing.ends,
        _ACTIVITIES.c.cancelled_at.is_(None),
    ]


async def _activities(
    session: AsyncSession, asked: Asked, placing: Placing, calendars: Calendars
) -> dict[UUID, _Activity]:
    group = _ACTIVITIES.c.kind if asked.group_by is Group.KIND else cast(null(), String)
    columns = (_ACTIVITIES.c.id, group, _ACTIVITIES.c.announced_at, _ACTIVITIES.c.starts_at)
    found = {}
    for key, kind, announced_at, starts_at in await rows_of(
        session, select(*columns).where(*_announced(asked, placing))
    ):
        if (period := placing.of(announced_at)) is not None:
            first, last = calendars.day_of(announced_at), calendars.day_of(max(announced_at, starts_at or announced_at))
            found[key] = _Activity((period, kind), announced_at, first, last)
    return found


async def _stays(session: AsyncSession, asked: Asked, activities: Iterable[_Activity]) -> dict[UUID, list[Stay]]:
    """When each member was there, of those who were while any of the activities was ahead."""
    days = [(one.first, one.last) for one in activities]
    if not days:
        return {}
    begins, ends = min(first for first, _ in days), max(last for _, last in days)
    rows = await rows_of(
        session,
        select(SPELLS.c.member_id, SPELLS.c.starts_on, SPELLS.c.left_on).where(
            SPELLS.c.community_id == asked.community_id,
            SPELLS.c.starts_on <= ends,
            or_(SPELLS.c.left_on.is_(None), SPELLS.c.left_on >= begins),
            *([] if asked.staff else [~SPELLS.c.staff]),
        ),
    )
    stays: defaultdict[UUID, list[Stay]] = defaultdict(list)
    for member_id, starts_on, left_on in rows:
        stays[member_id].append((starts_on, left_on or date.max))
    return stays


async def _told(activities: Iterable[_Activity], stays: Mapping[UUID, Sequence[Stay]]) -> dict[Cell, int]:
    """How many were members while an activity was ahead, by cell."""
    days: defaultdict[Cell, list[Stay]] = defaultdict(list)
    for one in activities:
        days[one.cell].append((one.first, one.last))
    # Many joined on the same day and are still there: they are looked at together.
    alike = Counter(map(tuple, stays.values()))
    told = {}
    for cell, some in days.items():
        ahead = _joined(some)
        told[cell] = sum(members for theirs, members in alike.items() if any(_meets(ahead, stay) for stay in theirs))
        await asyncio.sleep(0)
    return told


def _joined(days: Iterable[Stay]) -> list[Stay]:
    """Days without overlaps, in their order: so that one look finds whether some are met."""
    found: list[Stay] = []
    for first, last in sorted(days):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def _meets(days: Sequence[Stay], stay: Stay) -> bool:
    place = bisect_right(days, (stay[1], date.max)) - 1
    return place >= 0 and days[place][1] >= stay[0]


async def _measured(session: AsyncSession, asked: Asked, placing: Placing) -> dict[UUID, tuple[datetime, bool]]:
    """When it was known what those who attended thought of an activity, and whether they thought well of it."""
    rows = await rows_of(
        session,
        select(_SURVEYS.c.about_id, _SURVEYS.c.closed_at, _SURVEYS.c.mean)
        .join(_ACTIVITIES, _ACTIVITIES.c.id == _SURVEYS.c.about_id)
        .where(*_announced(asked, placing), _SURVEYS.c.n >= FEWEST)
        .order_by(_SURVEYS.c.closed_at),
    )
    return {about: (closed_at, mean >= SATISFIED_FROM) for about, closed_at, mean in reversed(rows)}


async def _ways(
    session: AsyncSession,
    activities: Mapping[UUID, _Activity],
    stays: Mapping[UUID, Sequence[Stay]],
    measured: Mapping[UUID, tuple[datetime, bool]],
    calendars: Calendars,
) -> AsyncIterator[list[tuple[Cell, Way]]]:
    """Of each member and activity when they came to which step: those of some activities at a time."""
    keys = list(activities)
    for first in range(0, len(keys), AT_ONCE):
        some = keys[first : first + AT_ONCE]
        registered = _earliest(await _REGISTERED.all(session, ids=some))
        attended = _earliest(await _ATTENDED.all(session, ids=some))
        began = perf_counter()
        ways: list[tuple[Cell, Way]] = []
        for key, member in registered.keys() | attended.keys():
            activity = activities[key]
            theirs = [stay for stay in stays.get(member, ()) if _meets([(activity.first, activity.last)], stay)]
            if not theirs:
                continue
            there = attended.get((key, member))
            closed_at, well = measured.get(key, (None, False))
            moments = (
                _heard(activity, min(theirs)[0], calendars),
                # Who comes without a seat registers at the door.
                registered.get((key, member), there),
                there,
                closed_at if well else None,
            )
            ways.append((activity.cell, (member, moments)))
        yield ways
        # Others wait for this process, too: they have it for as long as this did.
        await asyncio.sleep(perf_counter() - began)


def _earliest(rows: Iterable[Any]) -> dict[tuple[UUID, UUID], datetime]:
    found: dict[tuple[UUID, UUID], datetime] = {}
    for key, member, at in rows:
        found[key, member] = min(at, found.get((key, member), at))
    return found


def _heard(activity: _Activity, joined_on: date, calendars: Calendars) -> datetime:
    """When a member heard of it: when it was announced or, of who joined later, when their first day began."""
    if joined_on <= activity.first:
        return activity.announced_at
    return Placing(calendars, [Period(joined_on, joined_on)]).begins


METRICS = [
    Metric(
        code="activity_funnel",
        version=1,
        unit="members",
        kind="funnel",
        title=Said("Activity funnel", "活动漏斗"),
        definition=Said(
            "Of the activities announced in the period and not cancelled: how many members were there while one of them was ahead (announced), registered for it or "
            "were waitlisted (registered), attended it (attended), and attended one that was rated 4 of 5 or better on average, by five or more (satisfied). Who comes "
            "without a registration registers at the door; speakers are left out. A member counts once at each step, and once for each kind, only if they came to the "
            "steps before with the same activity, in their order; what happened at one moment happened in the order of the steps. Who registered and cancelled has registered. "
            "`n` are those of the first step. Satisfied is null while none of the activities has been rated.",
            "针对周期内发布且未取消的活动：在活动开始前属于社群成员的人数（announced）、已报名或候补的人数（registered）、实际参加的人数（attended），以及参加了平均评分不低于 4 分"
            "（满分 5 分，至少五人评分）的活动的人数（satisfied）。未报名直接到场视为现场报名；分享人不计。每人在每一步只计一次，按类型细分时每类只计一次；须在同一活动上依次经过"
            "前面各步，同一时刻发生的按步骤顺序计。报名后取消仍计为已报名。`n` 为第一步人数。尚无活动获得评分时，satisfied 为空。",
        ),
        compute=activity_funnel,
        groups=frozenset({Group.KIND}),
        parts=STEPS,
        longest=LONGEST,
    )
]
