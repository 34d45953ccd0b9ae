"""Seats and doors: 1,000 who register at once for 100 seats, and 500 who come through one door within five minutes, on both databases.

One API process is asked over the network by four others. Measured is its processor time. Who registers is compared with a bare insert of
the same row under the same lock, without a log-in, a permission or a message; who comes (a ticket for the code, then the check-in) with
`GET /livez`. The five minutes are gone through ten times as fast.

    python -m benchmarks.seats [MEMBERS]
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import insert, select, update
from sqlmodel import col

from benchmarks.asking import Answers, ask_at_once
from benchmarks.figures import Figure, end_with
from benchmarks.servers import served
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.testing import Harness
from services.events.activities.models import Activity
from services.events.definition import definition
from services.events.registrations.models import Registration
from tests.service.stage import OnStage, Stage
from tests.support.postgres import PostgresServer

MEMBERS = 1000
SEATS = 100
COMING = 500
MINUTES = 0.5
"""Five, gone through ten times as fast."""
CLIENTS = 4
AT_ONCE = 16
"""Connections of each client."""
TO_REACH, TO_REACH_DOOR = 3.0, 30.0


# --- the processes that ask -----------------------------------------------------------------------------------------


def come(url: str, activity_id: str, owner: str, tokens: Sequence[str], minutes: float) -> Answers:
    """People who come one after another: each exchanges the code that is shown for a ticket, and checks in with it."""
    answers = Answers()

    async def one(place: int, token: str, client: httpx.AsyncClient) -> None:
        await asyncio.sleep(place / len(tokens) * minutes * 60)
        code = (await client.get(f"/v1/activities/{activity_id}/code", headers={"Authorization": owner})).json()["code"]
        began = time.perf_counter()
        exchanged = await client.post("/v1/attendances/tickets", json={"code": code})
        if not exchanged.is_success:
            answers.statuses[exchanged.status_code] += 1
            return
        body = {"ticket": exchanged.json()["ticket"], "walk_in": True}
        answer = await client.post("/v1/attendances", json=body, headers={"Authorization": token})
        answers.seconds.append(time.perf_counter() - began)
        answers.statuses[answer.status_code] += 1

    async def all_of_them() -> None:
        async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
            await asyncio.gather(*(one(place, token, client) for place, token in enumerate(tokens)))

    asyncio.run(all_of_them())
    return answers


# --- the process that answers ---------------------------------------------------------------------------------------


def bare_app(harness: Harness) -> FastAPI:
    """The same row under the same lock, and nothing around it."""
    app = FastAPI()
    # As many as there are connections: one that waits for its own gives up after a while.
    room = asyncio.Semaphore(8)

    @app.post("/bare", status_code=201)
    async def register(body: dict[str, UUID]) -> dict[str, str]:
        now, key = harness.clock(), new_id()
        async with room, harness.runtime.database.transaction() as session:
            wanted = col(Activity.id) == body["activity_id"]
            found = await session.execute(
                select(col(Activity.confirmed), col(Activity.waiting), col(Activity.queued))
                .where(wanted)
                .with_for_update()
            )
            confirmed, waiting, queued = found.one()
            seated = confirmed < SEATS
            row = Registration(
                id=key,
                community_id=body["community_id"],
                activity_id=body["activity_id"],
                member_id=body["member_id"],
                status="confirmed" if seated else "waitlisted",
                queued=None if seated else queued + 1,
                registered_at=now,
            )
            await session.execute(insert(Registration).values(row.model_dump()))
            counts = {"confirmed": confirmed + 1} if seated else {"waiting": waiting + 1, "queued": queued + 1}
            await session.execute(update(Activity).where(wanted).values(counts))
        return {"id": str(key)}

    return app


class Hall:
    """A community, its activities, and the processes that ask."""

    def __init__(self, harness: Harness, processes: ProcessPoolExecutor) -> None:
        self.harness = harness
        self.stage = Stage(harness)
        self.processes = processes
        self.owner: OnStage

    async def activity(self, **fields: Any) -> str:
        """An announced activity that starts in half an hour."""
        now = self.harness.clock()
        body = {
            "community_id": str(self.stage.community_id),
            "kind": "sharing_session",
            "title": "怎么讲好一门课",
            "starts_at": (now + timedelta(minutes=30)).isoformat(),
            "ends_at": (now + timedelta(hours=3)).isoformat(),
        }
        made = (await self.owner.client.post("/v1/activities", json=body | fields)).json()
        path = f"/v1/activities/{made['id']}/announce"
        (await self.owner.client.post(path, headers={"If-Match": '"1"'})).raise_for_status()
        return str(made["id"])

    async def asked(
        self, work: Any, *arguments: Any, of: Sequence[Any], then: Sequence[Any] = ()
    ) -> tuple[Answers, float]:
        """What all clients were answered, and the milliseconds of CPU for each."""
        loop, began = asyncio.get_running_loop(), time.process_time()
        parts = [of[number::CLIENTS] for number in range(CLIENTS)]
        asked = [loop.run_in_executor(self.processes, partial(work, *arguments, part, *then)) for part in parts]
        done = await asyncio.gather(*asked)
        spent, answers = time.process_time() - began, Answers()
        for one in done:
            answers.add(one)
        return answers, spent / len(of) * 1000


async def measure(name: str, url: str, members: int) -> list[Figure]:
    settings = Settings(data_dir=Path(tempfile.mkdtemp()), secret_key=SecretStr("b" * 32))
    with ProcessPoolExecutor(CLIENTS, mp_context=get_context("spawn")) as processes:
        async with Harness(definition, settings, database_url=url, held=False) as harness:
            hall = Hall(harness, processes)
            await hall.stage.open()
            hall.owner = await hall.stage.member(roles=("owner",))
            people = await hall.stage.members(members)
            tokens = [one.client.headers["Authorization"] for one in people]
            async with served(harness.app) as address, served(bare_app(harness)) as bare:
                figure = await _registering(hall, name, (address, bare), list(zip(people, tokens, strict=True)))
                return [figure, await _coming(hall, name, address, tokens[:COMING])]


async def _registering(
    hall: Hall, name: str, addresses: tuple[str, str], people: Sequence[tuple[OnStage, str]]
) -> Figure:
    sides: list[tuple[Answers, float]] = []
    # The first of each is not measured: what is done for the first time takes longer.
    for some in (people[:40], people):
        activity_id, other = await hall.activity(capacity=SEATS), await hall.activity(capacity=SEATS)
        wanted = [(token, {"activity_id": activity_id}) for _, token in some]
        ours = await hall.asked(ask_at_once, addresses[0], "POST", "/v1/registrations", of=wanted)
        community = str(hall.stage.community_id)
        bare = [
            (token, {"activity_id": other, "community_id": community, "member_id": str(one.id)}) for one, token in some
        ]
        sides = [ours, await hall.asked(ask_at_once, addresses[1], "POST", "/bare", of=bare)]
    (answers, cpu), (_, bare_cpu) = sides
    if answers.statuses != {201: len(people)}:
        raise RuntimeError(f"not all were registered: {answers.statuses}")
    return Figure(
        f"{len(people):,} registrations at once for {SEATS} seats, CPU each, {name}",
        f"{cpu:.2f} ms (p99 {answers.p99:.0f} ms)",
        f"bare insert under the same lock {bare_cpu:.2f} ms",
        cpu / bare_cpu,
        TO_REACH,
        "most",
    )


async def _coming(hall: Hall, name: str, address: str, tokens: Sequence[str]) -> Figure:
    activity_id = await hall.activity()
    _, livez = await hall.asked(ask_at_once, address, "GET", "/livez", of=[(token, None) for token in tokens])
    owner = hall.owner.client.headers["Authorization"]
    answers, cpu = await hall.asked(come, address, activity_id, owner, of=tokens, then=[MINUTES])
    if answers.statuses != {201: len(tokens)}:
        raise RuntimeError(f"not all were let in: {answers.statuses}")
    return Figure(
        f"{len(tokens)} people through one door in five minutes, ten times as fast, CPU each, {name}",
        f"{cpu:.2f} ms (code, ticket and check-in; p99 {answers.p99:.0f} ms)",
        f"`GET /livez` {livez:.2f} ms",
        cpu / livez,
        TO_REACH_DOOR,
        "most",
    )


def run(members: int = MEMBERS) -> list[Figure]:
    """On both databases."""
    figures = []
    with PostgresServer() as server, tempfile.TemporaryDirectory() as folder:
        for name, url in (
            ("SQLite", f"sqlite+aiosqlite:///{folder}/events.db"),
            ("PostgreSQL", server.create_database("events")),
        ):
            figures += asyncio.run(measure(name, url, members))
    return figures


def main() -> None:
    end_with(run(int(sys.argv[1]) if len(sys.argv) > 1 else MEMBERS))


if __name__ == "__main__":
    main()
