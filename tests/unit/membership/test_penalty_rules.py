"""Sanctions as a fold over revisions: in any order, doubled, never shortened by what comes later, and over by the clock."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.membership.penalties import rules
from services.membership.penalties.rules import DECAY, LENGTHS, SANCTIONS, Revision, points_at, rung, sanction_at

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
IDS = [UUID(int=n) for n in range(1, 6)]
MOMENTS = st.integers(min_value=-24, max_value=24 * 200).map(lambda hours: START + hours * HOUR)


@st.composite
def one_revision(draw, penalty_id, revision, imposed_at):
    sanction = draw(st.sampled_from([None, *SANCTIONS]))
    since = imposed_at + draw(st.integers(min_value=0, max_value=72)) * HOUR
    lasts = draw(st.integers(min_value=0, max_value=24 * 10)) * HOUR
    return Revision(
        penalty_id=penalty_id,
        revision=revision,
        points=draw(st.sampled_from([0, 1, 3, 6])),
        imposed_at=imposed_at,
        sanction=sanction,
        since=since if sanction else None,
        until=None if sanction in (None, "expel") else since + lasts,
    )


@st.composite
def histories(draw):
    made = []
    for penalty_id in IDS[: draw(st.integers(min_value=0, max_value=len(IDS)))]:
        imposed_at = START + draw(st.integers(min_value=0, max_value=24 * 40)) * HOUR
        for revision in range(1, draw(st.integers(min_value=1, max_value=3)) + 1):
            made.append(draw(one_revision(penalty_id, revision, imposed_at)))
    return made


def strength(held):
    if held is None:
        return (-1, True, START)
    return (SANCTIONS.index(held.sanction), held.until is None, held.until or START)


@given(histories(), MOMENTS, st.randoms(use_true_random=False))
def test_in_any_order_and_doubled_it_is_the_same(history, now, random):
    told = history + random.sample(history, len(history) // 2)
    random.shuffle(told)
    assert sanction_at(told, now) == sanction_at(history, now)
    assert points_at(told, now) == points_at(history, now)


@given(histories(), MOMENTS, st.data())
def test_a_later_penalty_never_shortens_or_weakens_what_is_there(history, now, data):
    later = data.draw(one_revision(UUID(int=99), 1, START))
    assert strength(sanction_at([*history, later], now)) >= strength(sanction_at(history, now))


@given(histories(), MOMENTS, st.sampled_from(IDS))
def test_lifting_takes_away_what_that_penalty_brought_and_nothing_else(history, now, lifted):
    undone = Revision(penalty_id=lifted, revision=99, points=0, imposed_at=START)
    others = [one for one in history if one.penalty_id != lifted]
    assert sanction_at([*history, undone], now) == sanction_at(others, now)
    assert points_at([*history, undone], now) == points_at(others, now)


@given(histories(), MOMENTS)
def test_until_its_end_it_lasts_and_at_its_end_it_does_not(history, now):
    held = sanction_at(history, now)
    if held is None or held.until is None:
        return
    just_before = held.until - timedelta(microseconds=1)
    assert now <= just_before
    at_the_end = [one for one in rules.standing(history).values() if one.penalty_id in held.penalty_ids]
    assert sanction_at(at_the_end, just_before) is not None
    assert sanction_at(at_the_end, held.until) is None


@given(histories(), MOMENTS)
def test_of_each_kind_that_is_in_force_the_last_one_counts(history, now):
    several = rules.sanctions_at(history, now)
    kinds = [held.sanction for held in several]
    assert kinds == sorted(set(kinds), key=SANCTIONS.index)
    assert sanction_at(history, now) == (several[-1] if several else None)
    for held in several:
        assert held == sanction_at([one for one in history_as_it_stands(history) if one.sanction == held.sanction], now)


def history_as_it_stands(history):
    return list(rules.standing(history).values())


@given(histories())
def test_points_decay_by_the_clock_after_180_days(history):
    last = max((one.imposed_at for one in history), default=START)
    assert points_at(history, last + DECAY) == 0
    for one in rules.standing(history).values():
        alone = [one]
        assert points_at(alone, one.imposed_at + DECAY - timedelta(microseconds=1)) == one.points
        assert points_at(alone, one.imposed_at - timedelta(microseconds=1)) == 0


@pytest.mark.parametrize(
    ("points", "sanction"),
    [(1, None), (2, None), (3, "mute"), (5, "mute"), (6, "suspend"), (11, "suspend"), (12, "expel"), (40, "expel")],
)
def test_the_ladder(points, sanction):
    assert rung(points) == sanction


def test_how_long_each_rung_lasts():
    assert {"mute": timedelta(days=3), "suspend": timedelta(days=7), "expel": None} == LENGTHS


def test_what_was_served_of_a_short_mute_counts():
    assert rules.muted_until(START, timedelta()) == START + timedelta(days=3)
    assert rules.muted_until(START, timedelta(hours=5)) == START + timedelta(days=2, hours=19)
    assert rules.muted_until(START, timedelta(days=4)) == START


@pytest.mark.parametrize(
    ("proposed", "wanted", "code"),
    [
        ("expel", "expel", None),
        ("expel", "suspend", None),
        ("suspend", "suspend", None),
        ("suspend", None, None),
        ("suspend", "expel", "illegal_transition"),
        (None, "suspend", "illegal_transition"),
        (None, None, "illegal_transition"),
    ],
)
def test_a_second_person_agrees_to_as_much_or_less(proposed, wanted, code):
    parties = {"is_first": False, "is_target": False}
    assert rules.seconding_refusal(proposed=proposed, wanted=wanted, **parties) == code
    for party in parties:
        refused = rules.seconding_refusal(proposed=proposed, wanted=wanted, **parties | {party: True})
        assert refused == "conflict_of_interest"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"lifts_any": True}, None),
        ({"imposed_it": True}, None),
        ({}, "forbidden"),
        ({"imposed_it": True, "was_seconded": True}, "forbidden"),
        ({"lifts_any": True, "was_seconded": True}, None),
        ({"lifts_any": True, "is_target": True}, "conflict_of_interest"),
        ({"lifts_any": True, "undone": True}, "illegal_transition"),
    ],
)
def test_who_may_lift(facts, code):
    nothing = dict.fromkeys(("undone", "is_target", "imposed_it", "was_seconded", "lifts_any"), False)
    assert rules.lifting_refusal(**nothing | facts) == code
