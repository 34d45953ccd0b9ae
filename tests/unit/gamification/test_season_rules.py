"""How a season stands, and who wins what."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gamification.seasons.rules import Prize, last_rank, overlap, points_at, status_of, wrong_prize

DAY = date(2024, 6, 1)


@pytest.mark.parametrize(
    ("kept", "after", "status"),
    [
        ("announced", -1, "planned"),
        ("announced", 0, "running"),
        ("announced", 9, "running"),
        ("announced", 10, "closing"),
        ("closed", 5, "closed"),
        ("cancelled", -5, "cancelled"),
    ],
)
def test_a_season_runs_on_its_days(kept, after, status):
    assert status_of(kept, DAY, DAY + timedelta(days=9), today=DAY + timedelta(days=after)) == status


@pytest.mark.parametrize(
    ("ranks", "wrong"),
    [
        ([(1, 1), (2, 3)], None),
        ([], None),
        ([(2, 1)], 0),
        ([(1, 3), (3, 4)], 1),
        ([(2, 2), (1, 1)], 1),
        ([(5, 9)], None),
    ],
)
def test_prizes_stand_in_the_order_of_their_ranks(ranks, wrong):
    assert wrong_prize([Prize(first, last, 1) for first, last in ranks]) == wrong


@given(st.lists(st.integers(1, 4), max_size=6), st.lists(st.integers(0, 3), min_size=6, max_size=6))
def test_each_rank_wins_at_most_one_prize_and_those_between_none(lengths, gaps):
    prizes, rank = [], 1
    for n, length in enumerate(lengths):
        rank += gaps[n]
        prizes.append(Prize(rank, rank + length - 1, n + 1))
        rank += length
    assert wrong_prize(prizes) is None
    won = [points_at(prizes, place) for place in range(1, last_rank(prizes) + 2)]
    assert [won.count(n + 1) for n in range(len(prizes))] == lengths
    assert points_at(prizes, last_rank(prizes) + 1) == 0


def test_seasons_that_share_a_day_overlap():
    other = (DAY, DAY + timedelta(days=9))
    assert overlap(DAY + timedelta(days=9), DAY + timedelta(days=20), [other])
    assert overlap(DAY - timedelta(days=9), DAY, [other])
    assert not overlap(DAY + timedelta(days=10), DAY + timedelta(days=20), [other])
    assert not overlap(DAY, DAY, [])
