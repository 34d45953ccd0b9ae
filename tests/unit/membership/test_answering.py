"""Which requirements no answer to a form can satisfy."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.forms.answers import answer_errors
from services.membership.campaigns.answering import unsatisfiable_in
from services.membership.campaigns.rules import Op, Requirement, evaluate

INTEGER = {"type": "integer", "minimum": 0, "maximum": 9}
OPTIONS = {"enum": ["a", "b", None]}
DATE = {"type": "string", "format": "date"}


def why_not(schema, op, value, *, path="x", **more):
    form = {"type": "object", "properties": {"x": schema}, **more}
    found = unsatisfiable_in([Requirement("r", f"answers.{path}", op, value)], form)
    return found[0].reason if found else None


@pytest.mark.parametrize(
    ("schema", "op", "value", "reason"),
    [
        ({"type": "string"}, "gte", 2, "wrong_type"),
        ({"type": "integer"}, "gte", "2", "wrong_type"),
        ({"type": "boolean"}, "gte", 1, "wrong_type"),
        ({"type": "boolean"}, "eq", "yes", "wrong_type"),
        ({"type": ["string", "null"]}, "eq", 1, "wrong_type"),
        ({"type": "object"}, "eq", 1, "wrong_type"),
        ({"type": "array", "items": {"type": "string"}}, "contains", 3, "wrong_type"),
        ({"type": "number"}, "contains", 3, "wrong_type"),
        ({"type": "null"}, "ne", 3, "wrong_type"),
        (False, "ne", 3, "no_such_field"),
        (INTEGER, "gte", 10, "out_of_bounds"),
        (INTEGER, "lte", -1, "out_of_bounds"),
        (INTEGER, "eq", 2.5, "out_of_bounds"),
        (INTEGER, "in", [10, 11], "out_of_bounds"),
        ({"type": "integer", "minimum": 1, "maximum": 2}, "not_in", [1, 2], "out_of_bounds"),
        ({"type": "number", "exclusiveMaximum": 5}, "gte", 5, "out_of_bounds"),
        ({"type": "number", "minimum": 5, "maximum": 5}, "ne", 5, "out_of_bounds"),
        ({"type": "number", "multipleOf": 5, "maximum": 9}, "gte", 6, "out_of_bounds"),
        ({"type": "string", "maxLength": 2}, "contains", "abc", "out_of_bounds"),
        ({"type": "array", "maxItems": 0}, "contains", "a", "out_of_bounds"),
        (DATE, "gte", "春天", "out_of_bounds"),
        (OPTIONS, "eq", "c", "not_an_option"),
        (OPTIONS, "in", ["c", "d"], "not_an_option"),
        (OPTIONS, "not_in", ["a", "b"], "not_an_option"),
        ({"const": 1}, "gte", 2, "not_an_option"),
        ({"enum": [1, 20], "maximum": 9}, "gte", 10, "not_an_option"),
        ({"anyOf": [{"type": "string"}, {"type": "integer", "maximum": 1}]}, "gte", 2, "wrong_type"),
        ({"type": "integer", "anyOf": [{"maximum": 1}, {"maximum": 2}]}, "gte", 3, "out_of_bounds"),
        ({"allOf": [{"type": "integer"}, {"maximum": 1}]}, "gte", 2, "out_of_bounds"),
        ({"$ref": "#/$defs/small"}, "gte", 3, "out_of_bounds"),
    ],
)
def test_what_nobody_can_answer_is_found_with_its_reason(schema, op, value, reason):
    assert why_not(schema, op, value, **{"$defs": {"small": {"type": "integer", "maximum": 2}}}) == reason


@pytest.mark.parametrize(
    ("schema", "op", "value"),
    [
        (True, "gte", 2),
        ({}, "contains", "a"),
        (INTEGER, "gte", 9),
        (INTEGER, "ne", "text"),
        ({"type": ["string", "integer"]}, "gte", 2),
        ({"type": "number", "multipleOf": 0.1}, "eq", 0.3),
        ({"type": "number", "exclusiveMinimum": 5}, "lte", 5.1),
        ({"type": "string", "maxLength": 1}, "eq", " Ａ "),
        ({"type": "array"}, "contains", "a"),
        ({"type": "array", "items": {"enum": ["sql", "python"]}}, "contains", "sql"),
        ({"type": "array"}, "ne", "a"),
        (OPTIONS, "ne", "a"),
        (OPTIONS, "in", ["b", "c"]),
        (DATE, "lte", "2024-01-01"),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, "gte", 2),
    ],
)
def test_what_somebody_can_answer_is_not(schema, op, value):
    assert why_not(schema, op, value) is None


def test_a_field_is_looked_for_along_its_whole_path():
    work = {"type": "object", "properties": {"years": INTEGER}, "additionalProperties": False}
    assert why_not(work, "gte", 10, path="x.years") == "out_of_bounds"
    assert why_not(work, "gte", 9, path="x.years") is None
    assert why_not(work, "gte", 1, path="x.months") == "no_such_field"
    assert why_not({"type": "object"}, "gte", 1, path="x.months") is None
    assert why_not({"type": "string"}, "gte", 1, path="x.months") == "no_such_field"
    assert why_not(work, "gte", 1, path="y") == "no_such_field"


@pytest.mark.parametrize(
    ("field", "op", "value", "reason"),
    [
        ("person.job_grade", "gte", 3, "wrong_type"),
        ("person.kind", "eq", "员工", "not_an_option"),
        ("person.departments", "eq", "D01", "wrong_type"),
        ("person.departments", "contains", "D01", None),
        ("person.hired_on", "lte", "2023-12-31", None),
        ("person.kind", "eq", "employee", None),
    ],
)
def test_a_requirement_on_the_person_is_judged_by_what_people_can_be(field, op, value, reason):
    found = unsatisfiable_in([Requirement("r", field, op, value)], {"type": "object"})
    assert [one.reason for one in found] == ([reason] if reason else [])


SCALARS: Any = st.one_of(st.booleans(), st.integers(-3, 12), st.sampled_from([0.5, 2.5, "a", "b", "abc", "2024-01-01"]))
BOUNDS = st.dictionaries(
    st.sampled_from(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]), st.integers(-2, 10)
)
SCHEMAS = st.one_of(
    st.builds(lambda kind, bounds: {"type": kind, **bounds}, st.sampled_from(["integer", "number"]), BOUNDS),
    st.builds(lambda longest: {"type": "string", "maxLength": longest}, st.integers(0, 4)),
    st.builds(lambda options: {"enum": options}, st.lists(SCALARS, min_size=1, max_size=3)),
    st.builds(
        lambda kinds: {"type": kinds},
        st.lists(st.sampled_from(["string", "integer", "boolean"]), min_size=1, unique=True),
    ),
    st.just({"type": "array", "items": {"type": "integer", "maximum": 5}}),
)
ALTERNATIVES = st.one_of(SCHEMAS, st.builds(lambda some: {"anyOf": some}, st.lists(SCHEMAS, min_size=1, max_size=2)))


@given(ALTERNATIVES, st.sampled_from(get_args(Op)), SCALARS, st.one_of(SCALARS, st.lists(SCALARS, max_size=2)))
def test_an_answer_that_satisfies_proves_that_one_can(schema, op, wanted, answer):
    form = {"type": "object", "properties": {"x": schema}}
    requirement = Requirement("r", "answers.x", op, [wanted] if op in ("in", "not_in") else wanted)
    if not answer_errors(form, {"x": answer}) and not evaluate([requirement], person={}, answers={"x": answer}).failed:
        assert unsatisfiable_in([requirement], form) == ()
