"""What few people answered cannot be had, also not by subtraction."""

from hypothesis import given
from hypothesis import strategies as st

from services.analytics.metrics.suppression import LEAST, hidden, hidden_groups

sizes = st.dictionaries(st.sampled_from("ABCDEFG"), st.integers(0, 12))
rows = st.dictionaries(st.sampled_from(["quarter", "one", "two", "three"]), sizes, min_size=1)


def tells_nothing(parts, hide):
    """What a whole less all that is shown of it comes to, tells of nobody: of nothing, of two and five people at least, or nothing is shown."""
    left = [size for part, size in parts.items() if part in hide and size]
    shown = [size for part, size in parts.items() if part not in hide and size]
    return not left or not shown or (len(left) > 1 and sum(left) >= LEAST)


@given(sizes)
def test_no_small_group_is_shown_or_left_when_all_that_is_shown_is_subtracted(parts):
    hide = hidden(parts)
    assert all(part in hide for part, size in parts.items() if 0 < size < LEAST)
    assert tells_nothing(parts, hide)


@given(sizes)
def test_where_no_group_is_small_everything_is_shown(parts):
    assert hidden({part: size + LEAST for part, size in parts.items()}) == set()


@given(sizes)
def test_a_group_of_nobody_is_never_hidden(parts):
    assert all(parts[part] for part in hidden(parts))


@given(sizes)
def test_no_more_is_hidden_than_needs_to_be(parts):
    """Each that is not small is hidden because without it the others could be told."""
    hide = hidden(parts)
    large = sorted((part for part in hide if parts[part] >= LEAST), key=lambda part: (parts[part], part))
    if large:
        assert not tells_nothing(parts, hide - {large[-1]})


def test_the_second_smallest_is_hidden_too():
    assert hidden({"A": 3, "B": 40, "C": 6}) == {"A", "C"}
    assert hidden({"A": 3, "B": 2, "C": 6}) == {"A", "B"}
    assert hidden({"A": 2, "B": 2, "C": 6}) == {"A", "B", "C"}


@given(rows)
def test_a_breakdown_value_that_is_small_in_one_month_is_shown_in_none_and_left_in_no_row(table):
    hide = hidden_groups(table)
    for parts in table.values():
        assert all(part in hide for part, size in parts.items() if 0 < size < LEAST)
        assert tells_nothing(parts, hide)


def test_a_value_that_is_small_in_one_month_could_be_had_from_its_quarter():
    quarter = {"A": 20, "B": 30, "C": 50}
    months = {"one": {"A": 2, "B": 10, "C": 20}, "two": {"A": 9, "B": 10, "C": 20}, "three": {"A": 9, "B": 10, "C": 10}}
    assert hidden_groups({"quarter": quarter} | months) == {"A", "B"}


def test_what_four_answered_is_hidden_and_what_five_answered_is_not():
    assert hidden({"A": 5, "B": 6}) == set()
    assert hidden({"A": 4, "B": 6, "C": 9}) == {"A", "B"}
    assert hidden_groups({"quarter": {"A": 4, "B": 6, "C": 9}, "one": {"A": 4, "B": 6, "C": 9}}) == {"A", "B"}
    assert hidden_groups({"quarter": {"A": 5, "B": 6}, "one": {"A": 5, "B": 6}}) == set()
