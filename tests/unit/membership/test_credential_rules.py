from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.membership.credentials.rules import failures_counted, may_try_at, normal_code, password_fault

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


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
