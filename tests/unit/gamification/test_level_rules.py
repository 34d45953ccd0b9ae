"""Up at once, down only after a grace."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gamification.levels.rules import (
    DEFAULT_LADDER,
    GRACE,
    Held,
    consider,
    crossings,
    level_at,
    reached,
)

NOW = datetime(2024, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("xp", "code"),
    [
        (-5, "新芽"),
        (0, "新芽"),
        (99, "新芽"),
        (100, "学员"),
        (500, "骨干"),
        (1500, "达人"),
        (4000, "达人"),
        (99999, "达人"),
    ],
)
def test_a_rung_is_reached_at_its_xp(xp, code):
    assert DEFAULT_LADDER[reached(DEFAULT_LADDER, xp)].zh == code


def test_a_rung_is_crossed_by_the_entry_that_reaches_it_in_order_of_happening():
    late = [(NOW + timedelta(days=5), 60), (NOW, 50), (NOW + timedelta(days=9), 500)]
    assert [(c.rung.position, c.at) for c in crossings(DEFAULT_LADDER, late)] == [
        (1, NOW + timedelta(days=5)),
        (2, NOW + timedelta(days=9)),
    ]


def test_what_was_taken_back_crosses_nothing():
    entries = [(NOW, 100), (NOW + timedelta(days=1), 10), (NOW, -100)]
    assert list(crossings(DEFAULT_LADDER, entries)) == []


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(-50, 700))), st.randoms())
def test_crossings_do_not_depend_on_the_order_of_arrival(moves, random):
    entries = [(NOW + timedelta(hours=hours), amount) for hours, amount in moves]
    shuffled = random.sample(entries, len(entries))
    assert list(crossings(DEFAULT_LADDER, shuffled)) == list(crossings(DEFAULT_LADDER, entries))


def test_a_level_is_kept_down_to_nine_tenths_and_then_for_the_grace():
    held = Held(position=2, since=NOW)
    assert consider(DEFAULT_LADDER, held, 450).starts_grace is False
    assert consider(DEFAULT_LADDER, held, 449).starts_grace is True
    falling = Held(position=2, since=NOW, below_since=NOW)
    assert consider(DEFAULT_LADDER, falling, 449).starts_grace is False
    assert level_at(DEFAULT_LADDER, falling, 449, NOW + GRACE - timedelta(seconds=1)) == 2
    assert level_at(DEFAULT_LADDER, falling, 449, NOW + GRACE) == 1


def test_recovering_within_the_grace_keeps_the_level():
    falling = Held(position=2, since=NOW, below_since=NOW)
    assert consider(DEFAULT_LADDER, falling, 450).ends_grace is True
    assert consider(DEFAULT_LADDER, falling, 1600).climbs_to == 3
