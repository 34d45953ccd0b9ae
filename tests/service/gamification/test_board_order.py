"""The order of a board, read from scores as they are kept."""

import random
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert

from chassis.ids import new_id
from services.gamification.definition import definition
from services.gamification.leaderboards.models import BoardScore, BoardWindow
from services.gamification.leaderboards.queries import On, below
from tests.service.gamification.stage import NOON


@pytest.fixture
async def board(start_service):
    """Keeps members' scores in the order given, and reads the board: `(rank, member)`."""
    async with start_service(definition) as harness:

        async def read(*scores):
            window_id = new_id()
            window = {"id": window_id, "community_id": new_id(), "period": "day", "from_day": date(2024, 5, 6)}
            kept = [
                {
                    "window_id": window_id,
                    "member_id": UUID(int=member),
                    "deficit": -score,
                    "reached_at": NOON + timedelta(minutes=minutes),
                    "listed": True,
                }
                for member, score, minutes in scores
            ]
            async with harness.runtime.database.transaction() as session:
                await session.execute(insert(BoardWindow).values(window))
                await session.execute(insert(BoardScore), kept)
            async with harness.runtime.database.reading() as session:
                places = await below(session, On(window_id), after=None, first_rank=1, limit=100)
            return [(place.rank, place.member_id.int) for place in places]

        yield read


async def test_the_higher_score_stands_first_then_who_reached_it_first_then_the_id(board):
    found = await board((4, 10, 5), (3, 10, 1), (2, 20, 9), (1, 10, 5))
    assert found == [(1, 2), (2, 3), (3, 1), (4, 4)]


async def test_only_members_above_zero_are_ranked(board):
    assert await board((1, 0, 0), (2, -5, 0), (3, 1, 0)) == [(1, 3)]


async def test_a_board_does_not_depend_on_the_order_of_arrival(board):
    chance = random.Random(7)
    scores = [(member, chance.randrange(4), chance.randrange(4)) for member in range(1, 21)]
    first = await board(*scores)
    assert [rank for rank, _ in first] == list(range(1, len(first) + 1))
    chance.shuffle(scores)
    assert await board(*scores) == first
