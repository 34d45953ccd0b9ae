"""Reading rules, the room they leave, and what became of deeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import Listing
from chassis.timers import Timer, Timers
from services.gamification.earning import awards, store
from services.gamification.earning.fold_rules import week_of
from services.gamification.earning.models import RecordedOccurrence
from services.gamification.earning.rulebook import Book
from services.gamification.earning.rules import Occurrence, Rule, RuleVersion
from services.gamification.earning.store import GrantKey

OUTCOMES_KEPT = timedelta(days=180)
ROWS_AT_ONCE = 20_000

timers = Timers()


@dataclass(frozen=True, slots=True)
class Room:
    """Points that a member can still earn by a rule; None without a cap."""

    today: int | None
    this_week: int | None


async def room_left(session: AsyncSession, book: Book, member_id: UUID, now: datetime) -> dict[str, Room]:
    """By rule code, for the rules that have a cap now."""
    today = book.calendars.day_of(now)
    shares = store.shares
    rows = await session.execute(
        select(shares.c.rule_code, shares.c.day, shares.c.counted).where(
            shares.c.member_id == member_id, shares.c.day.in_(week_of(today))
        )
    )
    by_day: dict[str, int] = {}
    by_week: dict[str, int] = {}
    for code, day, counted in rows:
        by_week[code] = by_week.get(code, 0) + counted
        if day == today:
            by_day[code] = counted
    rooms: dict[str, Room] = {}
    for code, rule in book.rules.items():
        version = rule.in_force(now)
        if version is None or (version.daily_cap is None and version.weekly_cap is None):
            continue
        week = None if version.weekly_cap is None else max(0, version.weekly_cap - by_week.get(code, 0))
        day_room = None if version.daily_cap is None else max(0, version.daily_cap - by_day.get(code, 0))
        rooms[code] = Room(today=_least(day_room, week), this_week=week)
    return rooms


def _least(*rooms: int | None) -> int | None:
    found = [room for room in rooms if room is not None]
    return min(found) if found else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule made of one occurrence."""

    occurrence: Occurrence
    rule_code: str
    rule_version: int
    wanted: tuple[int, int]
    paid: tuple[int, int]
    code: str | None


def deeds(member_id: UUID, source_id: UUID | None) -> Listing:
    """A member's occurrences, the latest first; or those of one message or deed, or of the thing that was made by it."""
    statement = select(RecordedOccurrence).where(col(RecordedOccurrence.member_id) == member_id)
    if source_id is not None:
        statement = statement.where(_of(source_id))
    order = (RecordedOccurrence.occurred_at, RecordedOccurrence.source_id, RecordedOccurrence.beneficiary)
    return Listing(statement, [col(column).desc() for column in order])


def _of(source_id: UUID) -> ColumnElement[bool]:
    # Whoever replied knows the id of the reply, and never that of the message that told of it.
    return or_(col(RecordedOccurrence.source_id) == source_id, col(RecordedOccurrence.target_id) == str(source_id))


async def outcomes_for(session: AsyncSession, book: Book, occurrences: Sequence[Occurrence]) -> list[Outcome]:
    """What became of each, rule by rule: what is paid joined with what was refused."""
    if not occurrences:
        return []
    member_id = occurrences[0].member_id
    live = await awards.live_awards(session, occurrences)
    told = await awards.outcomes_of(session, awards.spans_of(occurrences))
    states = await store.states_of(session, {target for each in occurrences for target in each.targets})
    found: list[Outcome] = []
    for occurrence in occurrences:
        removed = any(states.get(target, "counts") != "counts" for target in occurrence.targets)
        for rule in book.by_trigger.get(occurrence.trigger, ()):
            key = GrantKey(occurrence.source_id, member_id, rule.code)
            award, refusal = live.get(key), told.get(key)
            if refusal is not None:
                wanted, paid = (refusal.wanted_points, refusal.wanted_xp), (refusal.paid_points, refusal.paid_xp)
                found.append(Outcome(occurrence, rule.code, refusal.rule_version, wanted, paid, refusal.code))
            elif award is not None:
                version = _version(rule, award.rule_version, occurrence)
                code = "taken_back" if award.by_hand else "removed" if removed and not award.moved else None
                paid = (award.points, award.xp)
                wanted = version.wanted(occurrence)
                found.append(Outcome(occurrence, rule.code, version.version, wanted, paid, code))
            elif removed and rule.concerns(occurrence):
                version = rule.in_force(occurrence.occurred_at) or rule.current
                wanted = version.wanted(occurrence)
                found.append(Outcome(occurrence, rule.code, version.version, wanted, (0, 0), "removed"))
    return found


def _version(rule: Rule, number: int, occurrence: Occurrence) -> RuleVersion:
    then = rule.in_force(occurrence.occurred_at) or rule.current
    # The defaults of all editions have one number.
    of_number = [version for version in rule.versions if version.version == number]
    return then if then in of_number or not of_number else of_number[-1]


async def has_seen(session: AsyncSession, source_id: UUID) -> bool:
    """Whether any occurrence of the message or deed, or of the thing that was made by it, was recorded."""
    found = await session.execute(select(func.count()).select_from(RecordedOccurrence).where(_of(source_id)))
    return bool(found.scalar_one())


@timers.every(timedelta(hours=6), kind="earning.forget_outcomes")
async def forget_outcomes(session: AsyncSession, timer: Timer) -> None:
    """Forget why something was not paid after 180 days, a bounded number of rows at a time."""
    table = store.outcomes
    old = table.c.recorded_at < timer.now - OUTCOMES_KEPT
    doomed = select(table.c.source_id).where(old).limit(ROWS_AT_ONCE)
    await session.execute(delete(table).where(old, table.c.source_id.in_(doomed)))
