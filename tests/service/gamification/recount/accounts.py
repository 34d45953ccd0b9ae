"""What members have by the words of the specification, counted from the beginning, slowly. Uses nothing of the product.

Nothing here goes on from where it was: every figure is a sum over all that ever happened, so that no order can show in it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ONE = timedelta(days=1)
LADDER = (("sprout", 0), ("learner", 100), ("backbone", 500), ("expert", 1500))
"""As far as anybody climbs without somebody's decision."""


@dataclass(frozen=True)
class Version:
    """One version of a rule: `since` None is since ever. Points and xp are the same."""

    code: str
    trigger: str
    points: int
    since: datetime | None = None
    daily_cap: int | None = None
    weekly_cap: int | None = None
    least_length: int | None = None


@dataclass(frozen=True)
class Moment:
    """A deed other than a check-in; `removed` earns nothing, yet takes the room under a cap that it would have taken."""

    trigger: str
    at: datetime
    removed: bool = False


@dataclass
class Member:
    """Somebody, with all that they ever did."""

    name: str
    zone: str
    moments: list[datetime] = field(default_factory=list)
    deeds: list[Moment] = field(default_factory=list)


@dataclass
class Community:
    """What all members share. `days_off` and `workdays` are those that differ from the plain week."""

    zone: str
    day_starts_at: time
    workdays_only: bool
    days_off: frozenset[date]
    workdays: frozenset[date]
    members: list[Member]
    versions: list[Version]


# --- days ------------------------------------------------------------------------------------------------------------


class Clock:
    """The days of one zone. A day lasts from its beginning to that of the next; of equal beginnings the later date counts."""

    def __init__(self, zone: str, starts_at: time) -> None:
        self._zone = ZoneInfo(zone)
        self._starts_at = starts_at
        self._begun: dict[date, datetime] = {}

    def begins(self, day: date) -> datetime:
        """The first moment at which the clock on the wall shows the day's beginning, or would without a leap over it."""
        if day not in self._begun:
            wall = datetime.combine(day, self._starts_at)
            offsets = [(wall.replace(tzinfo=UTC) + step).astimezone(self._zone).utcoffset() for step in (-ONE, ONE)]
            moments = [(wall - offset).replace(tzinfo=UTC) for offset in offsets if offset is not None]
            shown = [each for each in moments if each.astimezone(self._zone).replace(tzinfo=None) == wall]
            self._begun[day] = min(shown) if shown else moments[0]
        return self._begun[day]

    def day(self, at: datetime) -> date:
        """The day of a moment."""
        guess = at.date()
        return max(day for day in (guess + n * ONE for n in range(-3, 4)) if self.begins(day) <= at)

    def exists(self, day: date) -> bool:
        """Whether the day ever was."""
        return self.begins(day) < self.begins(day + ONE)


# --- streaks ---------------------------------------------------------------------------------------------------------


@dataclass
class Streak:
    """How a member's days hang together, up to a last one."""

    current: int = 0
    longest: int = 0
    freezes: int = 0
    lengths: dict[date, int] = field(default_factory=dict)


def first_moments(member: Member, clock: Clock) -> dict[date, datetime]:
    """By day, the first moment at which somebody checked in."""
    first: dict[date, datetime] = {}
    for at in sorted(member.moments, reverse=True):
        first[clock.day(at)] = at
    return first


def streak_of(days: Sequence[date], clock: Clock, community: Community, today: date) -> Streak:
    """The streak over days in order, as it stands today."""
    streak = Streak()
    for number, day in enumerate(days, start=1):
        missed = _missed(days[number - 2], day, clock, community) if number > 1 else 0
        if missed == 1 and streak.freezes:
            streak.freezes -= 1
            missed = 0
        streak.current = streak.current + 1 if missed == 0 else 1
        streak.longest = max(streak.longest, streak.current)
        if number % 30 == 0 and streak.freezes < 2:
            streak.freezes += 1
        streak.lengths[day] = streak.current
    if days and today > days[-1]:
        missed = _missed(days[-1], today, clock, community)
        if missed > (1 if streak.freezes else 0):
            streak.current = 0
    return streak


def _missed(last: date, following: date, clock: Clock, community: Community) -> int:
    between = (last + n * ONE for n in range(1, (following - last).days))
    return sum(1 for day in between if clock.exists(day) and (not community.workdays_only or _works(day, community)))


def _works(day: date, community: Community) -> bool:
    return day in community.workdays or (day.weekday() < 5 and day not in community.days_off)


# --- what it earns ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """What somebody has by a rule at a moment, in points and in xp alike."""

    code: str
    at: datetime
    amount: int


@dataclass(frozen=True)
class _Deed:
    trigger: str
    at: datetime
    removed: bool
    length: int


def entries_of(member: Member, streak: Streak, first: Mapping[date, datetime], community: Community) -> list[Entry]:
    """What the member has earned: each rule goes through everything in the order in which it was done."""
    deeds = [_Deed("checkin.recorded", at, False, 0) for at in first.values()]
    deeds += [
        _Deed("streak.completed_week", first[day], False, length)
        for day, length in streak.lengths.items()
        if length % 7 == 0
    ]
    deeds += [_Deed(deed.trigger, deed.at, deed.removed, 0) for deed in member.deeds]
    days = Clock(community.zone, community.day_starts_at)
    found: list[Entry] = []
    for code in sorted({version.code for version in community.versions}):
        versions = [version for version in community.versions if version.code == code]
        found += _by_rule(versions, sorted(deeds, key=lambda deed: deed.at), days)
    return found


def _by_rule(versions: Sequence[Version], deeds: Sequence[_Deed], days: Clock) -> Iterator[Entry]:
    used: defaultdict[date, int] = defaultdict(int)
    for deed in deeds:
        version = next((v for v in reversed(versions) if v.since is None or v.since <= deed.at), None)
        if version is None or deed.trigger != version.trigger or deed.length < (version.least_length or 0):
            continue
        day = days.day(deed.at)
        monday = day - day.weekday() * ONE
        rooms = [version.points]
        if version.daily_cap is not None:
            rooms.append(version.daily_cap - used[day])
        if version.weekly_cap is not None:
            rooms.append(version.weekly_cap - sum(used[monday + n * ONE] for n in range(7)))
        amount = max(0, min(rooms))
        if len(rooms) > 1:
            used[day] += amount
        if amount and not deed.removed:
            yield Entry(version.code, deed.at, amount)


# --- levels and boards -----------------------------------------------------------------------------------------------


def level_of(xp: int) -> str:
    """The highest rung that the xp reaches."""
    return [code for code, asked in LADDER if xp >= asked][-1]


Board = list[tuple[str, int]]
"""Names and scores, the best first."""


def boards_of(entries: Mapping[str, Sequence[Entry]], ids: Mapping[str, str], clock: Clock) -> dict[str, Board]:
    """Every board that anybody stands on, by its kind and first day; `ids` decide between those who are equal."""
    scores: defaultdict[str, defaultdict[str, list[Entry]]] = defaultdict(lambda: defaultdict(list))
    for name, earned in entries.items():
        for entry in earned:
            day = clock.day(entry.at)
            for board in (
                f"day {day}",
                f"week {day - day.weekday() * ONE}",
                f"month {day.replace(day=1)}",
                "all_time",
            ):
                scores[board][name].append(entry)
    made: dict[str, Board] = {}
    for board, members in scores.items():
        totals = [(-sum(e.amount for e in each), max(e.at for e in each), ids[n], n) for n, each in members.items()]
        made[board] = [(name, -total) for total, _, _, name in sorted(totals) if total < 0]
    return made
