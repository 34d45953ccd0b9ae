"""What a report weighs, who works a case, and when it is opened again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.membership.cases import rules
from services.membership.cases.rules import A_REPORT, CATEGORIES, TOO_OLD, first_of, weight_of, working_refusal

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
COUNTS = st.integers(min_value=0, max_value=10_000)


@given(COUNTS, COUNTS)
def test_a_reporter_who_is_wrong_weighs_less_each_time_and_one_who_is_right_more(confirmed, dismissed):
    now = weight_of(confirmed=confirmed, dismissed=dismissed)
    assert 0 <= now <= A_REPORT
    assert weight_of(confirmed=confirmed, dismissed=dismissed + 1) <= now
    assert weight_of(confirmed=confirmed + 1, dismissed=dismissed) >= now


def test_who_is_new_weighs_as_much_as_who_was_always_right():
    assert weight_of(confirmed=0, dismissed=0) == weight_of(confirmed=9, dismissed=0) == A_REPORT
    assert weight_of(confirmed=0, dismissed=8) == A_REPORT // 5


@given(st.sampled_from(CATEGORIES), st.sampled_from(CATEGORIES))
def test_the_category_does_not_depend_on_who_came_first(one, other):
    assert first_of(one, other) == first_of(other, one)


@pytest.mark.parametrize(
    ("told", "category"),
    [("abuse", "speech"), ("advertising", "advertising"), ("new one", "other"), ("speech", "speech")],
)
def test_what_content_calls_it(told, category):
    assert rules.category_of(told) == category


def test_after_180_days_it_is_too_old():
    assert not rules.too_old(START, START + TOO_OLD - timedelta(microseconds=1))
    assert rules.too_old(START, START + TOO_OLD)


@pytest.mark.parametrize(
    ("action", "facts", "code"),
    [
        ("claim", {}, None),
        ("claim", {"is_party": True}, "conflict_of_interest"),
        ("claim", {"for_reviewer": True}, "conflict_of_interest"),
        ("claim", {"for_reviewer": True, "is_reviewer": True}, None),
        ("claim", {"status": "claimed"}, "illegal_transition"),
        ("confirm", {}, "illegal_transition"),
        ("confirm", {"status": "claimed", "is_claimer": True}, None),
        ("confirm", {"status": "claimed"}, "claimed_by_another"),
        ("confirm", {"status": "claimed", "oversees": True}, "claimed_by_another"),
        ("confirm", {"status": "claimed", "is_claimer": True, "is_too_old": True}, "deed_too_old"),
        ("dismiss", {"status": "claimed", "is_claimer": True, "is_too_old": True}, None),
        ("dismiss", {"status": "confirmed", "is_claimer": True}, "illegal_transition"),
        ("release", {"status": "claimed"}, "claimed_by_another"),
        ("release", {"status": "claimed", "oversees": True}, None),
    ],
)
def test_who_works_a_case(action, facts, code):
    nothing = dict.fromkeys(("is_party", "for_reviewer", "is_reviewer", "is_claimer", "oversees", "is_too_old"), False)
    assert working_refusal(action, **{"status": "open"} | nothing | facts) == code
