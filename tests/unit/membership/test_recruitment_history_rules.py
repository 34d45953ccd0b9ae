"""What a row of a recruitment history says."""

import pytest

from services.membership.applications.import_rules import MOST_VISITS, visits_of


@pytest.mark.parametrize(
    ("text", "written"), [("0", "0"), ("007", "7"), ("２５", "25"), (f"{MOST_VISITS}", f"{MOST_VISITS}")]
)
def test_visits_are_a_whole_number_in_whichever_digits(text, written):
    assert visits_of(text) == written


@pytest.mark.parametrize("text", ["1_0", "-1", "+1", "1.5", "1e3", "²", "many", f"{MOST_VISITS + 1}"])
def test_what_is_not_written_as_one_is_none(text):
    with pytest.raises(ValueError, match=r".*"):
        visits_of(text)
