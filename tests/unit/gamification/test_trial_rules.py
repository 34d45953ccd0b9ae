"""How what a rule would pay is told in a few figures."""

import math

from hypothesis import given
from hypothesis import strategies as st

from services.gamification.earning.trial_rules import distribution

AMOUNTS = st.lists(st.integers(1, 999), min_size=1, max_size=60)


def of(amounts):
    found = distribution({})
    for amount in amounts:
        found.add(amount)
    return found


@given(AMOUNTS)
def test_quantiles_are_amounts_of_members_by_nearest_rank(amounts):
    told = of(amounts).told()
    ranked = sorted(amounts)
    assert told["quantiles"] == {
        f"p{percent}": ranked[math.ceil(len(ranked) * percent / 100) - 1] for percent in (10, 25, 50, 75, 90, 99, 100)
    }
    assert (told["total"], told["members"]) == (sum(amounts), len(amounts))


@given(AMOUNTS, st.sampled_from((1, -1)))
def test_top_shares_are_of_the_largest_amounts_also_where_points_are_taken(amounts, sign):
    told = of(sign * amount for amount in amounts).told()
    largest = sorted(amounts, reverse=True)
    assert told["top_shares"] == {
        f"top_{percent}": round(100 * sum(largest[: math.ceil(len(largest) * percent / 100)]) / sum(largest), 1)
        for percent in (1, 10, 20)
    }


@given(st.lists(st.integers(-3_000_000, 3_000_000), max_size=60), st.integers(0, 60))
def test_what_is_kept_between_two_steps_goes_on_as_if_nothing_had_been(amounts, cut):
    begun = of(amounts[:cut])
    again = distribution(begun.kept())
    for amount in amounts[cut:]:
        again.add(amount)
    assert again.told() == of(amounts).told()


@given(st.lists(st.integers(1_000, 3_000_000), min_size=1, max_size=60))
def test_large_amounts_are_right_to_one_percent_and_the_whole_is_exact(amounts):
    told = of(amounts).told()
    assert told["total"] == sum(amounts)
    assert math.isclose(told["quantiles"]["p100"], max(amounts), rel_tol=0.01)


def test_however_many_members_there_are_few_figures_are_kept():
    assert len(of(range(1, 300_000)).kept()) < 4_000


def test_who_gets_nothing_is_not_counted():
    assert of([0, 0]).told() == {"total": 0, "members": 0, "quantiles": None, "top_shares": None}
