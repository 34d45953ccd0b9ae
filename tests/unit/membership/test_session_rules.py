from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.membership.sessions.rules import (
    ABSOLUTE,
    IDLE,
    RefreshToken,
    Verdict,
    expires_at,
    failures_counted,
    judge,
    may_try_at,
    normal_code,
    password_fault,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def token(*, started=NOW, issued=NOW, used=None, revoked=None):
    return RefreshToken(family_started_at=started, family_revoked_at=revoked, issued_at=issued, used_at=used)


def test_an_unused_token_gives_a_successor():
    assert judge(token(), NOW + DAY) is Verdict.ROTATE


def test_for_thirty_seconds_after_its_first_use_it_gives_another():
    assert judge(token(used=NOW), NOW + 30 * SECOND) is Verdict.ROTATE


def test_reuse_after_thirty_one_seconds_is_theft():
    assert judge(token(used=NOW), NOW + 31 * SECOND) is Verdict.REUSED


def test_reuse_is_noticed_even_when_the_token_has_long_expired():
    assert judge(token(used=NOW), NOW + 400 * DAY) is Verdict.REUSED


def test_thirty_idle_days_end_it():
    assert judge(token(), NOW + IDLE - SECOND) is Verdict.ROTATE
    assert judge(token(), NOW + IDLE) is Verdict.EXPIRED


def test_ninety_days_after_log_in_no_activity_helps():
    fresh = token(started=NOW, issued=NOW + 89 * DAY)
    assert expires_at(fresh) == NOW + ABSOLUTE
    assert judge(fresh, NOW + ABSOLUTE) is Verdict.EXPIRED


def test_a_token_of_a_revoked_family_is_worth_nothing():
    assert judge(token(revoked=NOW, used=NOW), NOW + SECOND) is Verdict.REVOKED


@pytest.mark.parametrize(("failures", "seconds"), [(5, 15), (6, 30), (7, 60), (10, 480), (11, 900), (1000, 900)])
def test_each_failure_after_the_fifth_doubles_the_wait_up_to_fifteen_minutes(failures, seconds):
    assert may_try_at(failures, NOW) == NOW + seconds * SECOND


def test_the_first_five_failures_are_free():
    assert may_try_at(0, None) is None
    assert may_try_at(4, NOW) is None


@given(st.integers(0, 10_000))
def test_the_wait_never_shrinks_and_never_lasts_for_ever(failures):
    now = may_try_at(failures, NOW) or NOW
    then = may_try_at(failures + 1, NOW) or NOW
    assert now <= then <= NOW + timedelta(minutes=15)


def test_a_day_without_failure_forgets_them():
    assert failures_counted(9, NOW, NOW + DAY - SECOND) == 9
    assert failures_counted(9, NOW, NOW + DAY) == 0


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("correct horse", None),
        ("八个汉字密码很好", None),
        ("short", "too_short"),
        ("x" * 129, "too_long"),
        ("aaaaaaaaaa", "too_simple"),
        ("Password", "too_simple"),
        ("Zhang.Wei@Example.com", "known"),
    ],
)
def test_passwords(password, fault):
    assert password_fault(password, ["zhang.wei@example.com", None]) == fault


def test_codes_are_read_as_people_copy_them():
    assert normal_code("7k3q-o1lX") == "7K3Q011X"
