"""Faults 1 and 2 on the whole product: workers are killed while a thousand members come in, and their welcome goes out."""

import functools
import itertools
from datetime import timedelta

import pytest

from tests.support.processes import Processes
from tests.support.scale import scaled
from tests.support.waiting import eventually_sync
from tests.system.faults.books import count, rows, versions_told
from tests.system.restoring import found_company
from tests.system.stacks import STARTS, WAYS, Stack

pytestmark = [pytest.mark.fault(1, 2), pytest.mark.slow, pytest.mark.timeout(900)]

MEMBERS = 1000
KILLS = scaled(8, reduced=5)
"""A job that takes its worker down five times is given up, so an import cannot be killed as often as a relay."""
JOB_KILLS = 4
LEASE = timedelta(seconds=61)
WELCOMED = "SELECT count(*) FROM ledger_transfers WHERE rule_code = 'joined' AND currency = 'points'"


@pytest.mark.parametrize("way", WAYS)
def test_a_thousand_members_are_welcomed_once_each_however_often_workers_are_killed(way, tmp_path, processes):
    options = {"services": ["kafka", "gateway", "membership-worker", "gamification-worker"], "fsync": True}
    with STARTS[way](tmp_path / "stack", **(options if way == "distributed" else {})) as stack:
        company = found_company(stack)
        numbers = [f"{n:05}" for n in range(MEMBERS)]
        with stack.admin() as admin:
            people = "employee_no,display_name\n" + "".join(f"{number},员工{number}\n" for number in numbers)
            job = admin.upload("/v1/people/imports", people.encode())
            assert (job["state"], job["done"], job["failed"]) == ("succeeded", MEMBERS, 0), job
            answer = admin.client.post(
                "/v1/members/imports",
                params={"community_id": company.community_id},
                content=("employee_no\n" + "\n".join(numbers)).encode(),
                headers={"Content-Type": "text/csv"},
            )
            assert answer.status_code == 202, answer.text
        _kill(stack)
        with stack.admin() as admin:
            job = admin.until(answer.headers["Location"], lambda job: job["state"] != "running", patience=60)
            assert (job["state"], job["done"], job["failed"]) == ("succeeded", MEMBERS, 0), job
        # The owner of the community is welcome, too.
        eventually_sync(
            lambda: count(stack, "gamification", WELCOMED) > MEMBERS, timeout=60, interval=0.2, what="all welcome"
        )
        _everything_once(stack, processes)


def _kill(stack: Stack) -> None:
    """Kill the workers in turn, or the one process, each time when it has got a little further."""
    workers = itertools.cycle(["membership", "gamification"])
    members = "SELECT count(*) FROM members"
    for number in range(1, KILLS + 1):
        service = next(workers)
        progress = members if service == "membership" else WELCOMED
        wanted = MEMBERS * number // (KILLS + 1)
        if stack.product is not None and number >= JOB_KILLS:
            progress, service, wanted = members, "membership", MEMBERS
        reached = functools.partial(_reached, stack, service, progress, wanted)
        eventually_sync(reached, timeout=60, what=f"{wanted} in {service}")
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


def _everything_once(stack: Stack, processes: Processes) -> None:
    twice = rows(
        stack,
        "gamification",
        "SELECT member_id FROM ledger_transfers WHERE rule_code = 'joined' GROUP BY member_id HAVING count(*) <> 1",
    )
    assert twice == []
    assert count(stack, "gamification", WELCOMED) == MEMBERS + 1
    assert count(stack, "gamification", "SELECT count(*) FROM known_members") == MEMBERS + 1
    environment = {name: value for name, value in stack.environment().items() if name.startswith("QUNXUE_")}
    assert "No dead letters" in processes.run(["qunxue", "dead-letters", "list"], env=environment)
    assert "in order" in processes.run(["qunxue", "ledger", "verify"], env=environment)
    eventually_sync(
        lambda: count(stack, "membership", "SELECT count(*) FROM outbox") == 0, timeout=30, what="all is sent"
    )
    if stack.product is not None:
        assert stack.product.terminate() == 0
    told = versions_told(stack, "qunxue.membership", at_least=2 * MEMBERS + 2)
    assert len(told) >= 2 * MEMBERS + 2
    assert {
        subject: versions for subject, versions in told.items() if versions != list(range(1, len(versions) + 1))
    } == {}
