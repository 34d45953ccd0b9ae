"""Role changes of one community while 59 decisions of another community's campaign come at once, on PostgreSQL: all 59 want one row.

One API process is asked over the network by two others: 20 operators who give and take roles, and who decides. The two sides
take turns, so that whatever else the machine does meets both. What the clients take of the machine is counted against us.

    python -m benchmarks.hot_row [ROUNDS]
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from sqlmodel import col, select

from benchmarks.asking import Answers
from benchmarks.figures import Figure, end_with
from benchmarks.servers import served
from chassis.settings import Settings
from chassis.testing import Harness
from services.membership.definition import definition
from services.membership.people.models import Person
from tests.service.membership.scene import Scene
from tests.support.postgres import PostgresServer

AT_ONCE = 59
CLIENTS = 20
PAUSE_SECONDS = 0.5
SECONDS = 5.0
ROUNDS = 4
TO_REACH = 2.0
PENDING = timedelta(days=7)
PASSWORD = "only for this benchmark"


# --- the two processes that ask -------------------------------------------------------------------------------------


def change_roles(url: str, operators: Sequence[tuple[str, str]], seconds: float) -> Answers:
    """Operators, each with a token and a member, who give the member a role and take it away again at their own pace."""
    answers = Answers()

    async def one(number: int, token: str, member_id: str, client: httpx.AsyncClient) -> None:
        headers = {"Authorization": token}
        end = time.monotonic() + seconds
        await asyncio.sleep(PAUSE_SECONDS * number / len(operators))
        granted = None
        while granted is not None or time.monotonic() < end:
            path = "/v1/role-grants" if granted is None else f"/v1/role-grants/{granted}/revoke"
            body = {"member_id": member_id, "role": "mentor"} if granted is None else None
            began = time.perf_counter()
            answer = await client.post(path, json=body, headers=headers)
            answers.seconds.append(time.perf_counter() - began)
            answers.statuses[answer.status_code] += 1
            if answer.is_success:
                granted = answer.json()["id"] if granted is None else None
            await asyncio.sleep(PAUSE_SECONDS)

    async def all_of_them() -> None:
        async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
            await asyncio.gather(*(one(number, *operator, client) for number, operator in enumerate(operators)))

    asyncio.run(all_of_them())
    return answers


def decide(url: str, token: str, applications: Sequence[str], decision: dict[str, str]) -> Answers:
    """Decisions that all come at once, after the role changes have begun."""
    answers = Answers()

    async def one(application: str, client: httpx.AsyncClient) -> None:
        path = f"/v1/applications/{application}/decide"
        answer = await client.post(path, json=decision, headers={"Authorization": token})
        answers.statuses[answer.status_code] += 1

    async def all_of_them() -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False, limits=limits) as client:
            await asyncio.gather(*(client.get("/livez") for _ in applications))
            await asyncio.sleep(SECONDS / 4)
            began = time.perf_counter()
            await asyncio.gather(*(one(application, client) for application in applications))
            answers.seconds.append(time.perf_counter() - began)

    asyncio.run(all_of_them())
    return answers


# --- the process that answers ---------------------------------------------------------------------------------------


async def measure(url: str, rounds: int) -> Figure:
    settings = Settings(
        data_dir=Path(tempfile.mkdtemp()), secret_key=SecretStr("b" * 32), admin_password=SecretStr(PASSWORD)
    )
    async with Harness(definition, settings, database_url=url, held=False) as harness:
        await definition.bootstrap(harness.runtime)
        async with harness.runtime.database.reading() as session:
            administrator = (await session.execute(select(col(Person.id)))).scalar_one()
        scene = Scene(harness, harness.as_person(administrator, platform=["admin"]))
        operators = await _operators(scene)
        applications = await _applications(scene)
        decider = scene.again("decider").headers["Authorization"]
        alone, beside, decided = Answers(), Answers(), Answers()
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as others:
            async with served(harness.app) as address:
                roles = partial(_elsewhere, others, change_roles, address, operators)
                await roles(1.0)  # what is done for the first time takes longer
                for round_ in range(rounds):
                    alone.add(await roles(SECONDS))
                    # Not released yet, so that they can be decided otherwise in the next round.
                    decision = {
                        "outcome": ("accepted", "rejected")[round_ % 2],
                        "reason": "x",
                        "release_at": (harness.clock() + PENDING).isoformat(),
                    }
                    at_once = _elsewhere(others, decide, address, decider, applications, decision)
                    disturbed, decisions = await asyncio.gather(roles(SECONDS), at_once)
                    beside.add(disturbed)
                    decided.add(decisions)
    took = sum(decided.seconds) / rounds
    return Figure(
        f"role changes beside {AT_ONCE} decisions of one campaign at once, p99",
        f"{beside.p99:.0f} ms ({beside.told()}; decisions {took:.1f} s, {decided.told()})",
        f"undisturbed {alone.p99:.0f} ms",
        beside.p99 / alone.p99,
        TO_REACH,
        "most",
    )


async def _operators(scene: Scene) -> list[tuple[str, str]]:
    """Twenty operators of one community, each with a member: tokens and ids."""
    community = await scene.community()
    found = []
    for number in range(CLIENTS):
        member = await scene.member(f"member {number}", community)
        operator = await scene.member(f"operator {number}", community)
        await scene.send(scene.again("owner"), "/v1/role-grants", {"member_id": operator["id"], "role": "operator"})
        found.append((scene.again(f"operator {number}").headers["Authorization"], member["id"]))
    return found


async def _applications(scene: Scene) -> list[str]:
    campaign = await scene.campaign(await scene.community(owner="decider"), owner="decider", quota=AT_ONCE)
    return [(await scene.apply(f"applicant {number}", campaign))["id"] for number in range(AT_ONCE)]


async def _elsewhere(others: Executor, work: Any, *arguments: Any) -> Answers:
    answers: Answers = await asyncio.get_running_loop().run_in_executor(others, work, *arguments)
    return answers


def run(rounds: int = ROUNDS) -> list[Figure]:
    """On PostgreSQL: SQLite has one writer for all rows."""
    with PostgresServer() as server:
        return [asyncio.run(measure(server.create_database("membership"), rounds))]


def main() -> None:
    end_with(run(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))


if __name__ == "__main__":
    main()
