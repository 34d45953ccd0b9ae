"""One attempt, whatever order things happen in: until when it lasts, and what counts."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.attempts import (
    Course,
    Saved,
    Window,
    beginning_refusal,
    closed,
    ends_at,
    given_extra,
    handed_in,
    reopened,
    saved,
    state,
)
from assessment.questions import Answer

NINE = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def at(minutes):
    return NINE + minutes * MINUTE


WINDOW = Window(opens_at=NINE, closes_at=at(120), lasts=30 * MINUTE)


def test_an_attempt_ends_with_its_time_or_with_the_window_whichever_is_first():
    assert ends_at(WINDOW, Course(at(10))) == at(40)
    assert ends_at(WINDOW, Course(at(100))) == at(120)
    assert ends_at(Window(), Course(NINE)) is None


def test_nothing_is_taken_at_the_very_end():
    course = Course(at(10))
    assert state(WINDOW, course, at(40) - timedelta(microseconds=1)) == "running"
    assert (state(WINDOW, course, at(40)), handed_in(WINDOW, course, at(99))) == ("handed_in", at(40))


def test_extra_time_moves_both_limits():
    late = given_extra(WINDOW, Course(at(100)), 15 * MINUTE, at(105))
    assert ends_at(WINDOW, late) == at(135)
    early = given_extra(WINDOW, Course(at(10)), 15 * MINUTE, at(11))
    assert ends_at(WINDOW, early) == at(55)


def test_time_that_is_given_too_late_takes_nothing_back_until_the_attempt_is_reopened():
    course = given_extra(WINDOW, Course(at(10)), 15 * MINUTE, at(50))
    assert (state(WINDOW, course, at(50)), course.handed_in_at) == ("handed_in", at(40))
    again = reopened(WINDOW, course, at(60))
    assert ends_at(WINDOW, again) == at(75), "what was left, nothing, and what was given"


def test_a_reopened_attempt_has_what_was_left_of_it_even_beyond_the_window():
    course = Course(at(100), handed_in_at=at(110))
    again = reopened(WINDOW, course, at(200))
    assert (ends_at(WINDOW, again), again.handed_in_at) == (at(210), None)
    assert reopened(WINDOW, again, at(201)) == again, "what runs is left as it is"


@pytest.mark.parametrize(
    ("minute", "extra", "refusal"),
    [(-1, 0, "not_open_yet"), (0, 0, None), (119, 0, None), (120, 0, "window_closed"), (125, 10, None)],
)
def test_an_attempt_begins_inside_the_window(minute, extra, refusal):
    assert beginning_refusal(WINDOW, at(minute), extra=extra * MINUTE) == refusal


STEPS = st.lists(
    st.tuples(st.integers(1, 40), st.sampled_from(["look", "save", "hand in", "extra", "reopen"]), st.integers(1, 20)),
    max_size=12,
)


@given(start=st.integers(0, 119), steps=STEPS)
def test_any_order_of_saving_handing_in_clock_extra_time_and_reopening_gives_one_attempt_with_the_right_end(
    start, steps
):
    course, now, extra = Course(at(start)), at(start), timedelta(0)
    left = min(30, 120 - start) * MINUTE  # told plainly: a clock that only runs while the attempt does
    running, kept, taken, number = True, None, None, 0
    for after, step, many in steps:
        spent = after * MINUTE
        now += spent
        if running:
            left -= spent
            if left <= timedelta(0):
                running, left = False, timedelta(0)
        assert (state(WINDOW, course, now) == "running") == running
        if step == "look":
            course = closed(WINDOW, course, now)
        elif step == "save" and running:
            number += 1
            taken = Answer(texts=(str(many),))
            kept = saved(kept, Saved(taken, number, now))
        elif step == "hand in" and running:
            course, running = Course(course.started_at, course.moved, now), False
        elif step == "extra":
            course = given_extra(WINDOW, course, many * MINUTE, now)
            left += many * MINUTE
            extra += many * MINUTE
        elif step == "reopen":
            course = reopened(WINDOW, course, now)
            running = running or left > timedelta(0)
        if running:
            assert ends_at(WINDOW, course) == now + left
        assert course.moved >= extra
    assert kept is None or kept.answer == taken


@given(st.permutations([Saved(Answer(texts=(str(number),)), number, at(number)) for number in range(1, 6)]))
def test_the_greatest_sequence_wins_in_whatever_order_saves_come(arrived):
    stands = None
    for one in arrived:
        stands = saved(stands, one)
    assert stands == Saved(Answer(texts=("5",)), 5, at(5))


def test_the_same_sequence_again_changes_nothing_and_the_same_answer_keeps_its_time():
    first = Saved(Answer(("A",)), 1, at(1))
    assert saved(first, Saved(Answer(("B",)), 1, at(2))) == first
    assert saved(first, Saved(Answer(("A",)), 2, at(3))) == Saved(Answer(("A",)), 2, at(1))
