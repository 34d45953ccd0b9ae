from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.membership.applications import rules
from services.membership.applications.rules import ACTIONS, Facts, Hand

NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
APPLICANT = Hand(is_applicant=True, may_decide=False)
OPERATOR = Hand(is_applicant=False, may_decide=True)
BOTH = Hand(is_applicant=True, may_decide=True)
STRANGER = Hand(is_applicant=False, may_decide=False)


def facts(state, **rest):
    return Facts(state=state, **({"campaign_status": "open"} | rest))


def decided(outcome, *, released, **rest):
    return facts("decided", outcome=outcome, release_at=NOW - DAY if released else NOW + DAY, **rest)


def can(known, hand):
    return set(rules.possibilities(known, hand, NOW)[0])


any_facts = st.builds(
    Facts,
    state=st.sampled_from([*rules.STATE_OF_STEP.values(), "draft", "submitted", "decided", "returned", "withdrawn"]),
    campaign_status=st.sampled_from(["open", "closed", "archived"]),
    steps=st.sampled_from([("form",), ("form", "test"), ("form", "test", "interview", "approval")]),
    outcome=st.sampled_from([None, "accepted", "waitlisted", "rejected"]),
    release_at=st.none() | st.integers(-20, 20).map(lambda days: NOW + days * DAY),
    returned_until=st.none() | st.integers(-3, 3).map(lambda days: NOW + days * DAY),
    knocked_out=st.booleans(),
    review_requested=st.booleans(),
    released_outcome=st.sampled_from([None, "waitlisted"]),
)
hands = st.builds(Hand, st.booleans(), st.booleans(), st.booleans(), st.booleans())


@given(any_facts, hands)
def test_the_view_and_the_commands_never_disagree(known, hand):
    possible, refused = rules.possibilities(known, hand, NOW)
    assert set(possible) | set(refused) == set(ACTIONS)
    assert all(rules.refusal(action, known, hand, NOW) is None for action in possible)
    assert all(rules.refusal(action, known, hand, NOW) == code for action, code in refused.items())


@given(any_facts)
def test_nobody_moves_his_own_application_through_the_steps(known):
    codes = {rules.refusal(action, known, BOTH, NOW) for action in ("return", "advance", "decide")}
    assert codes == {"conflict_of_interest"}


@given(any_facts)
def test_a_stranger_can_do_nothing(known):
    assert not can(known, STRANGER)


def test_a_draft_is_edited_submitted_or_withdrawn_by_its_applicant_alone():
    assert can(facts("draft"), APPLICANT) == {"edit", "submit", "withdraw"}
    assert not can(facts("draft"), OPERATOR)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("draft", "campaign_not_open"),
        ("scheduled", "campaign_not_open"),
        ("closed", "campaign_closed"),
        ("archived", "campaign_closed"),
    ],
)
def test_a_draft_is_submitted_to_an_open_campaign_only(status, code):
    assert rules.refusal("submit", facts("draft", campaign_status=status), APPLICANT, NOW) == code


@pytest.mark.parametrize("state", ["submitted", "screening"])
def test_an_application_is_returned_from_screening(state):
    assert "return" in can(facts(state), OPERATOR)


def test_an_application_past_screening_is_not_returned():
    known = facts("testing", steps=("form", "test"))
    assert rules.refusal("return", known, OPERATOR, NOW) == "illegal_transition"


def test_a_returned_application_comes_back_even_when_the_campaign_has_closed():
    known = facts("returned", returned_until=NOW + DAY, campaign_status="closed")
    assert can(known, APPLICANT) == {"resubmit", "withdraw"}
    assert not can(known, OPERATOR)


def test_a_returned_application_comes_back_in_time_only_and_is_then_decided_upon():
    known = facts("returned", returned_until=NOW)
    assert rules.refusal("resubmit", known, APPLICANT, NOW) == "return_expired"
    assert can(known, OPERATOR) == {"decide"}


def test_advancing_follows_the_steps_of_the_campaign():
    steps = ("form", "interview", "approval")
    way: list[str] = []
    state: str | None = "submitted"
    while state is not None:
        way.append(state)
        state = rules.next_state(facts(state, steps=steps))
    assert way == ["submitted", "screening", "interviewing", "approving"]


def test_one_is_accepted_after_the_last_step_but_rejected_at_any():
    early = facts("screening", steps=("form", "test"))
    assert rules.outcome_refusal(early, "accepted", seats_left=5) == "steps_remaining"
    assert rules.outcome_refusal(early, "rejected", seats_left=0) is None
    late = facts("testing", steps=("form", "test"))
    assert rules.outcome_refusal(late, "accepted", seats_left=1) is None
    assert rules.outcome_refusal(facts("submitted"), "accepted", seats_left=1) is None


def test_nobody_is_accepted_beyond_the_quota_but_one_who_holds_a_seat_keeps_it():
    assert rules.outcome_refusal(facts("screening"), "accepted", seats_left=0) == "quota_full"
    assert rules.outcome_refusal(decided("accepted", released=False), "accepted", seats_left=0) is None


@pytest.mark.parametrize("outcome", get_args(rules.Outcome))
def test_a_decision_may_be_changed_until_its_release(outcome):
    assert "decide" in can(decided(outcome, released=False), OPERATOR)


@pytest.mark.parametrize(("outcome", "changeable"), [("accepted", False), ("rejected", False), ("waitlisted", True)])
def test_after_release_only_the_waitlisted_are_decided_again(outcome, changeable):
    assert ("decide" in can(decided(outcome, released=True), OPERATOR)) is changeable


@given(any_facts)
def test_before_release_the_applicant_sees_the_same_whatever_the_decision(known):
    if known.state == "decided" and not rules.in_effect(known, NOW):
        seen = rules.seen_by_applicant(known, NOW)
        assert seen == (("decided", "waitlisted") if known.released_outcome else ("in_review", None))
        undecided = Facts(state="screening", campaign_status=known.campaign_status)
        assert can(known, APPLICANT) == can(undecided, APPLICANT)


def test_a_decision_shows_from_its_release_on():
    assert rules.seen_by_applicant(decided("accepted", released=False), NOW) == ("in_review", None)
    assert rules.seen_by_applicant(decided("accepted", released=True), NOW) == ("decided", "accepted")


def test_one_withdraws_until_the_decision_takes_effect_or_while_waiting():
    assert "withdraw" in can(decided("accepted", released=False), APPLICANT)
    assert "withdraw" in can(decided("waitlisted", released=True), APPLICANT)
    assert "withdraw" not in can(decided("accepted", released=True), APPLICANT)
    assert "withdraw" not in can(decided("rejected", released=True), APPLICANT)


def test_one_declines_for_seven_days_after_acceptance():
    accepted = decided("accepted", released=True)
    released = accepted.release_at
    assert rules.refusal("decline", accepted, APPLICANT, released + 7 * DAY - timedelta(seconds=1)) is None
    assert rules.refusal("decline", accepted, APPLICANT, released + 7 * DAY) == "decline_period_over"
    assert "decline" not in can(decided("accepted", released=False), APPLICANT)


def test_a_member_declines_but_neither_applies_nor_withdraws():
    member = Hand(is_applicant=True, may_decide=False, may_apply=False, may_leave=True)
    assert can(decided("accepted", released=True), member) == {"decline"}
    assert not can(decided("waitlisted", released=True), member)


def test_one_who_was_knocked_out_asks_for_one_review():
    assert "request_review" in can(decided("rejected", released=True, knocked_out=True), APPLICANT)
    again = decided("rejected", released=True, knocked_out=True, review_requested=True)
    assert rules.refusal("request_review", again, APPLICANT, NOW) == "review_already_requested"
    assert "request_review" not in can(decided("rejected", released=True), APPLICANT)


def test_seats_are_held_from_the_decision_on():
    assert rules.holds_seat(decided("accepted", released=False))
    assert not rules.holds_seat(facts("withdrawn", outcome="accepted"))
    assert not rules.holds_seat(decided("waitlisted", released=True))


def test_a_rejection_stands_in_the_way_until_it_is_released_and_then_for_thirty_days():
    assert rules.is_live(decided("rejected", released=False), NOW)
    assert not rules.is_live(decided("rejected", released=True), NOW)
    assert rules.cool_off_until([NOW - 40 * DAY, NOW]) == NOW + 30 * DAY
    assert rules.cool_off_until([]) is None
