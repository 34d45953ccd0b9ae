"""Faults 1 and 2 on the whole product: workers are killed while a thousand members come in, and their welcome goes out."""

import functools
import itertools
from datetime import timedelta

import pytest

from tests.support.scale import scaled
from tests.support.waiting import eventually_sync
from tests.system.faults.books import count
from tests.system.faults.welcomed import WELCOMED, all_are_welcome, everything_once, let_in, people_of
from tests.system.stacks import STARTS, WAYS, Stack

pytestmark = [pytest.mark.fault(1, 2), pytest.mark.slow, pytest.mark.timeout(900)]

MEMBERS = 1000
KILLS = scaled(8, reduced=5)
"""A job that takes its worker down five times is given up, so an import cannot be killed as often as a relay."""
JOB_KILLS = 4
LEASE = timedelta(seconds=61)
IMPORTED = "SELECT count(*) FROM jobs WHERE kind = 'members.import' AND state = 'succeeded'"


@pytest.mark.parametrize("way", WAYS)
def test_a_thousand_members_are_welcomed_once_each_however_often_workers_are_killed(way, tmp_path, processes):
    options = {"services": ["kafka", "gateway", "membership-worker", "gamification-worker"], "fsync": True}
    with STARTS[way](tmp_path / "stack", **(options if way == "distributed" else {})) as stack:
        job = let_in(stack, people_of(MEMBERS))
        _kill(stack)
        all_are_welcome(stack, job, MEMBERS)
        everything_once(stack, processes, MEMBERS)


def _kill(stack: Stack) -> None:
    """Kill the workers in turn, or the one process, each time when it has got a little further."""
    workers = itertools.cycle(["membership", "gamification"])
    members = "SELECT count(*) FROM members"
    for number in range(1, KILLS + 1):
        service = next(workers)
        progress = members if service == "membership" else WELCOMED
        wanted = MEMBERS * number // (KILLS + 1)
        if stack.product is not None and number >= JOB_KILLS:
            # That all are in is not enough: until it has said so, the job can be killed once more.
            progress, service, wanted = IMPORTED, "membership", 1
        reached = functools.partial(_reached, stack, service, progress, wanted)
        eventually_sync(reached, what=f"{wanted} in {service}")
        if stack.compose is not None:
            worker = stack.compose.process(f"{service}-worker")
            worker.kill()
            worker.start()
        else:
            assert stack.product is not None
            stack.product.kill()
            stack.product.start()
            stack.product.ready_sync(f"{stack.url}/readyz")
        # The job's lease was the dead one's: it ends by the clock.
        stack.clock.advance(LEASE)


def _reached(stack: Stack, service: str, progress: str, wanted: int) -> bool:
    return count(stack, service, progress) >= wanted
