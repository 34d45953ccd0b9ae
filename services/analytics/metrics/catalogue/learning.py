"""How long members learn, and teach."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from time import perf_counter
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, rows_of
from chassis.projections.history import calendars_of
from services.analytics.facts.models import Fact, FactObject
from services.analytics.facts.verbs import Verb, numbers
from services.analytics.metrics.frame import LONGEST, PEOPLE, Asked, Group, Metric, Reading, Said, cells
from services.analytics.metrics.placing import Placing
from services.analytics.metrics.rules import Period
from services.analytics.metrics.tallies import PLACES, called, people_column, with_groups
from services.analytics.processes.models import ActivityCourse, AttendanceCourse
from services.analytics.processes.store import table_of

PARTS = {"learnt": Verb.ATTENDED, "taught": Verb.SPOKE}
_FACTS, _THINGS = table_of(Fact), table_of(FactObject)
_ACTIVITIES, _ATTENDANCES = table_of(ActivityCourse), table_of(AttendanceCourse)
AT_ONCE = 64
"""Activities whose attendances are in memory together."""

_Row = tuple[Period, str | None, int]
"""A period, a breakdown value of it, and whether they learned or taught."""


async def learning_hours(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
    """Hours of activities that began in each period."""
    placing = Placing((await calendars_of(session, [asked.community_id]))[asked.community_id], periods)
    hours: defaultdict[_Row, float] = defaultdict(float)
    members: defaultdict[_Row, set[UUID]] = defaultdict(set)
    held = await _held(session, asked, placing)
    for first in range(0, len(held), AT_ONCE):
        some = {one.id: one for one in held[first : first + AT_ONCE]}
        rows = await _there(asked.group_by, staff=asked.staff).all(session, ids=list(some))
        began = perf_counter()
        for (row, _, member_id), spent in _best(asked, placing, some, rows).items():
            hours[row] += spent
            members[row] |= {member_id} if spent else set()
        # Others wait for this process, too: they have it for as long as this did.
        await asyncio.sleep(perf_counter() - began)
    return [
        Reading(
            period.starts_on,
            period.ends_on,
            group,
            round(hours[period, group, verb], 2),
            len(members[period, group, verb]),
            part,
        )
        for period, group in cells(asked, periods, [(period, group) for period, group, _ in hours])
        for part, verb in PARTS.items()
    ]


def _best(
    asked: Asked, placing: Placing, activities: Mapping[UUID, Any], rows: Iterable[Any]
) -> dict[tuple[_Row, UUID, UUID], float]:
    """The hours of each member with each of these activities."""
    best: defaultdict[tuple[_Row, UUID, UUID], float] = defaultdict(float)
    for row in rows:
        held = activities[row.activity_id]
        if (period := placing.of(held.starts_at)) is not None:
            by_kind = asked.group_by is Group.KIND and held.kind
            group = str(held.kind) if by_kind else called(_plain(asked), row.group)
            key = ((period, group, row.verb), held.id, row.member_id)
            # Somebody may have been recorded twice: what is more counts.
            best[key] = max(best[key], hours_of(held.starts_at, held.ends_at, row.extent, row.minutes, held.details))
    return best


def hours_of(
    begins: datetime, ends: datetime | None, extent: str | None, minutes: int, details: dict[str, Any]
) -> float:
    """An activity's hours of who was there for all of it, else the share of them by minutes. Pure."""
    whole = details.get("hours") or 0.0
    if extent == "full":
        return round(whole, 2)
    lasted = (ends - begins).total_seconds() / 60 if ends is not None else 0.0
    return round(whole * min(1.0, max(0, minutes) / lasted), 2) if lasted > 0 else 0.0


async def _held(session: AsyncSession, asked: Asked, placing: Placing) -> list[Any]:
    """The activities that began in these periods."""
    things = and_(_THINGS.c.kind == "activity", _THINGS.c.id == _ACTIVITIES.c.id)
    return await rows_of(
        session,
        select(_ACTIVITIES.c.id, _ACTIVITIES.c.kind, _ACTIVITIES.c.starts_at, _ACTIVITIES.c.ends_at, _THINGS.c.details)
        .select_from(_ACTIVITIES.join(_THINGS, things))
        .where(
            _ACTIVITIES.c.community_id == asked.community_id,
            _ACTIVITIES.c.starts_at >= placing.begins,
            _ACTIVITIES.c.starts_at < placing.ends,
            _ACTIVITIES.c.cancelled_at.is_(None),
        )
        .order_by(_ACTIVITIES.c.id),
    )


@cache
def _there(group_by: Group | None, *, staff: bool) -> Prepared[Any]:
    """Who came to some activities, or spoke there, for how long."""
    place = PLACES.c
    counted = and_(
        _FACTS.c.key == _ATTENDANCES.c.id,
        _FACTS.c.verb.in_(numbers(PARTS.values())),
        ~_FACTS.c.voided,
        _FACTS.c.day.is_not(None),
    )
    source = _ATTENDANCES.join(_FACTS, counted).join(PLACES, place.id == _FACTS.c.place_id)
    found = (
        select(
            _ATTENDANCES.c.activity_id,
            _ATTENDANCES.c.extent,
            _ATTENDANCES.c.minutes,
            _FACTS.c.verb,
            _FACTS.c.member_id,
            people_column(group_by, PLACES).label("group"),
        )
        .select_from(with_groups(source, _FACTS, group_by))
        .where(*([] if staff else [~place.staff]))
    )
    return Prepared(lambda on: found.where(on.among(_ATTENDANCES.c.activity_id, "ids")))


def _plain(asked: Asked) -> Group | None:
    return None if asked.group_by is Group.KIND else asked.group_by


METRICS = [
    Metric(
        code="learning_hours",
        version=1,
        unit="hours",
        kind="flow",
        title=Said("Learning hours", "学时"),
        definition=Said(
            "Learning hours of the activities that began in the period: who was there for all of one has its hours, who was there for a part of it "
            "that share of them, by minutes. `learnt` are those of who came, `taught` those of who spoke, apart; `n` is how many different members "
            "that were. An activity without hours gives none.",
            "周期内开始的活动的学时：全程参加者得该活动的全部学时，部分参加者按参加时长占比计。learnt 为参加者的学时，taught 为分享人的授课学时，分别统计；"
            "`n` 为不重复人数。未设学时的活动不计。",
        ),
        compute=learning_hours,
        groups=PEOPLE | {Group.KIND},
        parts=tuple(PARTS),
        longest=LONGEST,
    ),
]
