"""Fault 14: many redeem a reward of which few are left at the same moment, and some take theirs back meanwhile.

Four processes ask. On PostgreSQL several API processes answer them, on SQLite the only one that there can be.
"""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import select

from chassis.testing import SettableClock
from services.gamification.definition import definition
from services.gamification.ledger.models import Wallet
from services.gamification.ledger.verification import verify
from services.gamification.rewards.models import Redemption, Reward
from tests.service.gamification.rewards.mall import Mall
from tests.service.stage import NOON, OnStage
from tests.support.scale import scaled
from tests.system.faults.together import Asked, api_processes, ask_together

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

BUYERS = scaled(250, reduced=60)
"""Each asks twice, and has points for one."""
STOCK = BUYERS // 5
COST = 6


@dataclass
class Rush:
    """A mall with many members, and the API processes behind it."""

    mall: Mall
    members: Sequence[OnStage]
    ports: Sequence[int]
    folder: Path

    async def asks(self, asked: Sequence[Asked]) -> Counter[int]:
        """Everything at once, by four processes; the statuses that were answered."""
        return await ask_together(asked, self.ports, self.folder)

    def redeeming(self, path: str, members: Sequence[OnStage]) -> list[Asked]:
        """What they ask for."""
        wanted = {"reward_id": path.rsplit("/", 1)[1], "community_id": str(self.mall.community_id), "cost_seen": COST}
        return [(one, "/v1/redemptions", wanted) for one in members]

    async def books(self) -> tuple[Reward, list[Redemption], list[Wallet]]:
        """What the database says, of which the ledger verifies."""
        async with self.mall.harness.runtime.database.reading() as session:
            assert (await verify(session)).faults == []
            reward = (await session.exec(select(Reward))).one()
            redemptions = list((await session.exec(select(Redemption))).all())
            wallets = list((await session.exec(select(Wallet))).all())
        return reward, redemptions, wallets


@pytest.fixture
async def rush(start_service, database: str, tmp_path: Path) -> AsyncIterator[Rush]:
    async with AsyncExitStack() as stack:
        harness = await stack.enter_async_context(start_service(definition, clock=SettableClock(NOON)))
        mall = Mall(harness)
        await mall.open()
        members = await mall.members(BUYERS)
        ports = await api_processes(stack, harness, "gamification", database, tmp_path)
        yield Rush(mall, members, ports, tmp_path)


@pytest.mark.fault(14)
async def test_of_many_who_redeem_the_last_ones_as_many_have_one_as_there_were(rush: Rush) -> None:
    path = await rush.mall.reward(cost=COST, stock=STOCK, delivery="pickup")
    answered = await rush.asks(rush.redeeming(path, [one for one in rush.members for _ in range(2)]))
    assert answered == {201: STOCK, 409: 2 * BUYERS - STOCK}
    reward, redemptions, wallets = await rush.books()
    assert (reward.stock_left, len(redemptions)) == (0, STOCK)
    assert len({one.member_id for one in redemptions}) == STOCK, "each has points for one"
    assert min(one.points - one.held for one in wallets) >= 0
    assert sum(one.held for one in wallets) == STOCK * COST


@pytest.mark.fault(14)
async def test_what_is_taken_back_while_others_redeem_is_sold_once_more_and_no_more(rush: Rush) -> None:
    path = await rush.mall.reward(cost=COST, stock=STOCK, delivery="pickup")
    first, others = rush.members[:STOCK], rush.members[STOCK:]
    assert await rush.asks(rush.redeeming(path, first)) == {201: STOCK}
    _, mine, _ = await rush.books()
    by_id = {one.id: one for one in first}
    # Everybody takes theirs back, three times.
    leaving = [(by_id[row.member_id], f"/v1/redemptions/{row.id}/cancel", None) for row in mine for _ in range(3)]
    coming = rush.redeeming(path, others)
    mixed = [one for n in range(max(len(leaving), len(coming))) for one in (*leaving[n : n + 1], *coming[n : n + 1])]
    answered = await rush.asks(mixed)
    assert answered[200] == len(leaving)
    assert answered.keys() <= {200, 201, 409}
    reward, redemptions, wallets = await rush.books()
    states = Counter(one.status for one in redemptions)
    assert states == {"cancelled": STOCK, "requested": answered[201]}
    assert reward.stock_left == STOCK - answered[201]
    assert min(one.points - one.held for one in wallets) >= 0
    assert sum(one.held for one in wallets) == answered[201] * COST
