"""A nomination is carried by at least half of the committee, and by more for it than against it."""

import pytest

from services.gamification.promotions.rules import is_carried, votes_needed


@pytest.mark.parametrize(
    ("in_favour", "against", "electorate", "carried"),
    [(0, 0, 0, True), (0, 0, 1, False), (1, 0, 2, True), (1, 0, 3, False), (1, 1, 3, False), (2, 1, 3, True), (2, 3, 5, False)],
)  # fmt: skip
def test_enough_must_have_voted_and_more_for_it(in_favour, against, electorate, carried):
    assert is_carried(in_favour, against, electorate) is carried


@pytest.mark.parametrize(("electorate", "needed"), [(0, 0), (1, 1), (2, 1), (3, 2), (25, 13)])
def test_at_least_half_of_those_who_may_vote(electorate, needed):
    assert votes_needed(electorate) == needed
