"""What differs between two texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.content.articles.diffing import diff

lines = st.lists(st.sampled_from("abc"), max_size=15)


@given(lines, lines)
def test_a_diff_leads_from_one_text_to_the_other(before, after):
    found = diff(before, after)
    assert [line for op, line in found if op != "added"] == before
    assert [line for op, line in found if op != "removed"] == after


@pytest.mark.parametrize(
    ("before", "after", "different"),
    [("abcabba", "cbabac", 5), ("abc", "abc", 0), ("", "ab", 2), ("xabcy", "xacy", 1)],
)
def test_a_diff_is_the_shortest(before, after, different):
    assert sum(op != "same" for op, _ in diff(before, after)) == different


def test_texts_that_have_nothing_in_common_are_not_compared_for_long():
    before, after = ([f"{side}{n}" for n in range(20_000)] for side in "ab")
    assert len(diff(["同", *before], ["同", *after])) == 40_001
