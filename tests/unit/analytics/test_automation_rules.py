"""Whom an automation is about, and when it may be switched on."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.automations.rules import Cause, Condition, Known, concerns, refusal, was_silent

COMMUNITY, COHORT, OTHER, MEMBER = (UUID(int=n) for n in range(1, 5))
cohorts = st.sampled_from([None, COHORT, OTHER])
channels = st.sampled_from([None, "poster", "friends"])


def cause(member_id=MEMBER, severity=None):
    return Cause(COMMUNITY, "risk", "risk", MEMBER, member_id, severity)


@given(cohorts, channels, cohorts, channels)
def test_a_member_is_concerned_who_is_what_it_is_about(cohort, channel, of_member, by):
    member = Known(of_member, by)
    wanted = cohort in (None, of_member) and channel in (None, by)
    assert concerns(Condition(cohort, channel), cause(), member) is wanted


def test_nobody_is_concerned_who_left_or_is_not_known():
    assert not concerns(Condition(), cause(), Known(None, None, gone=True))
    assert not concerns(Condition(), cause(), None)


def test_what_is_about_no_member_concerns_only_what_is_about_all():
    assert concerns(Condition(), cause(None), None)
    assert not concerns(Condition(COHORT), cause(None), None)
    assert not concerns(Condition(channel="poster"), cause(None), None)


@pytest.mark.parametrize(("severity", "expected"), [("low", False), ("medium", True), ("high", True)])
def test_what_is_milder_sets_nothing_off(severity, expected):
    assert concerns(Condition(min_severity="medium"), cause(None, severity), None) is expected


@given(st.integers(0, 10), st.integers(1, 10))
def test_who_did_something_before_the_days_were_over_was_not_silent(after, days):
    joined = date(2024, 5, 1)
    assert was_silent(joined, joined + timedelta(days=after), days) is (after >= days)
    assert was_silent(joined, None, days)


def test_what_was_not_tried_as_it_is_now_is_not_switched_on():
    assert refusal("switch_on", status="off", tried_version=1, version=2) == "not_tried"
    assert refusal("switch_on", status="off", tried_version=2, version=2) is None
    assert refusal("switch_off", status="off", tried_version=2, version=2) == "illegal_transition"
