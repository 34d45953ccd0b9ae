"""Sanctions as a fold over revisions: in any order, doubled, never shortened by what comes later, and over by the clock."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.membership.penalties import rules
from services.membership.penalties.rules import DECAY, LENGTHS, SANCTIONS, Revision, points_at, rung, sanction_at

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)
IDS = [UUID(int=n) for n in range(1, 6)]


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
        # An expulsion ends where it rests under an appeal.
        until=None if sanction is None or (sanction == "expel" and draw(st.booleans())) else since + lasts,
    )


@st.composite
def histories(draw):
    """Penalties that lie close together, so that several are in force at once."""
    made = []
    for penalty_id in IDS[: draw(st.integers(min_value=0, max_value=len(IDS)))]:
        imposed_at = START + draw(st.integers(min_value=0, max_value=24 * 6)) * HOUR
        for revision in range(1, draw(st.integers(min_value=1, max_value=3)) + 1):
            made.append(draw(one_revision(penalty_id, revision, imposed_at)))
    return made


def moments(history):
    """Where something of it begins, ends or decays, and right before and after."""
    borders = {at for one in history for at in (one.imposed_at, one.since, one.until, one.decays_at) if at} or {START}
    beside = st.sampled_from([-HOUR, -TICK, timedelta(), TICK, HOUR])
    return st.builds(lambda at, by: at + by, st.sampled_from(sorted(borders)), beside)


HISTORIES = histories().flatmap(lambda history: st.tuples(st.just(history), moments(history)))


def plainly(history, now):
    """The strongest sanction at a moment, its end and the points that count, as somebody reads them off a list."""
    last = {one.penalty_id: one for one in sorted(history, key=lambda one: one.revision)}.values()
    points = sum(one.points for one in last if one.imposed_at <= now and (now - one.imposed_at).days < 180)
    for sanction in ("expel", "suspend", "mute"):
        ends = [
            one.until
            for one in last
            if one.sanction == sanction and one.since <= now < (one.until or datetime.max.replace(tzinfo=UTC))
        ]
        if ends:
            return (sanction, None if None in ends else max(ends)), points
    return None, points


def strength(held):
    if held is None:
        return (-1, True, START)
    return (SANCTIONS.index(held.sanction), held.until is None, held.until or START)


EXPELLED = [
    Revision(key, 1, 6, START, "expel", START, until) for key, until in ((IDS[0], None), (IDS[1], START + HOUR))
]

MUTED = [Revision(key, 1, 3, START, "mute", START, START + hours * HOUR) for key, hours in ((IDS[0], 2), (IDS[1], 1))]


@given(HISTORIES)
@example((EXPELLED, START))
@example((MUTED, START))
def test_what_holds_is_what_somebody_reads_off_a_list(known):
    history, now = known
    held = sanction_at(history, now)
    assert ((held.sanction, held.until) if held else None, points_at(history, now)) == plainly(history, now)


@given(HISTORIES, st.randoms(use_true_random=False))
def test_in_any_order_and_doubled_it_is_the_same(known, random):
    history, now = known
    told = history + random.sample(history, len(history) // 2)
    random.shuffle(told)
    assert sanction_at(told, now) == sanction_at(history, now)
    assert points_at(told, now) == points_at(history, now)


@given(HISTORIES, st.data())
def test_a_later_penalty_never_shortens_or_weakens_what_is_there(known, data):
    history, now = known
    later = data.draw(one_revision(UUID(int=99), 1, now - data.draw(st.integers(min_value=0, max_value=72)) * HOUR))
    assert strength(sanction_at([*history, later], now)) >= strength(sanction_at(history, now))


@given(HISTORIES, st.sampled_from(IDS))
def test_lifting_takes_away_what_that_penalty_brought_and_nothing_else(known, lifted):
    history, now = known
    undone = Revision(penalty_id=lifted, revision=99, points=0, imposed_at=START)
    others = [one for one in history if one.penalty_id != lifted]
    assert sanction_at([*history, undone], now) == sanction_at(others, now)
    assert points_at([*history, undone], now) == points_at(others, now)


@given(HISTORIES)
def test_until_its_end_it_lasts_and_at_its_end_it_does_not(known):
    history, now = known
    held = sanction_at(history, now)
    if held is None or held.until is None:
        return
    just_before = held.until - TICK
    assert now <= just_before
    at_the_end = [one for one in rules.standing(history).values() if one.penalty_id in held.penalty_ids]
    assert sanction_at(at_the_end, just_before) is not None
    assert sanction_at(at_the_end, held.until) is None


@given(HISTORIES)
def test_of_each_kind_that_is_in_force_the_last_one_counts(known):
    history, now = known
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
        assert points_at(alone, one.imposed_at + DECAY - TICK) == one.points
        assert points_at(alone, one.imposed_at - TICK) == 0


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
    parties = {"is_first": False, "is_party": False}
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
        ({"lifts_any": True, "was_reviewed": True}, "conflict_of_interest"),
        ({"imposed_it": True, "was_reviewed": True}, None),
    ],
)
def test_who_may_lift(facts, code):
    facts_of_lifting = ("undone", "is_target", "imposed_it", "was_seconded", "lifts_any", "was_reviewed")
    nothing = dict.fromkeys(facts_of_lifting, False)
    assert rules.lifting_refusal(**nothing | facts) == code
