"""How long members learn, and teach."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, cast, null, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import rows_of
from chassis.projections.history import calendars_of
from services.analytics.base import known
from services.analytics.facts.models import Fact, FactObject
from services.analytics.facts.verbs import Verb, numbers
from services.analytics.metrics.frame import PEOPLE, Asked, Group, Metric, Reading, Said, cells
from services.analytics.metrics.placing import Placing
from services.analytics.metrics.rules import Period
from services.analytics.metrics.tallies import PLACES, called
from services.analytics.processes.models import ActivityCourse, AttendanceCourse
from services.analytics.processes.store import table_of

PARTS = {"learnt": Verb.ATTENDED, "taught": Verb.SPOKE}
_FACTS, _THINGS = table_of(Fact), table_of(FactObject)
_ACTIVITIES, _ATTENDANCES = table_of(ActivityCourse), table_of(AttendanceCourse)


async def learning_hours(session: AsyncSession, asked: Asked, periods: Sequence[Period]) -> list[Reading]:
    """Hours of activities that began in each period."""
    placing = Placing((await calendars_of(session, [asked.community_id]))[asked.community_id], periods)
    best: dict[tuple[Period, str | None, int, UUID, UUID], float] = defaultdict(float)
    for row in await _attended(session, asked, placing):
        if (period := placing.of(row.starts_at)) is not None:
            group = str(row.group) if asked.group_by is Group.KIND and row.group else called(_plain(asked), row.group)
            key = (period, group, row.verb, row.id, row.member_id)
            # Somebody may have been recorded twice: what is more counts.
            best[key] = max(best[key], hours_of(row.starts_at, row.ends_at, row.extent, row.minutes, row.details))
    hours: dict[tuple[Period, str | None, int], float] = defaultdict(float)
    members: dict[tuple[Period, str | None, int], set[UUID]] = defaultdict(set)
    for (period, group, verb, _, member_id), some in best.items():
        hours[period, group, verb] += some
        members[period, group, verb] |= {member_id} if some else set()
    return [
        Reading(
            period.starts_on,
            period.ends_on,
            group,
            round(hours[period, group, verb], 2),
            len(members[period, group, verb]),
            part,
        )
        for period, group in cells(asked, periods, {(period, group) for period, group, _ in hours})
        for part, verb in PARTS.items()
    ]


def hours_of(
    begins: datetime, ends: datetime | None, extent: str | None, minutes: int, details: dict[str, Any]
) -> float:
    """An activity's hours of who was there for all of it, else the share of them by minutes. Pure."""
    whole = details.get("hours") or 0.0
    if extent == "full":
        return round(whole, 2)
    lasted = (ends - begins).total_seconds() / 60 if ends is not None else 0.0
    return round(whole * min(1.0, max(0, minutes) / lasted), 2) if lasted > 0 else 0.0


async def _attended(session: AsyncSession, asked: Asked, placing: Placing) -> list[Any]:
    place = PLACES.c
    source = (
        _ACTIVITIES.join(_ATTENDANCES, _ATTENDANCES.c.activity_id == _ACTIVITIES.c.id)
        .join(
            _FACTS,
            and_(
                _FACTS.c.key == _ATTENDANCES.c.id,
                _FACTS.c.verb.in_(numbers(PARTS.values())),
                ~_FACTS.c.voided,
                _FACTS.c.day.is_not(None),
            ),
        )
        .join(PLACES, place.id == _FACTS.c.place_id)
        .join(_THINGS, and_(_THINGS.c.kind == "activity", _THINGS.c.id == _ACTIVITIES.c.id))
    )
    if asked.group_by in {Group.COHORT, Group.CHANNEL}:
        source = source.outerjoin(known.members, known.members.c.id == _FACTS.c.member_id)
    return await rows_of(
        session,
        select(
            _ACTIVITIES.c.starts_at,
            _ACTIVITIES.c.ends_at,
            _ATTENDANCES.c.extent,
            _ATTENDANCES.c.minutes,
            _THINGS.c.details,
            _FACTS.c.verb,
            _FACTS.c.member_id,
            _ACTIVITIES.c.id,
            _group(asked.group_by).label("group"),
        )
        .select_from(source)
        .where(
            _ACTIVITIES.c.community_id == asked.community_id,
            _ACTIVITIES.c.starts_at >= placing.begins,
            _ACTIVITIES.c.starts_at < placing.ends,
            _ACTIVITIES.c.cancelled_at.is_(None),
            *([] if asked.staff else [~place.staff]),
        ),
    )


def _group(group_by: Group | None) -> ColumnElement[Any]:
    match group_by:
        case Group.DEPARTMENT:
            return PLACES.c.department_code
        case Group.JOB_GRADE:
            return PLACES.c.job_grade
        case Group.COHORT:
            return known.members.c.cohort_id
        case Group.CHANNEL:
            return known.members.c.channel
        case Group.KIND:
            return _ACTIVITIES.c.kind
    return cast(null(), String)


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
    ),
]
