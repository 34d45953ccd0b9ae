"""What came of a change, from a value before and one after."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.insights.effect_rules import FEWEST_TO_SAY, Compared, Figure

values = st.floats(0, 1e9, allow_nan=False) | st.none()
numbers = st.integers(0, 100) | st.none()
figures = st.builds(Figure, values, numbers)


@given(before=figures, after=figures)
def test_below_twenty_on_either_side_there_is_too_little_to_say_and_no_difference(before, after):
    compared = Compared(before, after)
    few = any(one.n is None or one.n < FEWEST_TO_SAY or one.value is None for one in (before, after))
    assert (compared.verdict == "too_little_to_say") is few
    assert (compared.difference is None) is few


@given(before=st.floats(0, 1e6), after=st.floats(0, 1e6))
def test_what_rises_one_way_falls_the_other(before, after):
    there, back = (Compared(Figure(a, 20), Figure(b, 20)) for a, b in ((before, after), (after, before)))
    opposite = {"rose": "fell", "fell": "rose"}
    if "unchanged" not in (there.verdict, back.verdict):
        assert back.verdict == opposite[there.verdict]


@pytest.mark.parametrize(("after", "verdict"), [(94, "fell"), (95, "unchanged"), (105, "unchanged"), (106, "rose")])
def test_a_twentieth_is_no_change(after, verdict):
    assert Compared(Figure(100, 20), Figure(after, 20)).verdict == verdict
