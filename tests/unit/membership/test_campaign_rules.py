from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.membership.campaigns import rules
from services.membership.campaigns.rules import Readiness, Requirement

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
READY = Readiness(channels=1, form_version=1, community_open=True, closes_at=NOON + HOUR)


def status(stored, *, opens=-1, closes=1):
    return rules.status_at(stored, opens_at=NOON + opens * HOUR, closes_at=NOON + closes * HOUR, now=NOON)


@pytest.mark.parametrize(
    ("stored", "opens", "closes", "expected"),
    [
        ("scheduled", 1, 2, "scheduled"),
        ("scheduled", 0, 2, "open"),
        ("scheduled", -2, -1, "closed"),
        ("open", -1, 1, "open"),
        ("open", -1, 0, "closed"),
        ("draft", -1, 1, "draft"),
        ("draft", -2, -1, "draft"),
        ("closed", -1, 1, "closed"),
        ("archived", -1, 1, "archived"),
    ],
)
def test_the_clock_opens_what_is_scheduled_and_closes_what_is_open(stored, opens, closes, expected):
    assert status(stored, opens=opens, closes=closes) == expected


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=20))
def test_time_moves_a_campaign_forward_only(minutes):
    order = ["scheduled", "open", "closed"]
    seen = [
        order.index(
            rules.status_at("scheduled", opens_at=NOON, closes_at=NOON + 4 * HOUR, now=NOON + timedelta(minutes=minute))
        )
        for minute in sorted(minutes)
    ]
    assert seen == sorted(seen)


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"channels": 0}, "channel"),
        ({"form_version": 0}, "form"),
        ({"community_open": False}, "open_community"),
        ({"closes_at": NOON}, "closes_at"),
        ({"unsatisfiable": True}, "answerable_requirements"),
    ],
)
def test_open_needs_a_channel_a_form_an_open_community_and_time(change, missing):
    incomplete = Readiness(
        **{"channels": 1, "form_version": 1, "community_open": True, "closes_at": NOON + HOUR} | change
    )
    assert incomplete.missing(NOON) == [missing]
    assert rules.refusal("open", status="draft", ready=incomplete, now=NOON) == "campaign_incomplete"


def test_a_complete_draft_opens():
    assert rules.refusal("open", status="draft", ready=READY, now=NOON) is None


@pytest.mark.parametrize(
    ("action", "legal"),
    [("open", {"draft"}), ("close", {"scheduled", "open"}), ("archive", {"draft", "closed"})],
)
def test_transitions_are_legal_from_these_states_only(action, legal):
    states: list[Any] = ["draft", "scheduled", "open", "closed", "archived"]
    assert {state for state in states if rules.refusal(action, status=state, ready=READY, now=NOON) is None} == legal


def test_what_applicants_were_told_stays_while_the_campaign_runs():
    assert rules.patch_refusal("open", ["requirements"]) == "campaign_running"
    assert rules.patch_refusal("open", ["quota", "title", "closes_at"]) is None
    assert rules.patch_refusal("closed", ["title"]) == "illegal_transition"


def test_steps_come_once_each_in_their_order_and_begin_with_the_form():
    assert rules.steps_in_order(["form", "interview"])
    assert not rules.steps_in_order(["interview", "form"])
    assert not rules.steps_in_order(["form", "form"])
    assert not rules.steps_in_order(["test"])
    assert not rules.steps_in_order([])


def holds(op, value, actual):
    requirement = Requirement("r", "answers.x", op, value, knock_out=True)
    return not rules.evaluate([requirement], person={}, answers={"x": actual}).failed


@pytest.mark.parametrize(
    ("op", "value", "actual", "expected"),
    [
        ("eq", 3, 3, True),
        ("eq", 1, True, False),
        ("ne", 3, 4, True),
        ("in", ["a", "b"], "b", True),
        ("in", ["a", "b"], "c", False),
        ("not_in", ["a"], "b", True),
        ("not_in", ["a"], "a", False),
        ("gte", 3, 3, True),
        ("gte", 3, 2.5, False),
        ("gte", 3, "4", False),
        ("lte", "2023-12-31", "2023-01-01", True),
        ("lte", 3, True, False),
        ("contains", "数据", "数据分析", True),
        ("contains", "sql", ["python", "sql"], True),
        ("contains", "sql", {"sql": 1}, False),
        ("eq", "上海", "上海 ", True),
        ("eq", "上海", "\u3000上海", True),
        ("eq", "A1", "Ａ１", True),
        ("eq", "é", "e\u0301", True),
        ("ne", "上海", " 上海", False),
        ("in", ["上海", "北京"], "北京\t", True),
        ("not_in", ["上海"], "上海 ", False),
        ("lte", "2023-12-31", " 2023-01-01 ", True),
        ("contains", "ＳＱＬ", "SQL 与 Python", True),
        ("contains", "上海", ["上海 "], True),
    ],
)
def test_each_operator_compares_as_its_name_says(op, value, actual, expected):
    assert holds(op, value, actual) is expected


@given(st.sampled_from(get_args(rules.Op)), st.sampled_from(["person.title", "answers.x", "answers.x.y"]))
def test_a_missing_answer_fails_whatever_the_operator(op, field):
    value = ["a"] if op in ("in", "not_in") else "a"
    found = rules.evaluate([Requirement("r", field, op, value, knock_out=True)], person={"title": None}, answers={})
    assert found.failed == ("r",)
    assert found.knocked_out_by == ("r",)


def test_only_knock_outs_knock_out_and_weights_make_the_score():
    wishes = [
        Requirement("tenure", "answers.years", "gte", 2, weight=3),
        Requirement("team", "answers.team", "eq", "hr"),
    ]
    found = rules.evaluate(wishes, person={}, answers={"years": 1, "team": "hr"})
    assert found.failed == ("tenure",)
    assert found.knocked_out_by == ()
    assert found.score == 0.25


def test_person_fields_that_reach_somebody_cannot_be_asked_for():
    assert rules.requirement_error(Requirement("r", "person.email", "eq", "a@b.c")) == "unknown_field"
    assert rules.requirement_error(Requirement("r", "person.kind", "eq", "employee")) is None
    assert rules.requirement_error(Requirement("r", "shoe.size", "eq", 42)) == "unknown_field"
    assert rules.requirement_error(Requirement("r", "answers.", "eq", 42)) == "unknown_field"


@pytest.mark.parametrize(("op", "value"), [("in", "a"), ("in", []), ("gte", True), ("eq", ["a"]), ("contains", {})])
def test_a_value_must_suit_its_operator(op, value):
    assert rules.requirement_error(Requirement("r", "answers.x", op, value)) == "value_does_not_fit_op"
