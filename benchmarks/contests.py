"""A contest of many: an answer that is saved, and a page of the live board, first and deep, among ten thousand competitors.

300 members save all their answers within the same minute. Everything is compared with `GET /livez` of the same
process, which is asked over the network by others; measured is its processor time. How many statements each takes is counted apart.

    python -m benchmarks.contests [COMPETITORS] [MEMBERS]
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
from pydantic import SecretStr

from assessment.frozen import document, fingerprint
from benchmarks.asking import Answers
from benchmarks.figures import Figure, end_with
from benchmarks.servers import served
from chassis.database.bulk import insert_many
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.testing import Harness
from services.events.activities.models import Activity
from services.events.contests.models import Contest, ContestCompetitor, ContestPaper
from services.events.definition import definition
from tests.service.events.competing import PAPER, paper
from tests.service.stage import OnStage, Stage
from tests.support.postgres import PostgresServer
from tests.support.statements import listening, recorded

COMPETITORS = 10_000
MEMBERS = 300
CLIENTS = 4
MINUTE = 60.0
LOOKING = 4
"""Connections of each client that looks at the board."""
PAGES = 400
DEEP = 80
"""How many pages lie before the deep one."""
TO_REACH_SAVE, TO_REACH_PAGE = 12.0, 12.0
MOST_TO_SAVE, MOST_OF_A_PAGE = 8.0, 8.0
"""Statements, whatever the size of a contest."""
DEVICE: dict[str, Any] = {"client_id": str(UUID(int=1))}


def look(url: str, path: str, tokens: Sequence[str]) -> Answers:
    """Members who each look at a page, some at the same moment."""
    answers, waiting = Answers(), iter(tokens)

    async def one(client: httpx.AsyncClient) -> None:
        for token in waiting:
            await _answered(client, answers, "GET", path, token)

    async def all_of_them() -> None:
        async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
            await asyncio.gather(*(one(client) for _ in range(LOOKING)))

    asyncio.run(all_of_them())
    return answers


async def _answered(
    client: httpx.AsyncClient, answers: Answers, method: str, path: str, token: str, body: Any = None
) -> None:
    """One request; who is told that the service is busy comes again, as the guide says."""
    began = time.perf_counter()
    while True:
        answer = await client.request(method, path, json=body, headers={"Authorization": token})
        if answer.status_code != 503 or "retry-after" not in answer.headers:
            break
        await asyncio.sleep(float(answer.headers["retry-after"]))
    answers.seconds.append(time.perf_counter() - began)
    answers.statuses[answer.status_code] += 1


def save(url: str, sheets: Sequence[tuple[str, str, int]]) -> Answers:
    """Members who each save one answer after the other, all of them within a minute."""
    answers, began = Answers(), time.monotonic()

    async def one(client: httpx.AsyncClient, place: int, token: str, attempt_id: str, count: int) -> None:
        for number in range(1, count + 1):
            due = began + MINUTE * (number - 1 + place / len(sheets)) / count
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            body = DEVICE | {"answers": [{"number": number, "sequence": number}]}
            await _answered(client, answers, "PUT", f"/v1/contest-attempts/{attempt_id}/answers", token, body)

    async def all_of_them() -> None:
        async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
            await asyncio.gather(*(one(client, place, *sheet) for place, sheet in enumerate(sheets)))

    asyncio.run(all_of_them())
    return answers


class Arena:
    """A contest under way, with everybody on its board, and the processes that ask."""

    def __init__(self, harness: Harness, processes: ProcessPoolExecutor) -> None:
        self.harness = harness
        self.stage = Stage(harness)
        self.processes = processes

    async def open(self, competitors: int) -> str:
        """A contest that goes on for hours, in which each answer shows at once."""
        now, kept = self.harness.clock(), document(paper())
        community_id = self.stage.community_id
        activity = Activity(
            community_id=community_id,
            kind="contest",
            mode="online",
            title="五月知识竞赛",
            starts_at=now,
            ends_at=now + timedelta(hours=8),
            time_zone="Asia/Shanghai",
            status="announced",
            announced_at=now,
            created_at=now,
        )
        times = {"opens_at": now - timedelta(minutes=1), "closes_at": now + timedelta(hours=8)}
        contest = Contest(
            community_id=community_id,
            activity_id=activity.id,
            paper_id=PAPER,
            paper_version=1,
            results_at=times["closes_at"],
            minutes=400,
            entry="members",
            teams_by="members",
            team_score="mean",
            answers_final=True,
            status="set",
            fingerprint=fingerprint(kept),
            created_at=now,
            **times,
        )
        key = contest.id
        frozen = ContestPaper(contest_id=key, revision=0, document=kept, fingerprint=fingerprint(kept))
        rows = [
            ContestCompetitor(
                contest_id=key,
                who_id=new_id(),
                on_board=True,
                score=place % 500,
                reached_at=now + timedelta(seconds=place),
                board_score=place % 500,
                board_reached_at=now + timedelta(seconds=place),
            ).model_dump()
            for place in range(competitors)
        ]
        async with self.harness.runtime.database.transaction() as session:
            for one in (activity, contest, frozen):
                session.add(one)
                await session.flush()
            await insert_many(session, ContestCompetitor.__table__, rows)  # type: ignore[attr-defined]
        return str(key)

    async def asked(self, work: Any, *arguments: Any, of: Sequence[Any]) -> tuple[Answers, float]:
        """What all clients were answered, and the milliseconds of CPU for each answer."""
        loop, began = asyncio.get_running_loop(), time.process_time()
        parts = [of[number::CLIENTS] for number in range(CLIENTS)]
        done = await asyncio.gather(
            *(loop.run_in_executor(self.processes, partial(work, *arguments, part)) for part in parts)
        )
        spent, answers = time.process_time() - began, Answers()
        for one in done:
            answers.add(one)
        if set(answers.statuses) != {200}:
            raise RuntimeError(f"not all was answered: {answers.told()}")
        return answers, spent / len(answers.seconds) * 1000


async def measure(name: str, url: str, competitors: int, members: int) -> list[Figure]:
    settings = Settings(data_dir=Path(tempfile.mkdtemp()), secret_key=SecretStr("b" * 32))
    with ProcessPoolExecutor(CLIENTS, mp_context=get_context("spawn")) as processes:
        async with Harness(definition, settings, database_url=url, held=False) as harness:
            arena = Arena(harness, processes)
            await arena.stage.open()
            people = await arena.stage.members(members)
            contest_id = await arena.open(competitors)
            sheets = [await _begun(one, contest_id) for one in people]
            async with served(harness.app) as address:
                asking = [people[place % members].client.headers["Authorization"] for place in range(PAGES)]
                figures = []
                # The first of each is not measured: what is done for the first time takes longer.
                await arena.asked(look, address, "/livez", of=asking)
                _, livez = await arena.asked(look, address, "/livez", of=asking)
                board = f"/v1/contests/{contest_id}/board?limit=20"
                token = people[0].client.headers["Authorization"]
                pages = (("first", board, asking), ("a deep", await _deep(address, board, token), [asking[0]] * PAGES))
                for which, path, of in pages:
                    await arena.asked(look, address, path, of=of[:40])
                    answers, cpu = await arena.asked(look, address, path, of=of)
                    what = f"{which} page of the live board among {competitors:,}, CPU each, {name}"
                    figures.append(_figure(what, answers, cpu, livez, TO_REACH_PAGE))
                answers, cpu = await arena.asked(save, address, of=sheets)
                what = f"an answer that is saved, of {members} members in the same minute, CPU each, {name}"
                return [*figures, _figure(what, answers, cpu, livez, TO_REACH_SAVE)]


async def counted(name: str, url: str, competitors: int) -> list[Figure]:
    """How many statements an answer takes that is saved, and a page of the board, once neither is the first."""
    settings = Settings(data_dir=Path(tempfile.mkdtemp()), secret_key=SecretStr("b" * 32))
    with listening(), ProcessPoolExecutor(1) as nobody:
        async with Harness(definition, settings, database_url=url, held=False) as harness:
            arena = Arena(harness, nobody)
            await arena.stage.open()
            [one] = await arena.stage.members(1)
            contest_id = await arena.open(competitors)
            _, attempt_id, _ = await _begun(one, contest_id)
            path, board = f"/v1/contest-attempts/{attempt_id}/answers", f"/v1/contests/{contest_id}/board"
            counts = []
            for number in (1, 2):
                answer = {"number": number, "sequence": number}
                with recorded() as saving:
                    (await one.client.put(path, json=DEVICE | {"answers": [answer]})).raise_for_status()
                with recorded() as reading:
                    (await one.client.get(board, params={"limit": 20})).raise_for_status()
                counts = [len(saving), len(reading)]
    return [
        Figure(f"statements of {what}, {name}", "", "", float(count), most, "most", "")
        for what, count, most in zip(
            ("an answer that is saved", f"a page of the live board among {competitors:,}"),
            counts,
            (MOST_TO_SAVE, MOST_OF_A_PAGE),
            strict=True,
        )
    ]


async def _begun(one: OnStage, contest_id: str) -> tuple[str, str, int]:
    body = DEVICE | {"contest_id": contest_id}
    sheet = (await one.client.post("/v1/contest-attempts", json=body)).raise_for_status().json()
    return one.client.headers["Authorization"], sheet["id"], len(sheet["questions"])


async def _deep(address: str, board: str, token: str) -> str:
    """The path of a page far down. A cursor belongs to who was given it."""
    path = board
    async with httpx.AsyncClient(base_url=address, trust_env=False, headers={"Authorization": token}) as client:
        for _ in range(DEEP):
            page = (await client.get(path)).json()
            if page["next"] is None:
                break
            path = f"{board}&cursor={page['next']}"
    return path


def _figure(what: str, answers: Answers, cpu: float, livez: float, to_reach: float) -> Figure:
    ours = f"{cpu:.2f} ms (p99 {answers.p99:.0f} ms)"
    return Figure(what, ours, f"`GET /livez` {livez:.2f} ms", cpu / livez, to_reach, "most")


def run(competitors: int = COMPETITORS, members: int = MEMBERS) -> list[Figure]:
    """On both databases."""
    figures = []
    with PostgresServer() as server, tempfile.TemporaryDirectory() as folder:
        for name, urls in (
            ("SQLite", [f"sqlite+aiosqlite:///{folder}/{one}.db" for one in ("events", "counted")]),
            ("PostgreSQL", [server.create_database(one) for one in ("events", "counted")]),
        ):
            figures += asyncio.run(measure(name, urls[0], competitors, members))
            figures += asyncio.run(counted(name, urls[1], competitors))
    return figures


def main() -> None:
    given = [int(one) for one in sys.argv[1:]]
    end_with(run(*given))


if __name__ == "__main__":
    main()
