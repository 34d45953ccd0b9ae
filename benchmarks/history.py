"""A community's archive comes in, embedded: its CPU with people, roster and the points that follow, and what live requests wait beside it.

Members read lists and homes and write comments at a steady rate, first undisturbed, then while the archive comes into their community. Needs the
folder of real data (`QUNXUE_SHARED_DATA`); without it nothing is measured.

    python -m benchmarks.history
"""

import itertools
import math
import os
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil

from benchmarks.figures import Figure, end_with
from qunxue.archives import as_upload
from tests.system.api import Api
from tests.system.faults.talking import asked
from tests.system.journey import OWNER, Journey, activate, import_people, open_community
from tests.system.stacks import Stack, embedded

ARCHIVE = Path(os.environ.get("QUNXUE_SHARED_DATA", "../shared/data")) / "history-meta.ndjson.gz"
RATE = 20
"""Live requests a second."""
SECONDS = 10.0
CLIENTS = 8
CPU_MINUTES = 3.0
QUIETLY = {
    "slug": "history",
    "name": "往事",
    "visibility": "private",
    "time_zone": "Asia/Shanghai",
    "positioning": {"purpose": "culture", "statement": "不忘往事", "topics": ["往事"]},
    "charter": {"vision": "人人知往事", "values": [], "code_of_conduct": ["与人为善"]},
}
"""The community into which it comes while nobody is there."""
TO_REACH_MS = 2000.0
QUIET = 0.05
"""Of one processor: what follows is done."""
MOST_SECONDS = 300.0


def bring_in(api: Api, what: str, community_id: str | None) -> None:
    content, media_type = as_upload(ARCHIVE, what)
    params = {} if community_id is None else {"community_id": community_id}
    job = api.upload(f"/v1/{what}/imports", content, media_type, **params)
    assert (job["state"], job["failed"]) == ("succeeded", 0), job


def cpu_of(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def rest(process: psutil.Process) -> None:
    """Wait until what follows by message is done."""
    until = time.monotonic() + MOST_SECONDS
    while process.cpu_percent(2.0) / 100 > QUIET and time.monotonic() < until:
        pass


class Live:
    """Members who go on meanwhile."""

    def __init__(self, stack: Stack, tokens: Sequence[str], community_id: str, discussion_id: str) -> None:
        self._url, self._tokens, self._discussion_id = stack.url, tokens, discussion_id
        community = f"community_id={community_id}"
        self._reads = (f"/v1/discussions?{community}", f"/v1/me/home?{community}", f"/v1/articles?{community}")

    def waits(self, stop: threading.Event, most: float) -> list[float]:
        """How many milliseconds each request took, until it is told to stop."""
        numbers, began, found = itertools.count(), time.monotonic(), list[float]()

        def client(which: int) -> None:
            headers = {"Authorization": f"Bearer {self._tokens[which % len(self._tokens)]}"}
            with httpx.Client(base_url=self._url, headers=headers, timeout=30, trust_env=False) as api:
                while not stop.is_set() and time.monotonic() - began < most:
                    number = next(numbers)
                    time.sleep(max(0.0, began + number / RATE - time.monotonic()))
                    at = time.monotonic()
                    answer = self._ask(api, number)
                    found.append((time.monotonic() - at) * 1000)
                    assert answer.status_code < 300, answer.text

        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(client, range(CLIENTS)))
        return sorted(found)

    def _ask(self, api: httpx.Client, number: int) -> httpx.Response:
        if number % 4 == 3:
            body = {"discussion_id": self._discussion_id, "kind": "comment", "body": f"此时的第 {number} 条"}
            return api.post("/v1/replies", json=body)
        return api.get(self._reads[number % 4])


def p99(waits: Sequence[float]) -> float:
    return waits[max(0, math.ceil(len(waits) * 0.99) - 1)]


def run() -> list[Figure]:
    if not ARCHIVE.exists():
        return []
    with tempfile.TemporaryDirectory() as folder, embedded(Path(folder) / "stack") as stack:
        journey = Journey(stack, stack.admin())
        try:
            return measured(stack, journey)
        finally:
            journey.close()


def measured(stack: Stack, journey: Journey) -> list[Figure]:
    assert stack.product is not None
    process = psutil.Process(stack.product.pid)
    import_people(journey)
    open_community(journey)
    activate(journey)
    admin, owner = journey.admin, journey[OWNER]
    roster = "employee_no\n" + "\n".join(journey.people)
    owner.upload("/v1/members/imports", roster.encode(), community_id=journey.community_id)
    quiet = admin.post("/v1/communities", QUIETLY, expect=201)
    admin.post(f"/v1/communities/{quiet['id']}/open")
    rest(process)
    before = cpu_of(process)
    bring_in(admin, "people", None)
    for what in ("members", "archives"):
        bring_in(admin, what, quiet["id"])
    rest(process)
    minutes = (cpu_of(process) - before) / 60
    bring_in(owner, "members", journey.community_id)
    rest(process)
    tokens = [journey[number].tokens["access_token"] for number in journey.people]
    live = Live(stack, tokens, journey.community_id, asked(owner, journey.community_id))
    undisturbed = live.waits(threading.Event(), SECONDS)
    stop = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        beside = pool.submit(live.waits, stop, MOST_SECONDS)
        try:
            bring_in(owner, "archives", journey.community_id)
        finally:
            stop.set()
        waits = beside.result()
    return [
        Figure(
            "CPU of an archive of 4,658 texts with 2,294 people and the points that follow, embedded",
            f"{minutes:.2f} min",
            "",
            minutes,
            CPU_MINUTES,
            "most",
            "min",
        ),
        Figure(
            "live requests while that archive is imported, p99, embedded",
            f"{p99(waits):.0f} ms ({len(waits)} requests, {RATE} a second)",
            f"undisturbed {p99(undisturbed):.0f} ms",
            p99(waits),
            TO_REACH_MS,
            "most",
            "ms",
        ),
    ]


def main() -> None:
    end_with(run())


if __name__ == "__main__":
    main()
