"""The culture index, from what a team says and what it does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.metrics.culture_rules import BEHAVIOUR, DIMENSIONS, NOTHING, Part, dimension, done, index, said

scores = st.floats(1, 5)


@given(pulse=scores, behaviour=scores)
def test_a_dimension_lies_between_what_they_say_and_what_they_do(pulse, behaviour):
    found = dimension(Part(pulse, 7), Part(behaviour, 9))
    assert min(pulse, behaviour) - 1e-9 <= found.score <= max(pulse, behaviour) + 1e-9
    assert found.n == 7


@given(did=st.integers(0, 40), members=st.integers(0, 30))
def test_what_they_do_is_a_score_of_at_least_five_members(did, members):
    found = done(did, members)
    assert (found == NOTHING) is (members < 5)
    assert found.score is None or 1 <= found.score <= 5


def test_of_four_answers_nothing_is_told():
    assert said(4.5, 4) == NOTHING
    assert said(4.5, 5) == Part(4.5, 5)


def test_six_tenths_are_what_they_say():
    assert dimension(Part(5, 6), Part(1, 6)).score == pytest.approx(3.4)
    assert [done(n, 10).score for n in (0, 5, 10)] == [1, 3, 5]


def test_the_index_is_the_mean_of_all_six_or_nothing():
    every = {one: Part(float(n), 5 + n) for n, one in enumerate(DIMENSIONS)}
    assert index(every) == Part(2.5, 5)
    assert index(every | {"trust": NOTHING}) == NOTHING


def test_every_dimension_has_a_behaviour_of_its_own():
    verbs = [verb for one in DIMENSIONS for verb in BEHAVIOUR[one]]
    assert len(verbs) == len(set(verbs))
