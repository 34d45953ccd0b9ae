"""Each metric against a plain count of the deeds that it is made of."""

from collections import Counter
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from chassis.testing import SettableClock
from services.analytics.definition import definition
from services.analytics.facts.verbs import ACTIVE, POSTS, READING, TAKING_PART, Verb
from services.analytics.metrics.frame import Asked, Group
from services.analytics.metrics.reading import METRICS, read
from services.analytics.metrics.rules import Grain, period_of, periods
from tests.service.analytics.counted import Counted
from tests.service.analytics.rolled_up import Deed, roll_up
from tests.service.stage import NOON

FIRST, LAST = date(2024, 2, 20), date(2024, 5, 5)
GONE = (Verb.SPENT_POINTS, Verb.POINTS_EXPIRED, Verb.LOST_POINTS)
VERBS = [
    Verb.CHECKED_IN,
    Verb.REPLIED,
    Verb.READ,
    Verb.EARNED_POINTS,
    Verb.STARTED_DISCUSSION,
    Verb.REACTED,
    Verb.GAVE_KUDOS,
    Verb.COMPLETED_PLAN,
    *GONE,
]
"""One of each class, and of what members get."""


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Counted(harness)
        await stage.open()
        await stage.prepare()
        yield stage


def some_deeds(random: Random, members: list[UUID]) -> list[Deed]:
    """Also of before and after the range."""
    return [
        Deed(
            day=FIRST + timedelta(days=random.randint(-150, 76)),
            verb=random.choice(VERBS),
            member_id=random.choice([*members, None]),
            department=random.choice(["D1", "D2", ""]),
            staff=random.random() < 0.3,
            value=random.choice([1.0, 5.0, -5.0]),
        )
        for _ in range(200)
    ]


def key(deed: Deed, grain: Grain | None, group_by: Group | None) -> tuple[date | None, str | None]:
    inside = FIRST <= deed.day <= LAST
    begins = (FIRST if inside else None) if grain is None else period_of(deed.day, grain).starts_on
    return begins, (deed.department or None) if group_by is Group.DEPARTMENT else None


class ByHand:
    """What the deeds come to, counted one by one."""

    def __init__(self, deeds: list[Deed], grain: Grain | None, group_by: Group | None, *, staff: bool) -> None:
        self.all = [deed for deed in deeds if deed.member_id is not None]
        self.deeds = [deed for deed in deeds if staff or not deed.staff]
        self.named = [deed for deed in self.deeds if deed.member_id is not None]
        self.key = lambda deed: key(deed, grain, group_by)
        self.grain: Any = grain

    def different(self, verbs):
        return Counter(
            cell for cell, _ in {(self.key(deed), deed.member_id) for deed in self.named if deed.verb in verbs}
        )

    def worth(self, verb):
        sums: Any = Counter()
        for deed in self.named:
            if deed.verb is verb:
                sums[self.key(deed)] += deed.value
        return sums

    def left(self, wanted):
        """What is left of points at the end of each period, of whomever."""
        return {
            (period.starts_on, None): sum(
                deed.value * (1 if deed.verb is Verb.EARNED_POINTS else -1)
                for deed in self.all
                if deed.day <= period.ends_on and deed.verb in {Verb.EARNED_POINTS, *GONE}
            )
            for period in wanted
        }

    def completed(self):
        checked_in = self.different({Verb.CHECKED_IN, Verb.COMPLETED_PLAN})
        return {cell: n / checked_in[cell] for cell, n in self.different({Verb.COMPLETED_PLAN}).items()}

    def count(self, verbs, *, named):
        return Counter(self.key(deed) for deed in (self.named if named else self.deeds) if deed.verb in verbs)

    def gini(self):
        wrote: dict = {}
        for deed in self.named:
            if deed.verb in POSTS:
                wrote.setdefault(self.key(deed), Counter())[deed.member_id] += 1
        return {cell: by_definition(list(amounts.values())) for cell, amounts in wrote.items()}

    def days_of(self, verbs):
        did = {(self.key(deed), deed.member_id, deed.day) for deed in self.named if deed.verb in verbs}
        return Counter(cell for cell, _, _ in did)

    def stickiness(self):
        active = self.different(ACTIVE)
        return {cell: n / (active[cell] * self.days_in(cell[0])) for cell, n in self.days_of(ACTIVE).items()}

    def checkin_rate(self, members):
        done = self.days_of({Verb.CHECKED_IN})
        return {cell: n / (members * self.days_in(cell[0])) for cell, n in done.items() if cell[0]}

    def days_in(self, begins):
        ends = LAST if self.grain is None else min(period_of(begins, self.grain).ends_on, NOON.date())
        return (ends - begins).days + 1

    def rolling(self, wanted, group_by):
        """Who was active in the 30 days until the end of each period, or until today."""
        found: Any = {}
        for period in wanted:
            until = min(period.ends_on, NOON.date())
            for deed in self.named:
                if deed.verb in ACTIVE and until - timedelta(days=29) <= deed.day <= until:
                    group = (deed.department or None) if group_by is Group.DEPARTMENT else None
                    found.setdefault((period.starts_on, group), set()).add(deed.member_id)
        return {cell: len(members) for cell, members in found.items()}

    def lives(self):
        """Without a breakdown."""
        ever: Any = {}
        for deed in self.named:
            if deed.verb in ACTIVE:
                ever.setdefault(deed.member_id, set()).add(period_of(deed.day, self.grain).starts_on)
        found: Counter = Counter()
        for lived in ever.values():
            for begins in lived:
                last = period_of(begins - timedelta(days=1), self.grain).starts_on
                what = "returning" if last in lived else "resurrected" if min(lived) < begins else "new"
                found[begins, what] += 1
                following = period_of(begins, self.grain).ends_on + timedelta(days=1)
                if following not in lived:
                    found[following, "dormant"] += 1
        return found


def by_definition(amounts: list[int]) -> float:
    """The mean difference of every two, of twice the mean."""
    mean = sum(amounts) / len(amounts)
    apart = sum(abs(one - other) for one in amounts for other in amounts)
    return apart / (2 * len(amounts) ** 2 * mean)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("grain", [*Grain, None])
@pytest.mark.parametrize("group_by", [None, Group.DEPARTMENT])
async def test_every_metric_is_what_one_counts_by_hand(stage, grain, group_by, seed):
    random = Random(seed)
    members = [one.id for one in await stage.members(4)]
    deeds = some_deeds(random, members)
    staff = seed == 0
    asked = Asked(stage.community_id, FIRST, LAST, NOON, NOON, grain, group_by, staff)
    hand = ByHand(deeds, grain, group_by, staff=staff)
    begins = {one.starts_on for one in periods(FIRST, LAST, grain)}

    async with stage.harness.runtime.database.transaction() as session:
        await roll_up(session, stage.community_id, deeds)

    async with stage.harness.runtime.database.reading() as session:

        async def holds(code: str, counted: dict, part: str | None = None) -> None:
            readings = [one for one in await read(session, METRICS[code], asked) if one.part == part]
            found = {(one.starts_on, one.group): one.value for one in readings if one.value}
            assert found == pytest.approx({cell: n for cell, n in counted.items() if n and cell[0] in begins}), code

        await holds("active_members_30_days", hand.rolling(periods(FIRST, LAST, grain), group_by))
        named = group_by is not None
        await holds("active_members", hand.different(ACTIVE))
        await holds("readers", hand.different(READING))
        await holds("points_issued", hand.worth(Verb.EARNED_POINTS))
        await holds("points_spent", hand.worth(Verb.SPENT_POINTS))
        await holds("plan_completion", hand.completed())
        await holds("posts", hand.count({Verb.STARTED_DISCUSSION}, named=named))
        await holds("replies", hand.count({Verb.REPLIED}, named=named))
        await holds("contribution_gini", hand.gini())
        if group_by is None and grain is not None:
            for part in ("new", "returning", "resurrected", "dormant"):
                lived = {(first, None): n for (first, what), n in hand.lives().items() if what == part}
                await holds("lifecycle", lived, part)
        if group_by is None:
            there = 4 + staff
            await holds("points_liability", hand.left(periods(FIRST, LAST, grain)))
            kudos = hand.count({Verb.GAVE_KUDOS}, named=True)
            await holds("kudos_density", {cell: n / there for cell, n in kudos.items()})
            await holds("activity_rate", {cell: n / there for cell, n in hand.different(ACTIVE).items()})
            await holds("participation", {cell: n / there for cell, n in hand.different(TAKING_PART).items()})
        if grain in {Grain.WEEK, Grain.MONTH, Grain.QUARTER}:
            await holds("stickiness", hand.stickiness())
        if group_by is None:
            await holds("checkin_rate", hand.checkin_rate(there))
