"""From the answer to a member's reply until the points for it are booked in gamification, embedded and distributed.

Members reply at a steady rate. At the rate that is wanted, or the highest below it at which the machine is not full: where it is, this
measures the machine's queue. Replies go through the gateway; what is booked is read from gamification's database every few milliseconds.

    python -m benchmarks.latency [embedded|distributed …]
"""

import itertools
import math
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import httpx
import psutil

from benchmarks.figures import Figure, end_with
from tests.support.waiting import eventually_sync
from tests.system.api import Api
from tests.system.faults.books import rows
from tests.system.faults.talking import asked
from tests.system.journey import OWNER, Journey, activate, import_people, open_community
from tests.system.stacks import STARTS, Stack, Way

RATES: dict[Way, Sequence[int]] = {"embedded": (50, 25, 12), "distributed": (50, 25, 12)}
"""Replies a second, the highest first; more than these, two processors do not bear beside a broker, a database and the clients."""
WANTED: dict[Way, int] = {"embedded": 50, "distributed": 200}
SECONDS = 8.0
FULL = 0.85
"""Of all processors; above it, replies wait for the machine."""
CLIENTS = 16
TO_REACH_MS = 300.0
LOOK_SECONDS = 0.005
BOOKED = "SELECT target_id FROM earning_occurrences WHERE trigger = 'reply.posted' AND beneficiary = 'author'"


class Watch:
    """When each reply was booked first, by its id."""

    def __init__(self, stack: Stack) -> None:
        self.booked: dict[UUID, float] = {}
        self._stack = stack
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._ends.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ends.wait(LOOK_SECONDS):
            found = rows(self._stack, "gamification", BOOKED)
            now = time.monotonic()
            for (key,) in found:
                self.booked.setdefault(UUID(str(key)), now)


def reply_at(rate: int, stack: Stack, tokens: Sequence[str], discussion_id: str) -> dict[UUID, float]:
    """When each reply was answered, by its id."""
    answered: dict[UUID, float] = {}
    numbers = itertools.count()
    began, total = time.monotonic() + 0.5, int(rate * SECONDS)

    def client(which: int) -> None:
        headers = {"Authorization": f"Bearer {tokens[which % len(tokens)]}"}
        with httpx.Client(base_url=stack.url, headers=headers, timeout=30, trust_env=False) as api:
            while (number := next(numbers)) < total:
                time.sleep(max(0.0, began + number / rate - time.monotonic()))
                body = {"discussion_id": discussion_id, "kind": "comment", "body": f"{rate} 之 {number}"}
                answer = api.post("/v1/replies", json=body)
                if answer.status_code == 201:
                    answered[UUID(answer.json()["id"])] = time.monotonic()

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(client, range(CLIENTS)))
    return answered


def measured(way: Way, stack: Stack, tokens: Sequence[str], owner: Api, community_id: str) -> Figure:
    """At the highest of the rates that the machine bears."""
    for rate in RATES[way]:
        discussion_id = asked(owner, community_id)
        with Watch(stack) as watch:
            psutil.cpu_percent()
            answered = reply_at(rate, stack, tokens, discussion_id)
            busy = psutil.cpu_percent() / 100
            eventually_sync(_all(watch, answered), what="all replies are booked")
        if busy < FULL and len(answered) == int(rate * SECONDS):
            break
    waits = sorted(max(0.0, watch.booked[key] - at) * 1000 for key, at in answered.items())
    p99 = waits[max(0, math.ceil(len(waits) * 0.99) - 1)]
    return Figure(
        f"from a reply's answer to its points, p99, {way}",
        f"{p99:.0f} ms (median {waits[len(waits) // 2]:.0f} ms; {len(answered)} replies, {rate} a second; "
        f"{WANTED[way]} wanted; processors {busy:.0%} busy)",
        "",
        p99,
        TO_REACH_MS,
        "most",
        "ms",
    )


def _all(watch: Watch, answered: dict[UUID, float]) -> Callable[[], bool]:
    return lambda: answered.keys() <= watch.booked.keys()


def one(way: Way) -> Figure:
    with tempfile.TemporaryDirectory() as folder, STARTS[way](Path(folder) / "stack") as stack:
        journey = Journey(stack, stack.admin())
        try:
            import_people(journey)
            open_community(journey)
            activate(journey)
            owner = journey[OWNER]
            roster = "employee_no\n" + "\n".join(journey.people)
            owner.upload("/v1/members/imports", roster.encode(), community_id=journey.community_id)
            tokens = [journey[number].tokens["access_token"] for number in journey.people]
            return measured(way, stack, tokens, owner, journey.community_id)
        finally:
            journey.close()


def run(ways: Sequence[Way] = ("embedded", "distributed")) -> list[Figure]:
    return [one(way) for way in ways]


def main() -> None:
    asked_for = [way for way in RATES if way in sys.argv[1:]] or list(RATES)
    end_with(run(asked_for))


if __name__ == "__main__":
    main()
