"""Faults 11 and 20 on activities: members come and give their seats back while the clock jumps, and while everything is told to end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.support.scale import scaled
from tests.support.waiting import eventually_sync
from tests.system.faults.books import count, rows, versions_told
from tests.system.faults.talking import Talk
from tests.system.journey import (
    ACCEPTED,
    KNOCKED_OUT,
    OWNER,
    WAITLISTED,
    Journey,
    activate,
    import_people,
    open_community,
)
from tests.system.stacks import STARTS, WAYS, Stack

pytestmark = [pytest.mark.fault(11, 20), pytest.mark.slow, pytest.mark.timeout(900)]

MEMBERS = (OWNER, ACCEPTED, WAITLISTED, KNOCKED_OUT)
SEATS = 2
BETWEEN = scaled(60, reduced=15)
"""Registrations between two faults."""
HOUR = timedelta(hours=1)
EXIT_SECONDS = 15


@dataclass
class Coming(Talk):
    """Members who register for an activity with fewer seats than there are members, and give up again what they got."""

    held: dict[str, str] = field(default_factory=dict)
    """By member, the registration that was acknowledged and not yet given up."""

    def say(self, client: httpx.Client, number: str, count: int) -> int:
        if number in self.held:
            answer = client.post(f"/v1/registrations/{self.held[number]}/cancel")
            if answer.status_code == 200:
                with self.lock:
                    del self.held[number]
            return 201 if answer.status_code == 200 else answer.status_code
        answer = client.post("/v1/registrations", json={"activity_id": self.discussion_id})
        if answer.status_code in {200, 201}:
            with self.lock:
                self.held[number] = answer.json()["id"]
                self.said[f"{number} {count}"] = answer.json()["status"]
            return 201
        return answer.status_code


@pytest.mark.parametrize("way", WAYS)
def test_seats_are_right_and_told_in_order_though_the_clock_jumps_and_everything_ends(way, tmp_path, processes):
    options = {"services": ["kafka", "gateway", "membership-api", "membership-worker", "events-api", "events-worker"]}
    with STARTS[way](tmp_path / "stack", **(options if way == "distributed" else {})) as stack:
        coming = _prepared(stack)
        with coming.going_on():
            for fault in _faults(stack):
                coming.more(BETWEEN)
                fault()
            coming.more(BETWEEN)
        _seats_are_right(stack, coming)
        _told_in_order(stack)


def _prepared(stack: Stack) -> Coming:
    journey = Journey(stack, stack.admin())
    import_people(journey)
    open_community(journey)
    activate(journey)
    numbers = "employee_no\n" + "\n".join(MEMBERS[1:])
    job = journey[OWNER].upload("/v1/members/imports", numbers.encode(), community_id=journey.community_id)
    assert job["failed"] == 0, job
    starts = stack.clock.now() + timedelta(days=30)
    draft = {
        "community_id": journey.community_id,
        "kind": "workshop",
        "title": "怎么备课",
        "starts_at": starts.isoformat(),
        "ends_at": (starts + HOUR).isoformat(),
        "capacity": SEATS,
    }
    activity = journey[OWNER].post("/v1/activities", draft, expect=201)
    journey[OWNER].call("POST", f"/v1/activities/{activity['id']}/announce", expect=200, headers={"If-Match": "*"})
    journey.close()
    return Coming(stack, activity["id"], MEMBERS)


def _faults(stack: Stack) -> list[Callable[[], Any]]:
    clock = stack.clock.advance
    return [lambda: clock(HOUR), lambda: clock(-2 * HOUR), lambda: clock(HOUR), lambda: _ended_and_started(stack)]


def _ended_and_started(stack: Stack) -> None:
    """Tell whoever serves activities to end while members go on, and start them again."""
    if stack.compose is None:
        assert stack.product is not None
        assert stack.product.terminate(within=EXIT_SECONDS) == 0
        stack.product.start()
        stack.product.ready_sync(f"{stack.url}/readyz")
        return
    for name in ("events-api", "events-worker"):
        process = stack.compose.process(name)
        assert process.terminate(within=EXIT_SECONDS) == 0
        process.start()


def _seats_are_right(stack: Stack, coming: Coming) -> None:
    """No answer was a fault of ours; who was told that they have a registration has it; the counts are those of the rows."""
    assert [status for status in coming.refused if status >= 500 and status not in {502, 503, 504}] == []
    found = {
        str(key).replace("-", ""): status
        for key, status in rows(stack, "events", "SELECT id, status FROM registrations")
    }
    assert len(found) == len(MEMBERS)
    held = {key.replace("-", "") for key in coming.held.values()}
    assert {key for key in held if found[key] not in {"confirmed", "waitlisted"}} == set()
    seated, waiting = (sum(one == status for one in found.values()) for status in ("confirmed", "waitlisted"))
    assert rows(stack, "events", "SELECT confirmed, waiting FROM activities") == [(seated, waiting)]
    assert seated == min(SEATS, seated + waiting)


def _told_in_order(stack: Stack) -> None:
    """What events told has no gap and no step back; ends the product where it is one process."""
    eventually_sync(
        lambda: count(stack, "events", "SELECT count(*) FROM outbox") == 0, interval=0.2, what="all is sent"
    )
    told_of = count(stack, "events", "SELECT sum(messages_published) FROM registrations")
    if stack.product is not None:
        assert stack.product.terminate() == 0
    told = versions_told(stack, "qunxue.events", at_least=1 + told_of)
    gaps = {subject: versions for subject, versions in told.items() if versions != list(range(1, len(versions) + 1))}
    assert gaps == {}
