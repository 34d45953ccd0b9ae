"""When figures say that something should change: thresholds, and that worse figures never soften an answer."""

from hypothesis import given
from hypothesis import strategies as st

from services.analytics.insights.finding_rules import (
    Finding,
    inflated,
    left_unanswered,
    likely_to_leave,
    many_at_risk,
    nobody_comes,
    nobody_finishes,
    not_found,
    recruits_vanish,
    worst_first,
)

ORDER = {None: 0, "low": 1, "medium": 2, "high": 3}
few = st.integers(0, 60)


def softer(better, worse):
    return ORDER[better] <= ORDER[worse]


@given(activities=few, attended=few, more=few)
def test_who_comes_less_never_softens_it(activities, attended, more):
    assert softer(nobody_comes(activities, attended + more), nobody_comes(activities, attended))


def test_a_kind_of_activity_is_judged_after_three_and_is_worst_where_nobody_came():
    assert [nobody_comes(n, 0) for n in (2, 3)] == [None, "high"]
    assert [nobody_comes(3, n) for n in (1, 8, 9)] == ["medium", "medium", None]


@given(readers=st.integers(0, 200), finished=few, more=few)
def test_who_finishes_less_never_softens_it(readers, finished, more):
    assert softer(nobody_finishes(readers, finished + more), nobody_finishes(readers, finished))


def test_an_article_is_judged_after_twenty_readers():
    assert [nobody_finishes(n, 0) for n in (19, 20)] == [None, "medium"]
    assert [nobody_finishes(100, n) for n in (4, 5, 19, 20)] == ["medium", "low", "low", None]


def test_what_few_searched_for_is_told_to_nobody():
    assert [not_found(n) for n in (4, 5, 19, 20)] == [None, "low", "low", "medium"]


@given(asked=few, answered=few, fewer=few)
def test_fewer_answers_never_soften_it(asked, answered, fewer):
    answered = min(asked, answered)
    worse = max(0, answered - fewer)
    assert softer(left_unanswered(asked, asked - answered), left_unanswered(asked, asked - worse))


def test_questions_are_left_from_three_and_from_three_in_ten():
    assert [left_unanswered(2, 2), left_unanswered(3, 3)] == [None, "high"]
    assert [left_unanswered(10, n) for n in (2, 3, 5, 6)] == [None, "medium", "medium", "high"]


@given(late=st.lists(few, min_size=2, max_size=2), before=st.lists(few, min_size=4, max_size=4))
def test_who_did_something_lately_is_not_likely_to_leave(late, before):
    silent = likely_to_leave([*late, *before])
    assert bool(silent) == (late == [0, 0] and sum(week > 0 for week in before) >= 3)


def test_many_are_a_tenth_and_three():
    assert [many_at_risk(10, n) for n in (2, 3)] == [None, "high"]
    assert [many_at_risk(100, n) for n in (9, 10, 19, 20)] == [None, "medium", "medium", "high"]


@given(recruits=few, staying=few, others=few, others_staying=few, more=few)
def test_who_stays_less_never_softens_it(recruits, staying, others, others_staying, more):
    better = recruits_vanish(recruits, staying + more, others, others_staying)
    assert softer(better, recruits_vanish(recruits, staying, others, others_staying))


def test_where_everybody_leaves_no_channel_is_to_blame():
    assert recruits_vanish(10, 1, 100, 10) is None
    assert recruits_vanish(10, 1, 100, 50) == "medium"
    assert recruits_vanish(10, 0, 0, 0) == "high"
    assert recruits_vanish(9, 0, 100, 50) is None
    assert recruits_vanish(10, 3, 100, 90) is None


@given(issued=st.floats(0, 1e6), active=few, before=st.floats(0, 1e6), active_before=few, more=st.floats(0, 1e6))
def test_more_points_never_soften_it(issued, active, before, active_before, more):
    assert softer(
        inflated(issued, active, before, active_before), inflated(issued + more, active, before, active_before)
    )


def test_points_are_compared_by_active_member():
    assert inflated(1500, 10, 1000, 10) == "medium"
    assert inflated(1500, 15, 1000, 10) is None
    assert inflated(2500, 10, 1000, 10) == "high"
    assert inflated(499, 10, 100, 10) is None
    assert inflated(1000, 10, 0, 10) is None


def test_the_worst_five_are_raised():
    found = [Finding("searches_without_answer", "low", {}, slot=f"{n:02}", worst=n) for n in range(8)]
    assert [one.worst for one in worst_first(found)] == [7, 6, 5, 4, 3]
