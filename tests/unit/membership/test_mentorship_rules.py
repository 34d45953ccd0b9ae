"""The course of a mentorship: by the clock, by who of the two does what, and never more at once than there is room for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.membership.mentorships import rules
from services.membership.mentorships.rules import ACTIONS, Course, other, reads_feedback_of, refusal

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SIDES = st.sampled_from(["mentor", "mentee"])
MOMENTS = st.integers(0, 40 * 7 * 24).map(lambda hours: NOW + timedelta(hours=hours))
STARTED = st.integers(rules.FEWEST_WEEKS, rules.MOST_WEEKS)


@st.composite
def courses(draw) -> Course:
    """Any that may be recorded, whatever the clock says."""
    course = Course("proposed", draw(SIDES), NOW)
    status = draw(st.sampled_from(["proposed", "declined", "withdrawn", "lapsed", "active", "completed", "ended"]))
    if status in {"active", "completed", "ended"}:
        ends_at = NOW + timedelta(weeks=draw(STARTED))
        course = replace(course, started_at=NOW, ends_at=ends_at, completion_asked_by=draw(st.none() | SIDES))
        if status != "active":
            course = replace(course, closed_at=ends_at if status == "completed" else draw(MOMENTS))
    return replace(course, status=status)


@given(courses(), SIDES, MOMENTS)
def test_only_what_the_state_by_the_clock_allows_can_be_done_and_by_the_right_one(course, side, now):
    status = course.status_at(now)
    can = {action for action in ACTIONS if refusal(action, course, side, now) is None}
    match status:
        case "proposed":
            own = side == course.proposed_by
            assert can == {"update", *(["withdraw"] if own else ["accept", "decline"])}
        case "active":
            assert can - {"complete", "go_on"} == {"update", "write_note", "end"}
            assert ("complete" in can) == (now >= NOW + rules.LEAST)
            assert ("go_on" in can) == (course.completion_asked_by is not None)
        case "completed" | "ended":
            until = course.feedback_until(now)
            assert can == ({"give_feedback"} if now < until else set())
        case _:
            assert can == set()


@given(courses(), MOMENTS, MOMENTS)
def test_the_clock_only_goes_on_and_what_is_over_stays_as_it_is(course, one, two):
    earlier, later = sorted((one, two))
    before, after = course.status_at(earlier), course.status_at(later)
    if before not in rules.LIVE:
        assert after == before
        assert course.closed_by(later) == course.closed_by(earlier)
    else:
        assert after in {before, "lapsed" if before == "proposed" else "completed"}
    if after == "completed" and course.status == "active":
        assert course.closed_by(later) == course.ends_at


@given(st.frozensets(SIDES), SIDES, SIDES, MOMENTS)
def test_nobody_reads_what_the_other_one_said_before_they_have_said_it_themselves_or_cannot_any_more(
    said, whose, reader, now
):
    until = NOW + rules.FEEDBACK_WITHIN
    reads = reads_feedback_of(said, whose, reader, until, now)
    if whose not in said:
        assert not reads
    elif whose == reader or other(whose) in said:
        assert reads
    else:
        # Where they read it, they give none any more.
        course = Course("ended", "mentor", NOW, NOW, NOW, closed_at=NOW)
        assert reads == (refusal("give_feedback", course, reader, now) is not None)


@given(STARTED, MOMENTS)
def test_the_week_is_one_of_its_weeks(weeks, now):
    assert 1 <= rules.week_of(NOW, weeks, now) <= weeks
