"""Progress with a plan is a fold over the days that somebody handed in."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.gamification.plans.evidence_rules import missing_evidence
from services.gamification.plans.progress_rules import HandedIn, day_states, progress_of

FIRST = date(2024, 5, 6)
HANDED_IN = st.lists(
    st.builds(
        HandedIn,
        day=st.integers(0, 40).map(lambda n: FIRST + timedelta(days=n)),
        status=st.sampled_from(["done", "good", "returned"]),
        made_up=st.booleans(),
        removed=st.booleans(),
    ),
    unique_by=lambda one: one.day,
    max_size=25,
)


@given(HANDED_IN, st.integers(1, 30), st.randoms())
def test_the_order_in_which_days_arrive_changes_nothing(days, needed, random):
    shuffled = list(days)
    random.shuffle(shuffled)
    assert progress_of(shuffled, needed=needed) == progress_of(days, needed=needed)


@given(HANDED_IN, st.integers(1, 30))
def test_the_day_that_completes_a_plan_is_the_one_by_which_enough_count(days, needed):
    found = progress_of(days, needed=needed)
    counting = {one.day for one in days if one.status != "returned" and not one.removed}
    assert found.done == len(counting)
    if found.completed_on is None:
        assert len(counting) < needed
    else:
        assert found.completed_on in counting
        assert len({day for day in counting if day <= found.completed_on}) == needed


@given(HANDED_IN, st.integers(1, 30))
def test_another_day_that_counts_brings_nobody_back(days, needed):
    before = progress_of(days, needed=needed)
    after = progress_of([*days, HandedIn(FIRST + timedelta(days=50), "done")], needed=needed)
    assert after.done == before.done + 1
    if before.completed_on is not None:
        assert after.completed_on == before.completed_on


@given(HANDED_IN, st.integers(-3, 45))
def test_each_day_of_a_plan_has_one_state_and_those_that_count_are_the_progress(days, today):
    asked_for = [FIRST + timedelta(days=n) for n in range(41)]
    states = day_states(asked_for, {one.day: one for one in days}, today=FIRST + timedelta(days=today))
    assert list(states) == asked_for
    counting = [day for day, state in states.items() if state in {"done", "good"}]
    assert len(counting) == progress_of(days, needed=1).done
    assert not {day for day, state in states.items() if state == "missed"} & {one.day for one in days}


def test_a_note_is_measured_without_the_white_space_around_it():
    def missing(note, least):
        return missing_evidence("note", least, note=note, link=None)

    assert [missing(note, 4) for note in (None, "   ", "读了 ", "读了两章")] == [
        "note_missing",
        "note_missing",
        "note_too_short",
        None,
    ]
    assert missing_evidence("link", 0, note="x", link=None) == "link_missing"
    assert missing_evidence("file", 0, note="x", link="x") == "file_missing"
    assert missing_evidence("file", 0, note=None, link=None, files=["x"]) is None
    assert missing_evidence("none", 0, note=None, link=None) is None


def test_a_made_up_day_that_was_returned_or_removed_makes_room_for_no_other():
    days = [
        HandedIn(FIRST, "returned", made_up=True),
        HandedIn(FIRST + timedelta(days=1), "done", made_up=True, removed=True),
        HandedIn(FIRST + timedelta(days=2), "good", made_up=True),
    ]
    found = progress_of(days, needed=1)
    assert (found.done, found.made_up) == (1, 3)
