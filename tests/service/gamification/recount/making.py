"""A random community: who checked in when, in which files that comes in, and which rules change meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from tests.service.gamification.recount.accounts import Community, Member, Moment, Version

ZONES = (
    "Asia/Shanghai",
    "America/New_York",
    "Pacific/Apia",
    "America/Havana",
    "Australia/Lord_Howe",
    "Europe/London",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "America/St_Johns",
    "Africa/Cairo",
    "America/Santiago",
)
"""Eleven: with clocks set back over midnight, by half an hour, and a date that never was."""
STARTS = (time(0), time(0), time(1, 30), time(4), time(0, 30))
FILES = 6
SIZES = ((3, 64), (3, 34), (3, 30), (3, 30))
"""Members and days: long enough for two freezes, or short."""
SPRING, AUTUMN, SKIPPED = date(2024, 2, 20), date(2024, 9, 10), date(2011, 12, 1)

DAYS_OFF = frozenset(
    date.fromisoformat(f"2024-{day}")
    for day in [
        "04-04",
        "04-05",
        "05-01",
        "05-02",
        "05-03",
        "06-10",
        "09-16",
        "09-17",
        "10-01",
        "10-02",
        "10-03",
        "10-04",
        "10-07",
    ]
)
WORKDAYS = frozenset(
    date.fromisoformat(f"2024-{day}") for day in ["04-07", "04-28", "05-11", "09-14", "09-29", "10-12"]
)
"""The notice of the State Council for 2024, from March on."""

YEARS_END = date(2026, 12, 7)
OFF_IN_2027 = ("01-01", "01-18", "01-19")
WORKED_IN_2027 = ("01-09", "01-16", "01-24")
"""As nobody knows it when the year begins; more than would be announced, so that it shows."""


def _in_2027(days: Sequence[str]) -> frozenset[date]:
    return frozenset(date.fromisoformat(f"2027-{day}") for day in days)


@dataclass
class Plan:
    """A community with everything that will have happened by `now`; `files` hold lines of member name and moment."""

    community: Community
    files: list[list[tuple[str, datetime]]]
    made_first: list[Version]
    made_between: list[Version]
    now: datetime


def plan_over_new_year(seed: int) -> Plan:
    """A community whose streaks are of workdays, from a year that is known into one that is not yet."""
    return plan(seed, first=YEARS_END, size=(3, 46))


def plan(seed: int, *, first: date | None = None, size: tuple[int, int] | None = None) -> Plan:
    """The community of a seed."""
    dice = Random(seed)
    zone = ZONES[seed % len(ZONES)]
    over_new_year = first is not None
    first = first or (SKIPPED if zone == "Pacific/Apia" else dice.choice((SPRING, AUTUMN)))
    begin = datetime.combine(first, time(0), tzinfo=UTC)
    number_of_members, days = size or SIZES[seed % len(SIZES)]
    members = [_member(dice, f"M{number}", zone, begin, days) for number in range(number_of_members)]
    half_way = begin + timedelta(days=days // 2, hours=dice.randrange(24), minutes=dice.randrange(60))
    made_first = [
        Version("checkin", "checkin.recorded", 5, weekly_cap=dice.choice((15, 22, 28))),
        Version("reply", "reply.posted", 2, daily_cap=7),
    ]
    made_between = [
        Version("checkin", "checkin.recorded", 5, since=half_way, weekly_cap=30),
        Version("early", "checkin.recorded", 3, since=begin + timedelta(days=10, hours=5)),
        Version("long", "streak.completed_week", 11, least_length=14),
    ]
    defaults = [
        Version("checkin", "checkin.recorded", 5),
        Version("streak_week", "streak.completed_week", 20),
        Version("reply", "reply.posted", 2, daily_cap=20),
    ]
    community = Community(
        zone=zone,
        day_starts_at=dice.choice(STARTS),
        # Of 2011 nobody here has the notice.
        workdays_only=over_new_year or (first is not SKIPPED and dice.random() < 0.5),
        days_off=DAYS_OFF | _in_2027(OFF_IN_2027),
        workdays=WORKDAYS | _in_2027(WORKED_IN_2027),
        members=members,
        versions=[*defaults, *made_first, *made_between],
    )
    files: list[list[tuple[str, datetime]]] = [[] for _ in range(FILES)]
    for member in members:
        for at in member.moments:
            for _ in range(1 + (dice.random() < 0.1)):
                dice.choice(files).append((member.name, at))
    for lines in files:
        dice.shuffle(lines)
    return Plan(community, files, made_first, made_between, begin + timedelta(days=days + 1, hours=dice.randrange(24)))


def _member(dice: Random, name: str, zone: str, begin: datetime, days: int) -> Member:
    # Some never miss, some now and then, some often; some travel, all write.
    faith = dice.choice((1.0, 0.97, 0.9, 0.6))
    member = Member(name, zone if dice.random() < 0.6 else dice.choice(ZONES))
    for day in range(2, days):
        if dice.random() < faith:
            for _ in range(dice.choice((1, 1, 1, 2, 3))):
                member.moments.append(_within(dice, begin, day))
        for _ in range(dice.choice((0, 0, 0, 1, 5))):
            member.deeds.append(Moment("reply.posted", _within(dice, begin, day), removed=dice.random() < 0.2))
    return member


def _within(dice: Random, begin: datetime, day: int) -> datetime:
    return begin + timedelta(days=day, seconds=dice.randrange(86_400))
