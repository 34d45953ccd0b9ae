"""What members do earns what the rules give, whichever of what happens at once comes first."""

import asyncio
import random
from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.database.errors import is_transient
from chassis.ids import new_id
from chassis.messaging.dispatch import Dispatcher
from chassis.messaging.envelope import Batch
from chassis.security.caller import Caller
from chassis.testing import SettableClock
from chassis.testing.harness import _delivery
from services.gamification.definition import definition
from services.gamification.earning import rulemaking
from services.gamification.earning import service as earning
from services.gamification.earning.recounting import reach_of
from services.gamification.earning.rulebook import load_books, lock_rules
from services.gamification.earning.rules import Occurrence, RuleVersion
from services.gamification.ledger.verification import verify
from tests.service.gamification.deeds import an_article, removed
from tests.service.gamification.stage import NOON, Stage
from tests.service.gamification.test_earning import balance


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        await stage.open()
        yield stage
        async with harness.runtime.database.reading() as session:
            verdict = await verify(session)
        assert verdict.holds, verdict.faults


async def test_two_batches_about_the_same_wallets_do_not_wait_for_each_other_for_ever(stage):
    members = await stage.members(20)

    async def batch(seed):
        order = random.Random(seed).sample(members, len(members))
        deeds = [
            Occurrence(
                new_id(), "checkin.recorded", stage.community_id, one.id, NOON + timedelta(minutes=seed), "checkin", "c"
            )
            for one in order
        ]
        async with stage.harness.runtime.database.transaction() as session:
            await earning.record(session, deeds)

    await asyncio.gather(*(batch(seed) for seed in range(10)))
    for member in members:
        assert await balance(stage, member) == (50, 50)


async def test_a_rule_made_while_deeds_are_recorded_applies_to_all_of_them(stage):
    members = await stage.members(5)

    async def deeds(number):
        replies = [
            Occurrence(
                new_id(),
                "survey.answered",
                stage.community_id,
                one.id,
                NOON - timedelta(minutes=number),
                "survey",
                f"{number}",
            )
            for one in members
        ]
        async with stage.harness.runtime.database.transaction() as session:
            await earning.record(session, replies)

    async def rule():
        version = RuleVersion("survey", "survey.answered", points=8, xp=8, once_per="target")
        caller = Caller(kind="person", id=new_id(), session_id=new_id())
        async with stage.harness.runtime.database.transaction() as session:
            await lock_rules(session, stage.community_id)
            book = (await load_books(session, [stage.community_id]))[stage.community_id]
            session.add(rulemaking._row(stage.community_id, replace(version, version=1), caller, NOON))
            await session.flush()
            changed = book.with_version(replace(version, version=1))
            reach = await reach_of(session, stage.community_id, replace(version, version=1), changed, NOON)
            assert reach is not None
            await rulemaking._reach_back(session, reach, changed, dry_run=False)

    await asyncio.gather(*(deeds(n) for n in range(6)), rule(), *(deeds(n) for n in range(6, 12)))
    for member in members:
        assert await balance(stage, member) == (12 * 8, 12 * 8)


async def test_a_removal_racing_its_award_wins_in_the_end(stage):
    member = await stage.member()
    articles = [an_article(stage.community_id, member.id, at=NOON + timedelta(minutes=n)) for n in range(10)]
    rivals = [Dispatcher(stage.harness.runtime.database, definition.handlers, f"rival{n}") for n in range(2)]

    async def deliver(dispatcher, message):
        for _ in range(20):
            try:
                return await dispatcher.apply(Batch([_delivery(message, 0)], {}, {}))
            except Exception as error:
                if not is_transient(error):
                    raise
        raise AssertionError("never applied")

    await asyncio.gather(
        *(deliver(rivals[0], article) for article in articles),
        *(deliver(rivals[1], removed(article, at=NOON)) for article in articles),
    )
    assert await balance(stage, member) == (0, 0)
