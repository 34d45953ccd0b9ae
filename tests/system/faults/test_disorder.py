"""Fault 6: every message three times, shuffled across keys; the net state is that of the clean run."""

import random
from typing import Any

import pytest

from services.gamification.definition import definition
from tests.support.scale import scaled, seed
from tests.system.faults.history import History, in_order, shuffled
from tests.system.faults.net_state import differences, net_state
from tests.system.faults.playing import knows_the_present, play

pytestmark = [pytest.mark.fault(6), pytest.mark.slow, pytest.mark.timeout(1500)]

SEED = seed()
HAPPENINGS = scaled(1500, reduced=200)


async def clean(start_service, history: History) -> dict[str, Any]:
    async with start_service(definition) as harness:
        await knows_the_present(harness)
        await play(harness, history, in_order(history))
        return await net_state(harness)


async def disorderly(start_service, history: History, start: int, *, keys: bool = True, forget: float = 0.0) -> Any:
    chance = random.Random(start)
    async with start_service(definition) as harness:
        await knows_the_present(harness)
        await play(harness, history, shuffled(history, chance, keys=keys), chance=chance, forget=forget)
        return await net_state(harness)


async def test_every_message_three_times_in_disorder_ends_in_the_same_state(start_service, database, caplog):
    print(f"seed {SEED}")
    history = History(SEED, HAPPENINGS)
    expected = await clean(start_service, history)
    assert len(expected["paid"]) > 100
    assert len(expected["boards"]) > 20
    for shuffle in range(SEED, SEED + scaled(5, reduced=1)):
        found = await disorderly(start_service, history, shuffle)
        assert differences(expected, found) == {}, f"seed {shuffle}"
    # Right in the end, but slow: a batch that fails is applied one by one.
    assert "taken apart" not in caplog.text


async def test_also_in_no_order_at_all_and_when_the_inbox_has_forgotten(start_service, database):
    print(f"seed {SEED}")
    history = History(SEED, HAPPENINGS // 2)
    expected = await clean(start_service, history)
    found = await disorderly(start_service, history, SEED + 1, keys=False, forget=0.3)
    assert differences(expected, found) == {}
