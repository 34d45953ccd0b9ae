"""A community whose members come in by import and are welcomed with points: a small chain through two services, and what must hold at its end."""

from collections.abc import Sequence

from tests.support.processes import Processes
from tests.support.waiting import eventually_sync
from tests.system.faults.books import count, rows, versions_told
from tests.system.restoring import found_company
from tests.system.stacks import Stack

WELCOMED = "SELECT count(*) FROM ledger_transfers WHERE rule_code = 'joined' AND currency = 'points'"


def people_of(members: int) -> list[str]:
    """Their employee numbers."""
    return [f"{n:05}" for n in range(members)]


def let_in(stack: Stack, numbers: Sequence[str]) -> str:
    """Import people, and begin to import them as members; returns where that job is."""
    company = found_company(stack)
    with stack.admin() as admin:
        people = "employee_no,display_name\n" + "".join(f"{number},员工{number}\n" for number in numbers)
        job = admin.upload("/v1/people/imports", people.encode())
        assert (job["state"], job["done"], job["failed"]) == ("succeeded", len(numbers), 0), job
        answer = admin.client.post(
            "/v1/members/imports",
            params={"community_id": company.community_id},
            content=("employee_no\n" + "\n".join(numbers)).encode(),
            headers={"Content-Type": "text/csv"},
        )
        assert answer.status_code == 202, answer.text
        return answer.headers["Location"]


def all_are_welcome(stack: Stack, job: str, members: int) -> None:
    """Wait until all are in and have their points."""
    with stack.admin() as admin:
        ended = admin.until(job, lambda job: job["state"] != "running")
        assert (ended["state"], ended["done"], ended["failed"]) == ("succeeded", members, 0), ended
    # The owner of the community is welcome, too.
    eventually_sync(lambda: count(stack, "gamification", WELCOMED) > members, interval=0.2, what="all welcome")


def everything_once(stack: Stack, processes: Processes, members: int) -> None:
    """Nobody was welcomed twice or forgotten, and what was told has no gap; ends the product where it is one process."""
    twice = rows(
        stack,
        "gamification",
        "SELECT member_id FROM ledger_transfers WHERE rule_code = 'joined' GROUP BY member_id HAVING count(*) <> 1",
    )
    assert twice == []
    assert count(stack, "gamification", WELCOMED) == members + 1
    assert count(stack, "gamification", "SELECT count(*) FROM known_members") == members + 1
    environment = {name: value for name, value in stack.environment().items() if name.startswith("QUNXUE_")}
    assert "No dead letters" in processes.run(["qunxue", "dead-letters", "list"], env=environment)
    assert "in order" in processes.run(["qunxue", "ledger", "verify"], env=environment)
    eventually_sync(
        lambda: count(stack, "membership", "SELECT count(*) FROM outbox") == 0, interval=0.2, what="all is sent"
    )
    if stack.product is not None:
        assert stack.product.terminate() == 0
    told = versions_told(stack, "qunxue.membership", at_least=2 * members + 2)
    assert len(told) >= 2 * members + 2
    assert {
        subject: versions for subject, versions in told.items() if versions != list(range(1, len(versions) + 1))
    } == {}
