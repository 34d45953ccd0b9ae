"""Streaks: a fold over a member's days, and its incremental path."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.days import day_began_at
from services.gamification.checkins.rules import (
    CheckinDay,
    StreakDays,
    StreakState,
    assign_weeks,
    can_make_up,
    fold,
    live_length,
    new_milestones,
    next_milestone,
    step,
)

MONDAY = date(2024, 1, 1)


def every_day(_day: date) -> bool:
    return True


def monday_to_friday(day: date) -> bool:
    return day.weekday() < 5


def a_day(day: date, streak_days: StreakDays = StreakDays.EVERY_DAY) -> CheckinDay:
    zone = "Asia/Shanghai"
    return CheckinDay(day=day, time_zone=zone, began_at=day_began_at(day, time_zone=zone), streak_days=streak_days)


def days(*offsets: int, streak_days: StreakDays = StreakDays.EVERY_DAY) -> list[CheckinDay]:
    return [a_day(MONDAY + timedelta(days=offset), streak_days) for offset in offsets]


def folded(*offsets: int):
    return fold(days(*offsets), is_workday=every_day)


def bonuses(steps) -> list[date]:
    return [each.day for each in steps if each.pays_bonus]


some_days = st.sets(st.integers(min_value=0, max_value=200), max_size=150).map(sorted)
long_runs = st.sets(st.integers(min_value=0, max_value=160), min_size=110).map(sorted)


def test_the_next_day_extends_a_streak():
    assert folded(0, 1, 2)[0].current == 3


def test_a_missed_day_without_a_freeze_starts_anew_at_one():
    assert folded(0, 1, 3)[0].current == 1


def test_the_longest_streak_is_kept():
    state, _ = folded(0, 1, 2, 10, 11)
    assert (state.current, state.longest) == (2, 3)


def test_the_thirtieth_checkin_earns_a_freeze_that_bridges_one_missed_day_uncounted():
    state, steps = folded(*range(30), 31)
    assert (state.current, state.freezes, state.freezes_used) == (31, 0, 1)
    assert steps[29].earned_freeze
    assert steps[30].froze


def test_two_missed_days_are_not_bridged_and_keep_the_freeze():
    state, _ = folded(*range(30), 32)
    assert (state.current, state.freezes) == (1, 1)


def test_the_thirtieth_checkin_is_of_the_members_life_not_of_the_streak():
    state, _ = folded(*range(0, 60, 2))
    assert (state.checkins, state.freezes) == (30, 1)


def test_no_more_than_two_freezes_are_held():
    assert folded(*range(120))[0].freezes == 2


def test_a_freeze_used_on_the_thirtieth_checkin_makes_room_for_the_one_it_earns():
    state, steps = folded(*range(60), *range(60, 89), 90)
    assert state.checkins == 90
    assert steps[-1].froze
    assert steps[-1].earned_freeze
    assert state.freezes == 2


@pytest.mark.parametrize(("length", "bonuses"), [(6, 0), (7, 1), (13, 1), (14, 2), (30, 4)])
def test_each_full_week_of_a_streak_pays_once(length, bonuses):
    _, steps = folded(*range(length))
    assert sum(each.pays_bonus for each in steps) == bonuses


def test_a_new_streak_pays_again():
    _, steps = folded(*range(7), *range(20, 27))
    assert [each.day for each in steps if each.pays_bonus] == [MONDAY + timedelta(days=6), MONDAY + timedelta(days=26)]


def test_milestones_are_seven_thirty_and_a_hundred():
    _, steps = folded(*range(120))
    assert [each.milestone for each in steps if each.milestone] == [7, 30, 100]
    assert [next_milestone(0), next_milestone(7), next_milestone(99), next_milestone(100)] == [7, 30, 100, None]


def test_where_workdays_count_a_weekend_missed_breaks_nothing_and_needs_no_freeze():
    state, _ = fold(days(3, 4, 7, 8, streak_days=StreakDays.WORKDAYS), is_workday=monday_to_friday)
    assert (state.current, state.freezes_used) == (4, 0)


def test_where_workdays_count_a_checkin_on_a_day_off_counts():
    state, _ = fold(days(4, 5, 6, 7, streak_days=StreakDays.WORKDAYS), is_workday=monday_to_friday)
    assert state.current == 4


def test_where_workdays_count_a_missed_workday_breaks():
    state, _ = fold(days(3, 7, streak_days=StreakDays.WORKDAYS), is_workday=monday_to_friday)
    assert state.current == 1


def test_where_every_day_counts_a_weekend_missed_breaks():
    state, _ = fold(days(3, 4, 7), is_workday=monday_to_friday)
    assert state.current == 1


def test_a_streak_is_alive_until_the_day_after_is_over():
    state, _ = folded(0, 1, 2)
    assert [live_length(state, day, is_workday=every_day) for day in days(2, 3, 4)] == [3, 3, 0]


def test_a_held_freeze_keeps_a_streak_alive_one_day_longer():
    state, _ = folded(*range(30))
    assert [live_length(state, day, is_workday=every_day) for day in days(30, 31, 32)] == [30, 30, 0]


def test_days_out_of_order_are_refused_by_the_incremental_path():
    state, _ = folded(5)
    with pytest.raises(ValueError, match="in order"):
        step(state, a_day(MONDAY), is_workday=every_day)


def test_a_late_day_that_joins_two_streaks_moves_the_bonus_to_its_own_day():
    before = folded(0, 1, 2, *range(4, 11))[1]
    after = folded(*range(11))[1]
    assert (bonuses(before), bonuses(after)) == ([MONDAY + timedelta(days=10)], [MONDAY + timedelta(days=6)])
    assert assign_weeks(bonuses(before), bonuses(after), [each.day for each in after]) == {
        MONDAY + timedelta(days=10): MONDAY + timedelta(days=6)
    }
    assert new_milestones(before, after) == [(MONDAY + timedelta(days=6), 7)]


@pytest.mark.parametrize("late", range(1, 7))
def test_late_days_before_a_streak_leave_its_bonuses_the_same_ones(late):
    before, after = folded(*range(late, 30))[1], folded(*range(30))[1]
    assigned = assign_weeks(bonuses(before), bonuses(after), [each.day for each in after])
    assert assigned.keys() == set(bonuses(before))


def test_a_bonus_takes_its_own_day_rather_than_a_near_one():
    first, second = (MONDAY + timedelta(days=n) for n in (6, 13))
    taken = [MONDAY + timedelta(days=n) for n in range(14)]
    assert assign_weeks([first, second], [second], taken) == {second: second}


def test_a_bonus_a_whole_week_of_checkins_away_is_another_one():
    taken = [MONDAY + timedelta(days=n) for n in range(14)]
    assert assign_weeks([taken[13]], [taken[6]], taken) == {}


def test_a_made_up_day_gives_back_the_freeze_it_makes_needless():
    assert folded(*range(30), 31)[0].freezes == 0
    state, _ = folded(*range(32))
    assert (state.freezes, state.freezes_used) == (1, 0)


@pytest.mark.parametrize(("age", "possible"), [(0, False), (1, True), (3, True), (4, False), (-1, False)])
def test_a_day_can_be_made_up_for_three_days(age, possible):
    today = MONDAY + timedelta(days=20)
    assert can_make_up(today - timedelta(days=age), today=today, joined_on=MONDAY) is possible


def test_a_day_before_joining_cannot_be_made_up():
    assert not can_make_up(MONDAY, today=MONDAY + timedelta(days=1), joined_on=MONDAY + timedelta(days=1))


@given(some_days | long_runs, st.randoms())
def test_any_order_of_days_folds_to_the_same(offsets, random):
    shuffled = days(*offsets)
    random.shuffle(shuffled)
    assert fold(shuffled, is_workday=every_day) == folded(*offsets)


@given(some_days | long_runs, st.integers(min_value=0, max_value=200), st.sampled_from(StreakDays))
def test_the_incremental_path_equals_the_whole_fold(offsets, cut, streak_days):
    everything = days(*offsets, streak_days=streak_days)
    early, late = everything[:cut], everything[cut:]
    state, steps = fold(early, is_workday=monday_to_friday)
    for day in late:
        state, one = step(state, day, is_workday=monday_to_friday)
        steps.append(one)
    assert (state, steps) == fold(everything, is_workday=monday_to_friday)


@given(some_days | long_runs)
def test_a_fold_never_holds_more_freezes_than_it_earned_and_two_at_most(offsets):
    state = StreakState()
    earned = 0
    for day in days(*offsets):
        state, one = step(state, day, is_workday=every_day)
        earned += one.earned_freeze
        assert 0 <= state.freezes <= 2
        assert state.freezes == earned - state.freezes_used
        assert state.longest >= state.current >= 1


@given(long_runs | some_days, st.lists(st.integers(min_value=0, max_value=200), max_size=30))
def test_in_any_order_of_arrival_each_bonus_that_is_due_stands_once(first, arrivals):
    known, kept = set(first), set(bonuses(folded(*sorted(first))[1]))
    for arrival in arrivals:
        known.add(arrival)
        steps = folded(*sorted(known))[1]
        due = bonuses(steps)
        assigned = assign_weeks(kept, due, [each.day for each in steps])
        assert assigned.keys() <= kept
        assert len(set(assigned.values())) == len(assigned)
        assert set(assigned.values()) <= set(due)
        assert all(assigned[day] == day for day in kept & set(due))
        kept |= set(due) - set(assigned.values())


@given(some_days)
def test_a_fold_that_changes_nothing_moves_nothing(offsets):
    steps = folded(*offsets)[1]
    due = bonuses(steps)
    assert assign_weeks(due, due, [each.day for each in steps]) == {day: day for day in due}
    assert new_milestones(steps, steps) == []
