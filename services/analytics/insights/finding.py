"""Reading the figures that rules judge by: each rule one or two statements over rollups, for one community on one day."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import BigInteger, Table, and_, case, cast, exists, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from chassis.projections.members import LEFT_STATUSES
from services.analytics.base import known
from services.analytics.facts.dimensions import STAFF
from services.analytics.facts.models import FactObject, MemberDay, MemberPeriod, ObjectDay, Place, RollupGeneration
from services.analytics.facts.verbs import ACTIVE, Verb, numbers
from services.analytics.insights.finding_rules import (
    FEWEST_READERS,
    FEWEST_SEARCHES,
    FIRST_DAYS,
    MONTH,
    PATIENCE,
    RECRUITED_WITHIN,
    SEASON,
    SILENT_WEEKS,
    WEEKS_BEFORE,
    AtRisk,
    Code,
    Finding,
    inflated,
    left_unanswered,
    likely_to_leave,
    many_at_risk,
    monday_of,
    nobody_comes,
    nobody_finishes,
    not_found,
    recruits_vanish,
)
from services.analytics.metrics.spells import SPELLS

_MOST: Final = 500
"""Rows that one rule looks at."""
_WEEK = timedelta(weeks=1)

_objects: Table = FactObject.__table__  # type: ignore[attr-defined]
_days: Table = ObjectDay.__table__  # type: ignore[attr-defined]
_deeds: Table = MemberDay.__table__  # type: ignore[attr-defined]
_places: Table = Place.__table__  # type: ignore[attr-defined]
_periods: Table = MemberPeriod.__table__  # type: ignore[attr-defined]
_generations: Table = RollupGeneration.__table__  # type: ignore[attr-defined]
_members: Table = known.members

_GENERATION: Any = select(_generations.c.reading).scalar_subquery()
_COMMUNITY: Any = bindparam("community_id")
_FROM: Any = bindparam("from_day")


@dataclass(frozen=True, slots=True)
class Look:
    """A look at a community: its day, and the moment."""

    community_id: UUID
    today: date
    now: datetime


Find = Callable[[AsyncSession, Look], Awaitable[list[Finding]]]


def _summed(verb: Verb, *, staff_too: bool = False) -> Any:
    """How often each thing had this done since a day."""
    counted = [
        _days.c.generation == _GENERATION,
        _days.c.community_id == _COMMUNITY,
        _days.c.day >= _FROM,
        _days.c.verb == int(verb),
    ]
    if not staff_too:
        counted.append(~_days.c.staff)
    return (
        select(_days.c.about, cast(func.sum(_days.c.n), BigInteger).label("n")).where(*counted).group_by(_days.c.about)
    )


def _activities() -> Any:
    held = _summed(Verb.ACTIVITY_COMPLETED, staff_too=True).subquery()
    came = _summed(Verb.ATTENDED).subquery()
    return (
        select(
            _objects.c.sub_kind,
            func.count().label("activities"),
            cast(func.coalesce(func.sum(came.c.n), 0), BigInteger).label("attended"),
        )
        .select_from(_objects)
        .join(held, and_(held.c.about == _objects.c.id, held.c.n > 0))
        .outerjoin(came, came.c.about == _objects.c.id)
        .where(
            _objects.c.kind == "activity",
            _objects.c.community_id == _COMMUNITY,
            ~_objects.c.voided,
            _objects.c.sub_kind != "meeting",
        )
        .group_by(_objects.c.sub_kind)
    )


def _articles() -> Any:
    began, finished = _summed(Verb.READ).subquery(), _summed(Verb.FINISHED_READING).subquery()
    return (
        select(
            _objects.c.id,
            _objects.c.title,
            began.c.n.label("readers"),
            func.coalesce(finished.c.n, 0).label("finished"),
        )
        .select_from(_objects)
        .join(began, and_(began.c.about == _objects.c.id, began.c.n >= FEWEST_READERS))
        .outerjoin(finished, finished.c.about == _objects.c.id)
        .where(_objects.c.kind == "article", _objects.c.community_id == _COMMUNITY, ~_objects.c.voided)
        .order_by(began.c.n.desc(), _objects.c.id)
        .limit(_MOST)
    )


def _searches() -> Any:
    missed = _summed(Verb.MISSED_SEARCH, staff_too=True).subquery()
    return (
        select(_objects.c.id, _objects.c.title, missed.c.n.label("searches"))
        .select_from(_objects)
        .join(missed, and_(missed.c.about == _objects.c.id, missed.c.n >= FEWEST_SEARCHES))
        .where(_objects.c.kind == "search", _objects.c.community_id == _COMMUNITY)
        .order_by(missed.c.n.desc(), _objects.c.id)
        .limit(_MOST)
    )


def _questions() -> Any:
    answered = exists().where(
        _days.c.about == _objects.c.id,
        _days.c.day >= _FROM,
        _days.c.generation == _GENERATION,
        _days.c.community_id == _COMMUNITY,
        _days.c.verb == int(Verb.REPLIED),
        _days.c.n > 0,
    )
    return select(func.count().label("asked"), func.count().filter(~answered).label("unanswered")).where(
        _objects.c.kind == "discussion",
        _objects.c.community_id == _COMMUNITY,
        ~_objects.c.voided,
        _objects.c.sub_kind.in_(["question", "help_request"]),
        _objects.c.at >= bindparam("from_at"),
        _objects.c.at < bindparam("until"),
    )


def _weeks() -> Any:
    """Of each member who is here, in how many of the earlier weeks they were active, and how much they did in the latest."""
    late = _periods.c.starts_on >= bindparam("silent_from")
    did = _periods.c.deeds > 0
    return (
        select(
            _members.c.id,
            _members.c.roles,
            func.count(func.distinct(case((did & ~late, _periods.c.starts_on)))).label("before"),
            cast(func.coalesce(func.sum(case((late, _periods.c.deeds))), 0), BigInteger).label("late"),
        )
        .select_from(_periods)
        .join(_members, _members.c.id == _periods.c.member_id)
        .where(
            _periods.c.generation == _GENERATION,
            _periods.c.community_id == _COMMUNITY,
            _periods.c.grain == "week",
            _periods.c.starts_on >= _FROM,
            _members.c.status.not_in(sorted(LEFT_STATUSES)),
            ~_periods.c.staff,
        )
        .group_by(_members.c.id)
    )


def _channels() -> Any:
    stays = exists().where(
        _periods.c.generation == _GENERATION,
        _periods.c.community_id == _COMMUNITY,
        _periods.c.grain == "week",
        _periods.c.starts_on >= _FROM,
        _periods.c.member_id == _members.c.id,
        _periods.c.deeds > 0,
    )
    ran_it = exists().where(SPELLS.c.member_id == _members.c.id, SPELLS.c.staff)
    return (
        select(
            _members.c.channel,
            func.count().label("recruits"),
            func.count().filter(stays & _members.c.status.not_in(sorted(LEFT_STATUSES))).label("staying"),
        )
        .where(
            _members.c.community_id == _COMMUNITY,
            _members.c.channel.is_not(None),
            _members.c.joined_at >= bindparam("from_at"),
            _members.c.joined_at < bindparam("until"),
            ~ran_it,
        )
        .group_by(_members.c.channel)
    )


def _points() -> Any:
    late = _deeds.c.day >= bindparam("late_from")
    points = _deeds.c.verb == int(Verb.EARNED_POINTS)
    did = _deeds.c.verb.in_(numbers(ACTIVE)) & (_deeds.c.n > 0)

    def active(when: Any) -> Any:
        return func.count(func.distinct(case((did & when, _deeds.c.member_id))))

    return (
        select(
            func.coalesce(func.sum(case((points & late, _deeds.c.value))), 0).label("issued"),
            func.coalesce(func.sum(case((points & ~late, _deeds.c.value))), 0).label("issued_before"),
            active(late).label("active"),
            active(~late).label("active_before"),
        )
        .select_from(_deeds.join(_places, _places.c.id == _deeds.c.place_id))
        .where(
            _deeds.c.generation == _GENERATION,
            _deeds.c.community_id == _COMMUNITY,
            _deeds.c.day >= _FROM,
            _deeds.c.day < bindparam("today"),
            ~_places.c.staff,
        )
    )


_ACTIVITIES: Prepared[Any] = Prepared(_activities())
_ARTICLES: Prepared[Any] = Prepared(_articles())
_SEARCHES: Prepared[Any] = Prepared(_searches())
_QUESTIONS: Prepared[Any] = Prepared(_questions())
_WEEKS: Prepared[Any] = Prepared(_weeks())
_CHANNELS: Prepared[Any] = Prepared(_channels())
_POINTS: Prepared[Any] = Prepared(_points())
_LAST_ACTIVE: Prepared[Any] = Prepared(
    lambda on: (
        select(_deeds.c.member_id, func.max(_deeds.c.day))
        .where(
            on.among(_deeds.c.member_id, "ids"),
            _deeds.c.generation == _GENERATION,
            _deeds.c.day >= _FROM,
            _deeds.c.verb.in_(numbers(ACTIVE)),
            _deeds.c.n > 0,
        )
        .group_by(_deeds.c.member_id)
    )
)


async def activities(session: AsyncSession, look: Look) -> list[Finding]:
    """Kinds of activity that nobody comes to; meetings are for whom they are."""
    found = []
    for row in await _ACTIVITIES.all(session, community_id=look.community_id, from_day=look.today - SEASON):
        severity = nobody_comes(row.activities, row.attended)
        if severity is not None:
            average = row.attended / row.activities
            found.append(
                Finding(
                    "activities_nobody_comes_to",
                    severity,
                    {"activities": row.activities, "attended": row.attended, "attended_on_average": average},
                    slot=f"activities_nobody_comes_to {row.sub_kind}",
                    object_kind="activity_kind",
                    object_id=uuid5(look.community_id, f"activity kind {row.sub_kind}"),
                    title=row.sub_kind,
                    worst=-average,
                )
            )
    return found


async def articles(session: AsyncSession, look: Look) -> list[Finding]:
    """Articles that many begin and few finish."""
    found = []
    for row in await _ARTICLES.all(session, community_id=look.community_id, from_day=look.today - SEASON):
        severity = nobody_finishes(row.readers, row.finished)
        if severity is not None:
            found.append(
                Finding(
                    "content_nobody_finishes",
                    severity,
                    {"readers": row.readers, "finished": row.finished},
                    slot=f"content_nobody_finishes {row.id}",
                    object_kind="article",
                    object_id=row.id,
                    title=row.title,
                    worst=row.readers - row.finished,
                )
            )
    return found


async def searches(session: AsyncSession, look: Look) -> list[Finding]:
    """Topics that are searched for and not found."""
    found = []
    for row in await _SEARCHES.all(session, community_id=look.community_id, from_day=look.today - MONTH):
        severity = not_found(row.searches)
        if severity is not None:
            found.append(
                Finding(
                    "searches_without_answer",
                    severity,
                    {"searches": row.searches},
                    slot=f"searches_without_answer {row.id}",
                    object_kind="search",
                    object_id=row.id,
                    title=row.title,
                    worst=row.searches,
                )
            )
    return found


async def questions(session: AsyncSession, look: Look) -> list[Finding]:
    """Questions of the last weeks that waited long enough, and that nobody answered."""
    row = await _QUESTIONS.one(
        session,
        community_id=look.community_id,
        from_day=look.today - MONTH - timedelta(days=1),
        from_at=look.now - MONTH,
        until=look.now - PATIENCE,
    )
    severity = left_unanswered(row.asked, row.unanswered)
    if severity is None:
        return []
    figures = {"asked": row.asked, "unanswered": row.unanswered}
    return [Finding("questions_left_unanswered", severity, figures, slot="questions_left_unanswered")]


async def at_risk(session: AsyncSession, look: Look) -> tuple[int, list[AtRisk]]:
    """How many members were active before, and those of them who seem likely to leave, with when they last did something."""
    monday = monday_of(look.today)
    silent_from, since = monday - SILENT_WEEKS * _WEEK, monday - (SILENT_WEEKS + WEEKS_BEFORE) * _WEEK
    rows = await _WEEKS.all(session, community_id=look.community_id, from_day=since, silent_from=silent_from)
    plain = [row for row in rows if STAFF.isdisjoint(row.roles)]
    reasons = {row.id: likely_to_leave(_as_weeks(row)) for row in plain}
    ids = sorted(one for one, why in reasons.items() if why)
    last = dict(await _LAST_ACTIVE.all(session, ids=ids, from_day=since)) if ids else {}
    return sum(row.before > 0 for row in plain), [AtRisk(one, reasons[one], last.get(one)) for one in ids]


def _as_weeks(row: Any) -> list[int]:
    """Their deeds by week as far as a rule looks: which of the weeks before were the active ones does not matter."""
    return [row.late, *[0] * (SILENT_WEEKS - 1), *[1] * row.before]


def leavers(active_before: int, leaving: int) -> list[Finding]:
    """Many members who seem likely to leave."""
    severity = many_at_risk(active_before, leaving)
    if severity is None:
        return []
    figures = {"active_before": active_before, "at_risk": leaving}
    return [Finding("members_about_to_leave", severity, figures, slot="members_about_to_leave")]


async def channels(session: AsyncSession, look: Look) -> list[Finding]:
    """Channels whose recruits vanish in their first month."""
    rows = await _CHANNELS.all(
        session,
        community_id=look.community_id,
        from_day=monday_of(look.today) - MONTH,
        from_at=look.now - RECRUITED_WITHIN,
        until=look.now - FIRST_DAYS - MONTH,
    )
    recruits, staying = sum(row.recruits for row in rows), sum(row.staying for row in rows)
    found = []
    for row in rows:
        others, others_staying = recruits - row.recruits, staying - row.staying
        severity = recruits_vanish(row.recruits, row.staying, others, others_staying)
        if severity is not None:
            found.append(
                Finding(
                    "channel_recruits_vanish",
                    severity,
                    {
                        "recruits": row.recruits,
                        "staying": row.staying,
                        "others": others,
                        "others_staying": others_staying,
                    },
                    slot=f"channel_recruits_vanish {row.channel}",
                    object_kind="channel",
                    object_id=uuid5(look.community_id, f"channel {row.channel}"),
                    title=row.channel,
                    worst=row.recruits - row.staying,
                )
            )
    return found


async def points(session: AsyncSession, look: Look) -> list[Finding]:
    """More points for each active member than in the weeks before."""
    row = await _POINTS.one(
        session,
        community_id=look.community_id,
        from_day=look.today - 2 * MONTH,
        late_from=look.today - MONTH,
        today=look.today,
    )
    severity = inflated(row.issued, row.active, row.issued_before, row.active_before)
    if severity is None:
        return []
    growth = (row.issued / row.active) / (row.issued_before / row.active_before)
    figures = {
        "issued": row.issued,
        "active": row.active,
        "issued_before": row.issued_before,
        "active_before": row.active_before,
        "growth": growth,
    }
    return [Finding("points_inflation", severity, figures, slot="points_inflation")]


FINDING: Final[Mapping[Code, Find]] = {  # but those whom it takes to tell of members, see `rounds`
    "activities_nobody_comes_to": activities,
    "content_nobody_finishes": articles,
    "searches_without_answer": searches,
    "questions_left_unanswered": questions,
    "channel_recruits_vanish": channels,
    "points_inflation": points,
}
