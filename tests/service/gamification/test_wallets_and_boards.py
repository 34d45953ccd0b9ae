"""What awards do to wallets and boards, one level below the API: who is locked, and what is added where."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from chassis.ids import new_id
from chassis.testing import SettableClock
from services.gamification.definition import definition
from services.gamification.earning.occasions import DaysMoved
from services.gamification.leaderboards.models import BoardScore, BoardWindow
from services.gamification.leaderboards.rules import windows_of
from services.gamification.leaderboards.service import enter_on_boards, recount_boards
from services.gamification.leaderboards.windows import open_windows
from services.gamification.ledger.models import Wallet
from services.gamification.ledger.occasions import XpChange, XpMoved
from services.gamification.ledger.wallets import lock_wallets
from tests.service.gamification.stage import NOON

wallets: Any = Wallet.__table__  # type: ignore[attr-defined]
scores: Any = BoardScore.__table__  # type: ignore[attr-defined]
windows: Any = BoardWindow.__table__  # type: ignore[attr-defined]


@pytest.fixture
async def store(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        yield harness.runtime.database


@pytest.fixture
def is_free(store):
    """Whether another session gets a wallet's lock without waiting."""

    async def ask(member_id) -> bool:
        async with store.transaction() as session:
            try:
                await session.execute(
                    select(wallets).where(wallets.c.member_id == member_id).with_for_update(nowait=True)
                )
            except DBAPIError:
                return False
        return True

    return ask


async def test_missing_wallets_are_made_and_all_are_told(store):
    community, known, fresh = new_id(), new_id(), new_id()
    async with store.transaction() as session:
        await lock_wallets(session, {known: community})
    async with store.transaction() as session:
        found = await lock_wallets(session, {fresh: community, known: community})
    assert {state.member_id for state in found.values()} == set(found) == {known, fresh}
    assert {state.community_id for state in found.values()} == {community}


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_all_wallets_asked_for_are_locked_and_no_other(store, is_free):
    community, mine, fresh, other = new_id(), new_id(), new_id(), new_id()
    async with store.transaction() as session:
        await lock_wallets(session, {mine: community, other: community})
    async with store.transaction() as session:
        await lock_wallets(session, {mine: community, fresh: community})
        assert not await is_free(mine)
        assert await is_free(other)
    assert await is_free(mine)
    assert await is_free(fresh)


async def board_sums(store) -> dict[tuple[Any, str, date, Any], tuple[int, datetime]]:
    async with store.reading() as session:
        rows = await session.execute(
            select(
                windows.c.community_id,
                windows.c.period,
                windows.c.from_day,
                scores.c.member_id,
                scores.c.deficit,
                scores.c.reached_at,
            ).join(scores, scores.c.window_id == windows.c.id)
        )
        return {(row[0], row[1], row[2], row[3]): (-row[4], row[5]) for row in rows}


async def test_entries_of_two_communities_and_several_days_reach_every_window_of_each(store):
    here, there = new_id(), new_id()
    busy, calm, guest = new_id(), new_id(), new_id()
    # Two months, three weeks, several days; in no order.
    begin = datetime(2024, 4, 28, 12, tzinfo=UTC)
    changes = [
        XpChange(member, community, amount, begin + timedelta(days=days))
        for community, member, days, amount in [
            (here, busy, 5, 7), (there, guest, 0, 3), (here, busy, 0, 5), (here, calm, 0, 2), (here, busy, 5, 1),
            (there, guest, 5, 4), (here, calm, 9, 6), (here, busy, 1, 9),
        ]
    ]  # fmt: skip
    expected: Counter[tuple[Any, str, date, Any]] = Counter()
    reached: dict[tuple[Any, str, date, Any], datetime] = {}
    for change in changes:
        for window in windows_of(change.occurred_at.date()):
            key = (change.community_id, window.period.value, window.from_day, change.member_id)
            expected[key] += change.amount
            reached[key] = max(reached.get(key, change.occurred_at), change.occurred_at)
    async with store.transaction() as session:
        await enter_on_boards(session, XpMoved(changes[:4], {}, NOON))
    async with store.transaction() as session:
        await enter_on_boards(session, XpMoved(changes[4:], {}, NOON))
    found = await board_sums(store)
    assert {key: (amount, reached[key]) for key, amount in expected.items()} == found


async def test_recounting_boards_of_which_the_ledger_knows_nothing_empties_them(store):
    community, member = new_id(), new_id()
    async with store.transaction() as session:
        await enter_on_boards(session, XpMoved([XpChange(member, community, 5, NOON)], {}, NOON))
    async with store.transaction() as session:
        await recount_boards(session, DaysMoved(community, [member], NOON))
    assert [key[1] for key in await board_sums(store)] == ["all_time"]


async def test_days_that_count_in_no_window_still_open_ask_for_none(store):
    async with store.transaction() as session:
        assert await open_windows(session, [], NOON) == {}
