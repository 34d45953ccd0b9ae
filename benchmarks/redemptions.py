"""Rewards for points: 500 members who ask at once for 50 pieces of one reward, on both databases.

One API process is asked over the network by two others. Measured is its processor time. Who asks is compared with a bare insert of the
same row and its hold under the same two locks, without a log-in, a permission, a message or an audit entry. On PostgreSQL, others who
ask for rewards elsewhere meanwhile are not to notice: the two sides take turns, so that whatever else the machine does meets both.

    python -m benchmarks.redemptions [BUYERS [ROUNDS]]
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import insert, select, update
from sqlmodel import col

from benchmarks.asking import Answers, ask_at_once, buy, rush
from benchmarks.crowd import Crowd
from benchmarks.figures import Figure, end_with
from benchmarks.servers import served
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.testing import Harness
from services.gamification.definition import definition
from services.gamification.ledger.models import Hold, Wallet
from services.gamification.rewards.models import Redemption, Reward, RewardCommunity
from tests.support.postgres import PostgresServer

BUYERS = 500
PIECES = 50
COST = 8
CLIENTS = 2
OTHERS = 20
SECONDS = 5.0
ROUNDS = 4
TO_REACH, TO_REACH_BESIDE = 4.0, 2.0


# --- the process that answers ---------------------------------------------------------------------------------------


def bare_app(harness: Harness) -> FastAPI:
    """The same rows under the same locks, and nothing around them."""
    app = FastAPI()
    room = asyncio.Semaphore(8)

    @app.post("/bare", status_code=201)
    async def redeem(body: dict[str, UUID]) -> dict[str, str]:
        now, key, hold_id = harness.clock(), new_id(), new_id()
        async with room, harness.runtime.database.transaction() as session:
            reward, wallet = col(Reward.id) == body["reward_id"], col(Wallet.member_id) == body["member_id"]
            left = (await session.execute(select(col(Reward.stock_left)).where(reward).with_for_update())).scalar_one()
            held = (await session.execute(select(col(Wallet.held)).where(wallet).with_for_update())).scalar_one()
            if not left:
                return {"code": "sold_out"}
            row = Redemption(
                id=key,
                community_id=body["community_id"],
                member_id=body["member_id"],
                reward_id=body["reward_id"],
                reward_kind="physical",
                title="马克杯",
                cost=COST,
                fulfilment="manual",
                delivery="pickup",
                hold_id=hold_id,
                took_stock=True,
                decide_by=now,
                created_at=now,
            )
            hold = Hold(
                id=hold_id,
                community_id=body["community_id"],
                member_id=body["member_id"],
                amount=COST,
                object_kind="redemption",
                object_id=key,
                created_at=now,
                idempotency_key=new_id(),
            )
            await session.execute(insert(Redemption).values(row.model_dump()))
            await session.execute(insert(Hold).values(hold.model_dump()))
            await session.execute(update(Reward).where(reward).values(stock_left=left - 1))
            await session.execute(update(Wallet).where(wallet).values(held=held + COST))
        return {"id": str(key)}

    return app


class Shop:
    """A community whose members have points, its rewards, and the processes that ask."""

    def __init__(self, harness: Harness, processes: ProcessPoolExecutor, buyers: int) -> None:
        self.harness = harness
        self.processes = processes
        self.crowd = Crowd(harness, buyers + OTHERS)
        self.buyers = buyers

    async def open(self) -> None:
        await self.crowd.open("shop")
        await self.crowd.fill(points="100000")
        self.tokens = [
            self.harness.as_person(self.crowd.person(number)).headers["Authorization"]
            for number in range(1, self.buyers + OTHERS + 1)
        ]

    async def reward(self, stock: int | None) -> str:
        """Offer a reward, so many of it."""
        row = Reward(
            community_id=self.crowd.community_id,
            kind="physical",
            title="马克杯",
            cost=COST,
            stock_left=stock,
            fulfilment="manual",
            delivery="pickup",
            created_at=self.harness.clock(),
        )
        async with self.harness.runtime.database.transaction() as session:
            session.add(row)
            await session.flush()
            session.add(RewardCommunity(reward_id=row.id, community_id=self.crowd.community_id))
        return str(row.id)

    async def elsewhere(self, work: Any, *arguments: Any) -> Answers:
        """What one of the processes that ask was answered."""
        answers: Answers = await asyncio.get_running_loop().run_in_executor(self.processes, work, *arguments)
        return answers

    def asked_for(self, reward_id: str) -> dict[str, Any]:
        return {"reward_id": reward_id, "community_id": str(self.crowd.community_id), "cost_seen": COST}

    async def at_once(self, url: str, path: str, wanted: Sequence[tuple[str, dict[str, Any]]]) -> tuple[Answers, float]:
        """What all clients were answered, and the milliseconds of CPU for each."""
        loop, began = asyncio.get_running_loop(), time.process_time()
        parts = [wanted[number::CLIENTS] for number in range(CLIENTS)]
        asked = [loop.run_in_executor(self.processes, partial(ask_at_once, url, "POST", path, part)) for part in parts]
        answers = Answers()
        for one in await asyncio.gather(*asked):
            answers.add(one)
        return answers, (time.process_time() - began) / len(wanted) * 1000


async def _bought(shop: Shop, name: str, ours: str, bare: str) -> list[Figure]:
    """As many pieces as buyers, and 50 pieces for all of them; of each the first round is not measured."""
    sides: list[tuple[Answers, float]] = []
    for some in (40, shop.buyers):
        plenty, other = await shop.reward(some), await shop.reward(some)
        mine = [(token, shop.asked_for(plenty)) for token in shop.tokens[:some]]
        ids = {"reward_id": other, "community_id": str(shop.crowd.community_id)}
        bare_bodies = [
            (token, ids | {"member_id": str(shop.crowd.member(number))})
            for number, token in enumerate(shop.tokens[:some], 1)
        ]
        sides = [
            await shop.at_once(ours, "/v1/redemptions", mine),
            await shop.at_once(bare, "/bare", bare_bodies),
        ]
    (answers, cpu), (_, bare_cpu) = sides
    if answers.statuses != {201: shop.buyers}:
        raise RuntimeError(f"not all got one: {answers.statuses}")
    few = await shop.reward(PIECES)
    rush_answers, rush_cpu = await shop.at_once(
        ours, "/v1/redemptions", [(token, shop.asked_for(few)) for token in shop.tokens[: shop.buyers]]
    )
    if rush_answers.statuses != {201: PIECES, 409: shop.buyers - PIECES}:
        raise RuntimeError(f"not {PIECES} were sold: {rush_answers.statuses}")
    beside = f"bare insert under the same locks {bare_cpu:.2f} ms"
    return [
        Figure(
            f"a redemption, {shop.buyers:,} at once, CPU each, {name}",
            f"{cpu:.2f} ms (p99 {answers.p99:.0f} ms)",
            beside,
            cpu / bare_cpu,
            TO_REACH,
            "most",
        ),
        Figure(
            f"the same for {PIECES} pieces, {name}",
            f"{rush_cpu:.2f} ms (p99 {rush_answers.p99:.0f} ms)",
            beside,
            rush_cpu / bare_cpu,
            TO_REACH,
            "most",
        ),
    ]


async def _beside(shop: Shop, url: str, rounds: int) -> Figure:
    """Members who ask for another reward, alone and beside all who want one of 50 pieces."""
    other = shop.asked_for(await shop.reward(None))
    others = partial(shop.elsewhere, buy, url, shop.tokens[shop.buyers :], other)
    await others(1.0)  # what is done for the first time takes longer
    alone, beside, rushed = Answers(), Answers(), Answers()
    for _ in range(rounds):
        alone.add(await others(SECONDS))
        few = shop.asked_for(await shop.reward(PIECES))
        wanted = [(token, few) for token in shop.tokens[: shop.buyers]]
        disturbed, sold = await asyncio.gather(others(SECONDS), shop.elsewhere(rush, url, wanted, SECONDS / 4))
        beside.add(disturbed)
        rushed.add(sold)
    return Figure(
        f"redemptions beside {shop.buyers:,} of another reward at once, p99",
        f"{beside.p99:.0f} ms ({beside.told()}; the {shop.buyers:,}: p99 {rushed.p99:.0f} ms, {rushed.told()})",
        f"undisturbed {alone.p99:.0f} ms",
        beside.p99 / alone.p99,
        TO_REACH_BESIDE,
        "most",
    )


async def measure(name: str, url: str, buyers: int, rounds: int) -> list[Figure]:
    settings = Settings(data_dir=Path(tempfile.mkdtemp()), secret_key=SecretStr("b" * 32))
    with ProcessPoolExecutor(CLIENTS, mp_context=get_context("spawn")) as processes:
        async with Harness(definition, settings, database_url=url, held=False) as harness:
            shop = Shop(harness, processes, buyers)
            await shop.open()
            async with served(harness.app) as address, served(bare_app(harness)) as bare:
                figures = await _bought(shop, name, address, bare)
                # SQLite has one writer for all rows.
                return figures if shop.crowd.sqlite else [*figures, await _beside(shop, address, rounds)]


def run(buyers: int = BUYERS, rounds: int = ROUNDS) -> list[Figure]:
    """On both databases."""
    figures = []
    with PostgresServer() as server, tempfile.TemporaryDirectory() as folder:
        for name, url in (
            ("SQLite", f"sqlite+aiosqlite:///{folder}/gamification.db"),
            ("PostgreSQL", server.create_database("gamification")),
        ):
            figures += asyncio.run(measure(name, url, buyers, rounds))
    return figures


def main() -> None:
    end_with(run(*(int(argument) for argument in sys.argv[1:])))


if __name__ == "__main__":
    main()
