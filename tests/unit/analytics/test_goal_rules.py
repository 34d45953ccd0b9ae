"""How far goals are and how they end, for any numbers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.goals.rules import (
    A_WEEK,
    TOO_EARLY,
    Course,
    forecast,
    mean_progress,
    pace,
    progress,
    state,
)

BEGAN = datetime(2024, 3, 4, tzinfo=UTC)
BETTER = ["missed", "behind", "at_risk", "on_track", "achieved"]

# As people set them: beyond twelve digits, differences of numbers are noise.
numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3))
courses = st.builds(
    Course,
    target=numbers,
    direction=st.sampled_from(["up", "down"]),
    began_at=st.just(BEGAN),
    ends_at=st.integers(1, 1800).map(lambda days: BEGAN + timedelta(days=days)),
    baseline=st.none() | numbers,
    counted=st.booleans(),
)
moments = st.integers(-1000, 50_000).map(lambda hours: BEGAN + timedelta(hours=hours))


def mirrored(course: Course) -> Course:
    """The same with up and down exchanged."""
    return replace(
        course,
        target=-course.target,
        baseline=None if course.baseline is None else -course.baseline,
        direction="down" if course.direction == "up" else "up",
    )


@given(courses, st.none() | numbers, moments)
def test_progress_is_a_part_and_the_state_is_over_exactly_when_the_goal_is(course, value, now):
    assert 0 <= progress(course, value, now) <= 1
    assert (state(course, value, now) in {"achieved", "missed"}) == (now >= course.ends_at)


@given(courses, numbers, numbers, moments)
def test_a_better_value_never_makes_a_goal_look_worse(course, one, other, now):
    worse, better = sorted([one, other], reverse=course.direction == "down")
    assert BETTER.index(state(course, worse, now)) <= BETTER.index(state(course, better, now))
    assert progress(course, worse, now) <= progress(course, better, now) + 1e-9


@given(courses, numbers, moments)
def test_down_is_up_seen_in_a_mirror(course, value, now):
    assert state(course, value, now) == state(mirrored(course), -value, now)
    assert progress(course, value, now) == pytest.approx(progress(mirrored(course), -value, now))


@given(courses, numbers, moments)
def test_at_its_end_a_goal_comes_to_what_it_is(course, value, now):
    assert forecast(course, value, max(now, course.ends_at)) == pytest.approx(value)
    assert state(course, value, course.ends_at) == ("achieved" if course.meets(value) else "missed")


@given(courses, st.none() | numbers, moments)
def test_nobody_says_how_a_goal_ends_in_the_first_part_of_its_time(course, value, now):
    if course.elapsed(now) < TOO_EARLY:
        assert forecast(course, value, now) is None
        assert state(course, value, now) == "on_track"
    elif value is None and now < course.ends_at:
        assert state(course, value, now) == "behind"


@given(courses, numbers, moments)
def test_who_keeps_the_pace_that_is_needed_arrives(course, value, now):
    needed = pace(course, value, now).needed
    if needed is None:
        assert now >= course.ends_at
    elif course.meets(value):
        assert needed == 0
    else:
        weeks = (course.ends_at - max(now, course.began_at)) / A_WEEK
        assert value + needed * weeks == pytest.approx(course.target, abs=1e-6)


@given(courses, numbers, moments)
def test_who_keeps_the_pace_so_far_comes_to_the_forecast(course, value, now):
    expected, going = forecast(course, value, now), pace(course, value, now).so_far
    if expected is not None and going is not None and not (course.holds and not course.counted):
        weeks = (course.ends_at - course.began_at) / A_WEEK
        assert course.start + going * weeks == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(courses, numbers, moments)
def test_nothing_comes_to_more_or_less_than_there_can_be(course, value, now):
    expected, bounded = forecast(course, value, now), forecast(replace(course, least=-10, most=10), value, now)
    assert bounded == (
        expected if expected is None or (course.holds and not course.counted) else max(-10, min(10, expected))
    )


@given(st.lists(st.tuples(st.floats(0.001, 1000), st.floats(0, 1)), min_size=1), st.floats(0.01, 100))
def test_parts_come_to_something_between_the_least_and_the_greatest_whatever_the_scale_of_weights(parts, scale):
    whole = mean_progress(parts)
    assert min(one for _, one in parts) * 100 - 1e-6 <= whole <= max(one for _, one in parts) * 100 + 1e-6
    assert mean_progress([(weight * scale, one) for weight, one in parts]) == pytest.approx(whole, abs=1e-6)


def test_without_parts_there_is_nothing():
    assert mean_progress([]) is None


@pytest.mark.parametrize(
    ("value", "after", "expected"),
    [
        (10, 5, "on_track"),
        (9.9, 5, "at_risk"),
        (8.6, 5, "at_risk"),
        (8.4, 5, "behind"),
        (5, 5, "behind"),
        (5, 0.9, "on_track"),
        (15, 9.9, "on_track"),
        (15, 10, "achieved"),
        (14.9, 10, "missed"),
    ],
)
def test_a_goal_from_five_to_fifteen_in_ten_days(value, after, expected):
    course = Course(15, "up", BEGAN, BEGAN + timedelta(days=10), baseline=5)
    assert state(course, value, BEGAN + timedelta(days=after)) == expected


@pytest.mark.parametrize(
    ("value", "after", "expected"), [(0, 5, "on_track"), (2, 5, "on_track"), (2.1, 5, "at_risk"), (3, 5, "behind")]
)
def test_no_more_than_four_in_ten_days(value, after, expected):
    course = Course(4, "down", BEGAN, BEGAN + timedelta(days=10), counted=True)
    assert course.holds
    assert state(course, value, BEGAN + timedelta(days=after)) == expected
