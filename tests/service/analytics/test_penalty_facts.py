"""How many penalties there are, by what they are for: never of whom, and in whatever order it is told."""

from itertools import permutations

import pytest
from sqlalchemy import select
from sqlmodel import col

from chassis.ids import new_id
from chassis.testing import SettableClock, received
from contracts.conduct import PenaltyImposed, PenaltyLifted, PenaltyRevised
from services.analytics.base import penalties
from services.analytics.definition import definition
from services.analytics.facts.models import Fact
from services.analytics.facts.verbs import Verb
from tests.service.analytics.counting import Counting
from tests.service.stage import NOON

DAY = "2024-05-06"


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Counting(harness)
        await stage.open()
        yield stage


def revisions(stage, member, *, severity="serious"):
    state = {
        "community_id": stage.community_id,
        "penalty_id": new_id(),
        "case_id": new_id(),
        "member_id": member.id,
        "severity": severity,
        "since": NOON,
    }
    kinds = (PenaltyImposed, PenaltyRevised, PenaltyLifted)
    return [
        received(
            kind(revision=number, violation_points=0, undone=kind is PenaltyLifted, **state),
            occurred_at=NOON,
            version=number,
        )
        for number, kind in enumerate(kinds, start=1)
    ]


async def answers(stage):
    told = await stage.harness.published("penalty.applied")
    return [(one.data["revision"], one.data["undone"]) for one in told]


async def test_penalties_are_counted_by_severity_and_nobody_is_named(stage):
    one, other = await stage.members(2)
    for member, severity in ((one, "minor"), (one, "grave"), (other, "grave")):
        imposed, revised, _ = revisions(stage, member, severity=severity)
        await stage.harness.deliver(imposed, revised, times=2)
    counted = {verb: await stage.about(verb) for verb in (Verb.MINOR_PENALTY, Verb.SERIOUS_PENALTY, Verb.GRAVE_PENALTY)}
    assert {verb: [(day, about, n) for day, about, _, n, _ in days] for verb, days in counted.items()} == {
        Verb.MINOR_PENALTY: [(DAY, stage.community_id, 1)],
        Verb.SERIOUS_PENALTY: [],
        Verb.GRAVE_PENALTY: [(DAY, stage.community_id, 2)],
    }
    named = await stage.rows(select(col(Fact.member_id)).where(col(Fact.verb).in_([int(verb) for verb in counted])))
    assert set(named) == {(None,)}
    assert await answers(stage) == [(2, {})] * 3


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_one_that_is_lifted_counts_no_more_in_whatever_order_that_is_heard_of(stage, order):
    member = await stage.member()
    told = revisions(stage, member)
    for which in order:
        await stage.harness.deliver(told[which], times=2)
    assert await stage.about(Verb.SERIOUS_PENALTY) == []
    answered = await answers(stage)
    assert answered[-1] == (3, {"penalties": 1} if order[0] != 2 else {})
    assert len(answered) == len({revision for revision, _ in answered})
    async with stage.harness.runtime.database.reading() as session:
        (again,) = [message async for message in penalties.again(session, None)]
    assert again.event.model_dump()["revision"] == 3
