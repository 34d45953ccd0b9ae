"""How many kudos a day has, and which value they name."""

import pytest

from services.gamification.kudos.rules import A_DAY, room_left, status_of, value_refused


@pytest.mark.parametrize(("given", "left"), [(0, A_DAY), (4, 1), (5, 0), (9, 0)])
def test_a_day_has_five(given, left):
    assert room_left(given) == left


def test_what_is_removed_is_not_held_any_more():
    assert [status_of(removed=removed, held=held) for removed in (False, True) for held in (False, True)] == [
        "given",
        "held",
        "removed",
        "removed",
    ]


def test_a_value_is_named_where_there_are_some():
    assert value_refused(None, []) is None
    assert value_refused(None, ["help"]) == "missing"
    assert value_refused("help", ["help"]) is None
    assert value_refused("help", []) == "unknown_value"
