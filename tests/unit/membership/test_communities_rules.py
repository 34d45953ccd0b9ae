import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.membership.communities import rules
from services.membership.communities.rules import Readiness

READY = Readiness(has_positioning=True, charter_version=1, has_owner=True)


@pytest.mark.parametrize("slug", ["abc", "data-club", "2024-newcomers", "a" * 60])
def test_slugs_of_lower_case_words_are_accepted(slug):
    assert rules.slug_error(slug) is None


@pytest.mark.parametrize(
    ("slug", "code"),
    [
        ("ab", "slug_length"),
        ("a" * 61, "slug_length"),
        ("Data", "slug_characters"),
        ("data--club", "slug_characters"),
        ("-data", "slug_characters"),
        ("数据社群", "slug_characters"),
        ("data/club", "slug_characters"),
        ("data\n", "slug_characters"),
        ("imports", "slug_reserved"),
        ("018f3b5c-0000-7000-8000-000000000000", "slug_reserved"),
    ],
)
def test_other_slugs_are_refused_with_the_reason(slug, code):
    assert rules.slug_error(slug) == code


@given(st.text(max_size=70))
def test_an_accepted_slug_needs_no_escaping(text):
    if rules.slug_error(text) is None:
        assert all(character in "abcdefghijklmnopqrstuvwxyz0123456789-" for character in text)


@pytest.mark.parametrize(
    ("text", "valid"), [("00:00", True), ("23:59", True), ("24:00", False), ("4:00", False), ("04:0", False)]
)
def test_a_day_starts_at_hours_and_minutes(text, valid):
    assert rules.is_time_of_day(text) is valid


def test_a_draft_opens_once_it_is_ready():
    assert rules.refusal("open", status="draft", ready=READY) is None


@pytest.mark.parametrize(
    ("ready", "missing"),
    [
        (Readiness(False, 1, True), ["positioning"]),
        (Readiness(True, 0, True), ["charter"]),
        (Readiness(True, 1, False), ["owner"]),
        (Readiness(False, 0, False), ["positioning", "charter", "owner"]),
    ],
)
def test_an_incomplete_draft_does_not_open_and_says_what_is_missing(ready, missing):
    assert rules.refusal("open", status="draft", ready=ready) == "community_incomplete"
    assert ready.missing() == missing


def test_nothing_leaves_the_archive():
    assert {rules.refusal(action, status="archived", ready=READY) for action in rules.ACTIONS} == {"community_archived"}


def test_an_open_community_does_not_open_again():
    assert rules.refusal("open", status="open", ready=READY) == "illegal_transition"


def test_a_charter_that_says_the_same_makes_no_version():
    charter = {"vision": "共同成长", "values": [{"code": "open", "name": "开放"}]}
    assert rules.next_charter_version(charter, 3, dict(charter)) == 3
    assert rules.next_charter_version(charter, 3, charter | {"vision": "学以致用"}) == 4
    assert rules.next_charter_version(None, 0, charter) == 1
