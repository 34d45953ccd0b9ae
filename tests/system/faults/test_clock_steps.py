"""Fault 11 on the whole product: the clock is set an hour ahead, back, and behind, while members come in."""

import functools
from datetime import timedelta

import pytest

from tests.support.waiting import eventually_sync
from tests.system.faults.books import count
from tests.system.faults.welcomed import WELCOMED, all_are_welcome, everything_once, let_in, people_of
from tests.system.stacks import STARTS, WAYS, Stack

pytestmark = [pytest.mark.fault(11), pytest.mark.slow, pytest.mark.timeout(600)]

MEMBERS = 400
STEPS = [timedelta(hours=hours) for hours in (1, -1, -1, 1)]


@pytest.mark.parametrize("way", WAYS)
def test_an_hour_forth_or_back_loses_nothing_and_does_nothing_twice(way, tmp_path, processes):
    options = {"services": ["kafka", "gateway", "membership-worker", "gamification-worker"]}
    with STARTS[way](tmp_path / "stack", **(options if way == "distributed" else {})) as stack:
        job = let_in(stack, people_of(MEMBERS))
        for number, step in enumerate(STEPS, start=1):
            wanted = MEMBERS * number // (len(STEPS) + 1)
            reached = functools.partial(_are_welcome, stack, wanted)
            eventually_sync(reached, what=f"{wanted} are welcome")
            stack.clock.advance(step)
        all_are_welcome(stack, job, MEMBERS)
        everything_once(stack, processes, MEMBERS)


def _are_welcome(stack: Stack, wanted: int) -> bool:
    return count(stack, "gamification", WELCOMED) >= wanted
