"""Who is a member, and of which department, against a plain look at each day: in whatever order it is told, and how often."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from chassis.days import local_day
from chassis.ids import new_id
from chassis.testing import SettableClock, received
from contracts.membership import MemberJoined, MemberLeft, MemberRoleChanged, PersonRegistered, PersonUpdated
from services.analytics.definition import definition
from services.analytics.metrics.rules import Grain, periods
from tests.service.analytics.counted import Counted
from tests.service.stage import NOON, OnStage

ZONE = "Europe/Berlin"
BEGIN = datetime(2024, 3, 25, 20, tzinfo=UTC)
"""Six days before the clocks are put forward."""
FIRST, LAST = date(2024, 3, 20), date(2024, 4, 30)


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Counted(harness)
        await stage.open(time_zone=ZONE)
        await stage.prepare()
        yield stage


@dataclass(frozen=True)
class State:
    """What somebody was from a moment on."""

    at: datetime
    present: bool
    department: str
    staff: bool


@dataclass
class Life:
    """A member, what became of them, and the messages that tell it."""

    who: OnStage
    states: list[State] = field(default_factory=list)
    messages: list[Any] = field(default_factory=list)
    joins: list[date] = field(default_factory=list)
    leaves: list[date] = field(default_factory=list)


def a_life(stage: Counted, random: Random, number: int) -> Life:
    life = Life(OnStage(new_id(), new_id(), f"L{number:04d}", stage.harness.anonymous()))
    at = BEGIN + timedelta(minutes=random.randint(0, 60 * 24 * 8))
    present, department, staff, joined_at = True, "D1", False, at

    def tell(whose: Any, data: Any) -> None:
        life.messages.append(received(data, occurred_at=at, version=stage._next(whose)))
        life.states.append(State(at, present, department, staff))

    def member(message: Any, **facts: Any) -> Any:
        roles = ("member", "operator") if staff else ("member",)
        return message(**stage._member(life.who, joined_at, roles=roles, **facts))

    tell(life.who.person_id, stage._person(PersonRegistered, life.who, None))
    tell(life.who.id, member(MemberJoined))
    life.joins.append(local_day(at, time_zone=ZONE))
    for _ in range(random.randint(0, 5)):
        at += timedelta(minutes=random.randint(1, 60 * 24 * 9))
        what = random.choice(["leave", "move", "role"] if present else ["join", "move"])
        if what == "leave":
            present, staff = False, False
            tell(life.who.id, member(MemberLeft, status="left"))
            life.leaves.append(local_day(at, time_zone=ZONE))
        elif what == "join":
            present, joined_at = True, at
            tell(life.who.id, member(MemberJoined))
            life.joins.append(local_day(at, time_zone=ZONE))
        elif what == "move":
            department = random.choice(["D1", "D2", "D3"])
            data = stage._person(PersonUpdated, life.who, None, department_code=department)
            tell(life.who.person_id, data)
        else:
            staff = not staff
            tell(life.who.id, member(MemberRoleChanged))
    return life


def at_the_end_of(life: Life, day: date) -> State | None:
    so_far = [state for state in life.states if local_day(state.at, time_zone=ZONE) <= day]
    return so_far[-1] if so_far else None


def on(life: Life, day: date) -> list[State]:
    """All that somebody was on a day: what they were when it began, and what they became on it."""
    before = at_the_end_of(life, day - timedelta(days=1))
    became = [state for state in life.states if local_day(state.at, time_zone=ZONE) == day]
    return [state for state in [before, *became] if state is not None and state.present]


@pytest.mark.parametrize("seed", range(5))
async def test_members_are_counted_as_a_look_at_each_day_finds_them(stage, seed):
    random = Random(seed)
    lives = [a_life(stage, random, number) for number in range(8)]
    pending = [message for life in lives for message in life.messages if message.occurred_at < NOON]
    for life in lives:
        life.states = [state for state in life.states if state.at < NOON]
    pending += random.sample(pending, len(pending) // 3)
    random.shuffle(pending)
    while pending:
        await stage.harness.deliver(*(pending.pop() for _ in range(min(len(pending), 7))))

    for grain in Grain:
        found = periods(FIRST, LAST, grain)
        query = {"from_": FIRST.isoformat(), "to": LAST.isoformat(), "grain": grain.value}
        for staff in (False, True):
            expected = {}
            for period in found:
                for life in lives:
                    state = at_the_end_of(life, min(period.ends_on, NOON.date()))
                    if state is not None and state.present and (staff or not state.staff):
                        key = (period.starts_on.isoformat(), state.department)
                        expected[key] = expected.get(key, 0) + 1
                if staff:
                    # Who reads it has been there all the time.
                    key = (period.starts_on.isoformat(), "D1")
                    expected[key] = expected.get(key, 0) + 1
            values = await stage.values("members", group_by="department", staff=staff, **query)
            assert {(one["from"], one["group"]): one["value"] for one in values} == expected, grain

        days = [[period.starts_on + timedelta(days=n) for n in range(period.days)] for period in found]
        there = [
            sum(any(not state.staff for day in some for state in on(life, day)) for life in lives) for some in days
        ]
        rates = await stage.values("activity_rate", **query)
        assert [one["n"] for one in rates] == there, grain

        for code, moments in (("joined", "joins"), ("left", "leaves")):
            moved = [day for life in lives for day in getattr(life, moments) if day <= NOON.date()]
            counted = [sum(day in period for day in moved) for period in found]
            assert [one["value"] for one in await stage.values(code, **query)] == counted, (code, grain)
