"""Role changes of one community while 59 decisions of another community's campaign come at once, on PostgreSQL: all 59 want one row.

The two sides take turns, so that whatever else the machine does meets both. Measured are whole requests (token, permission,
use case, messages, commit) without a network. All requests share one process and one processor, as those of one API process do.

    python -m benchmarks.hot_row [ROUNDS]
"""

import asyncio
import math
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlmodel import col, select

from benchmarks.figures import Figure
from chassis.settings import Settings
from chassis.testing import Harness
from services.membership.definition import definition
from services.membership.people.models import Person
from tests.service.membership.scene import Scene
from tests.support.postgres import PostgresServer

AT_ONCE = 59
CLIENTS = 20
PAUSE_SECONDS = 0.5
UNDISTURBED_SECONDS = 4.0
ROUNDS = 4
TO_REACH = 2.0
PENDING = timedelta(days=7)
PASSWORD = "only for this benchmark"


class RoleChanges:
    """20 clients, each of which gives somebody a role and takes it away again, at their own pace."""

    def __init__(self, scene: Scene, members: list[dict[str, Any]]) -> None:
        self._scene = scene
        self._members = members
        self.seconds: list[float] = []
        self.statuses: Counter[int] = Counter()

    async def run(self, until: asyncio.Event) -> None:
        await asyncio.gather(*(self._one(number, until) for number in range(len(self._members))))

    async def _one(self, number: int, until: asyncio.Event) -> None:
        client, body = self._scene.again("owner"), {"member_id": self._members[number]["id"], "role": "mentor"}
        await asyncio.sleep(PAUSE_SECONDS * number / len(self._members))
        granted = None
        while not until.is_set():
            began = time.perf_counter()
            if granted is None:
                answer = await client.post("/v1/role-grants", json=body)
            else:
                answer = await client.post(f"/v1/role-grants/{granted}/revoke")
            self.seconds.append(time.perf_counter() - began)
            self.statuses[answer.status_code] += 1
            if answer.is_success:
                granted = answer.json()["id"] if granted is None else None
            await asyncio.sleep(PAUSE_SECONDS)
        if granted is not None:
            await client.post(f"/v1/role-grants/{granted}/revoke")

    @property
    def p99(self) -> float:
        """Milliseconds."""
        return sorted(self.seconds)[math.ceil(len(self.seconds) * 0.99) - 1] * 1000


async def _applications(scene: Scene) -> list[dict[str, Any]]:
    campaign = await scene.campaign(await scene.community(owner="decider"), owner="decider", quota=AT_ONCE)
    return [await scene.apply(f"applicant {number}", campaign) for number in range(AT_ONCE)]


async def measure(url: str, rounds: int) -> Figure:
    settings = Settings(
        data_dir=Path(tempfile.mkdtemp()), secret_key=SecretStr("b" * 32), admin_password=SecretStr(PASSWORD)
    )
    async with Harness(definition, settings, database_url=url, held=False) as harness:
        await definition.bootstrap(harness.runtime)
        async with harness.runtime.database.reading() as session:
            administrator = (await session.execute(select(col(Person.id)))).scalar_one()
        scene = Scene(harness, harness.as_person(administrator, platform=["admin"]))
        community = await scene.community()
        members = [await scene.member(f"member {number}", community) for number in range(CLIENTS)]
        applications = await _applications(scene)
        alone, beside = RoleChanges(scene, members), RoleChanges(scene, members)
        decided: Counter[int] = Counter()
        took = 0.0
        for round_ in range(rounds):
            over = asyncio.Event()
            asyncio.get_running_loop().call_later(UNDISTURBED_SECONDS, over.set)
            await alone.run(over)
            over = asyncio.Event()
            others = asyncio.create_task(beside.run(over))
            await asyncio.sleep(PAUSE_SECONDS)
            decision = {"outcome": ("accepted", "rejected")[round_ % 2], "reason": "x"}
            # Not released yet, so that they can be decided otherwise in the next round.
            decision["release_at"] = (harness.clock() + PENDING).isoformat()
            began = time.perf_counter()
            client = scene.again("decider")
            paths = [f"/v1/applications/{application['id']}/decide" for application in applications]
            answers = await asyncio.gather(*(client.post(path, json=decision) for path in paths))
            took += time.perf_counter() - began
            decided.update(answer.status_code for answer in answers)
            over.set()
            await others
    return Figure(
        f"role changes beside {AT_ONCE} decisions of one campaign at once, p99",
        f"{beside.p99:.0f} ms ({_told(beside.statuses)}; decisions {took / rounds:.1f} s, {_told(decided)})",
        f"undisturbed {alone.p99:.0f} ms",
        beside.p99 / alone.p99,
        TO_REACH,
        "most",
    )


def _told(statuses: Counter[int]) -> str:
    return ", ".join(f"{number} × {status}" for status, number in sorted(statuses.items()))


def run(rounds: int = ROUNDS) -> list[Figure]:
    """On PostgreSQL: SQLite has one writer for all rows."""
    with PostgresServer() as server:
        return [asyncio.run(measure(server.create_database("membership"), rounds))]


def main() -> None:
    figures = run(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
    for figure in figures:
        print(figure.line())
    sys.exit(0 if all(figure.reached for figure in figures) else 1)


if __name__ == "__main__":
    main()
