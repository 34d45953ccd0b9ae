import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.budget import OverBudget, within
from chassis.forms.answers import answer_errors
from chassis.forms.definition import MAX_PROPERTIES, FormRefused, check_form
from chassis.interpreting import STEPS, STEPS_AT_ONCE
from tests.support.effort import CALLS_IN_100_MS, calls_of

FORM = {
    "type": "object",
    "required": ["motive", "years"],
    "additionalProperties": False,
    "properties": {
        "motive": {"type": "string", "minLength": 5, "title": "为什么想加入?"},
        "years": {"type": "integer", "minimum": 0},
        "since": {"type": "string", "format": "date"},
        "skills": {"type": "array", "items": {"$ref": "#/$defs/skill"}},
    },
    "$defs": {"skill": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}},
}


def form(**parts):
    return {"type": "object"} | parts


def nested(levels):
    schema: dict[str, object] = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


def deep(levels):
    value: object = "x"
    for _ in range(levels):
        value = [value]
    return value


def doubling(levels):
    defs = {f"d{i}": {"allOf": [{"$ref": f"#/$defs/d{i + 1}"}] * 2} for i in range(levels)}
    return form(**{"$ref": "#/$defs/d0", "$defs": defs | {f"d{levels}": {}}})


HOSTILE = {
    "remote": form(properties={"x": {"$ref": "https://example.com/schema.json"}}),
    "file": form(properties={"x": {"$ref": "file:///etc/passwd"}}),
    "relative": form(properties={"x": {"$ref": "other.json"}}),
    "dialect by address": form(**{"$schema": "http://127.0.0.1:1/meta"}),
    "own address": form(**{"$id": "http://127.0.0.1:1/", "properties": {"x": {"$ref": "#/properties"}}}),
    "itself": form(**{"$ref": "#"}),
    "itself below": form(properties={"child": {"$ref": "#"}}),
    "a circle": form(**{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}),
    "an unused circle": form(**{"$defs": {"a": {"items": {"$ref": "#/$defs/a"}}}}),
    "doubling": doubling(30),
    "nowhere": form(properties={"x": {"$ref": "#/$defs/none"}}),
    "into a value": form(properties={"x": {"$ref": "#/default"}}, default={"pattern": "a"}),
    "escaped": form(**{"$defs": {"a": {}}, "properties": {"x": {"$ref": "#/%24defs/a"}}}),
    "no string": form(properties={"x": {"$ref": 7}}),
    "dynamic": form(properties={"x": {"$dynamicRef": "#meta"}}),
    "anchor": form(properties={"x": {"$anchor": "y"}}),
    "pattern": form(properties={"x": {"type": "string", "pattern": "^(a+)+$"}}),
    "pattern properties": form(patternProperties={"^(a+)+$": {}}),
    "pattern in a definition": form(**{"$defs": {"a": {"pattern": "a"}}}),
    "pattern below not": form(**{"not": {"anyOf": [{"pattern": "a"}]}}),
    "regex": form(properties={"x": {"format": "regex"}}),
    "unevaluated": form(unevaluatedProperties=False),
    "deep": nested(11),
    "very deep": form(default=deep(3000)),
    "many properties": form(properties={f"p{i}": {} for i in range(MAX_PROPERTIES + 1)}),
    "large": form(description="字" * 30_000),
    "unknown type": form(properties={"x": {"type": "text"}}),
    "bad keyword value": form(properties={"x": {"minLength": "3"}}),
    "a list of schemas": [FORM],
    "a boolean": True,
    "no object": {"type": "string"},
    "many checks": form(allOf=[{"anyOf": [{"type": "string"}] * 20} for _ in range(100)]),
    "bad after much": form(
        properties={f"p{i}": {"type": "string", "enum": ["x"] * 20} for i in range(199)} | {"z": {"type": 1}}
    ),
}


def test_an_ordinary_form_is_accepted():
    check_form(FORM)


def test_ten_levels_are_accepted():
    check_form(nested(9))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_or_wrong_form_is_refused_soon_and_without_a_connection(name, monkeypatch):
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("a connection was tried"))

    def check():
        with pytest.raises(FormRefused) as refused:
            check_form(HOSTILE[name])
        assert refused.value.errors

    check()  # what is read once for all forms is no cost of this one
    assert calls_of(check) < CALLS_IN_100_MS


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "properties", "items", "$ref", "$defs", "allOf", "not", "enum", "required", "a"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(JSON)
def test_any_json_is_either_a_form_or_refused(candidate):
    schema = {**candidate, "type": "object"} if isinstance(candidate, dict) else candidate
    try:
        check_form(schema)
    except FormRefused:
        return
    answer_errors(schema, {"a": [1, {"a": "b"}]})


def pointers(answers, schema=FORM):
    return {(error.pointer, error.code) for error in answer_errors(schema, answers)}


def test_answers_that_fit_have_no_errors():
    assert not answer_errors(FORM, {"motive": "想学数据分析", "years": 2, "since": "2023-04-01"})


def test_applicants_read_what_an_answer_should_be_and_no_keyword():
    found = answer_errors(FORM, {"motive": "hi", "years": "two", "since": "20230401", "skills": {}})
    assert [error.as_json("zh-CN")["detail"] for error in found] == [
        "至少 5 个字符。",
        "应为日期（如 2024-01-31）。",
        "应为列表。",
        "应为整数。",
    ]
    assert [error.as_json("en")["detail"] for error in found][:2] == [
        "At least 5 characters.",
        "Should be a date such as 2024-01-31.",
    ]


def test_of_several_types_each_is_named():
    schema = {"type": "object", "properties": {"hours": {"type": ["integer", "null"]}}}
    (error,) = answer_errors(schema, {"hours": "x"})
    assert error.as_json("zh-CN")["detail"] == "应为整数或空。"


def test_each_answer_that_does_not_fit_is_pointed_at():
    found = pointers({"motive": "hi", "skills": [{"name": "sql"}, {}], "shoe~size/eu": 42, "since": "20230401"})
    assert found == {
        ("/years", "required"),
        ("/motive", "minLength"),
        ("/skills/1/name", "required"),
        ("/shoe~0size~1eu", "unknown_field"),
        ("/since", "format"),
    }


def test_an_error_repeats_nothing_that_was_answered():
    told = answer_errors(FORM, {"motive": "Geheim"[:4], "years": "Geheim"})
    assert told
    assert all("Geh" not in error.detail for error in told)


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"skills": [{"name": "x"}] * 201}, "too_many_items"),
        ({"motive": "x" * 70_000}, "too_large"),
        ({"years": 10**400}, "number_too_large"),
        ({"years": float("nan")}, "number_too_large"),
        ({"motive": deep(3000)}, "too_deep"),
    ],
)
def test_answers_out_of_all_proportion_are_refused_before_they_cost(answers, code):
    assert [error.code for error in answer_errors(FORM, answers)] == [code]


def test_at_most_fifty_errors_are_told():
    schema = form(properties={f"p{i}": {"type": "string"} for i in range(120)})
    assert len(answer_errors(schema, {f"p{i}": 1 for i in range(120)})) == 50


@pytest.mark.parametrize(
    ("step", "value", "fits"),
    [
        (0.1, 0.3, True),
        (0.1, 0.7, True),
        (0.01, 19.99, True),
        (0.1, 0.35, False),
        (3, 9, True),
        (3, 9.5, False),
        (1e-09, 1000000000.0, True),
        (0.1, 9007199254740991, True),
        (5, True, True),
        (5, "5", True),
        (1e300, 1e-300, False),
        (0.1, -0.3, True),
    ],
)
def test_multiples_are_counted_in_the_decimals_that_were_written(step, value, fits):
    schema = {"type": "object", "properties": {"a": {"multipleOf": step}}}
    check_form(schema)
    assert (answer_errors(schema, {"a": value}) == []) is fits


@pytest.mark.parametrize(
    ("items", "unique"),
    [
        ([1, 2, 3], True),
        ([1, 1.0], False),
        ([1, True], True),
        ([0, False], True),
        (["1", 1], True),
        ([{"a": 1, "b": 2}, {"b": 2, "a": 1}], False),
        ([{"a": 1}, {"a": True}], True),
        ([[1, 2], [2, 1]], True),
        ([[1, 2], [1.0, 2]], False),
        ([None, False, 0, ""], True),
        ([], True),
    ],
)
def test_items_are_unique_as_json_has_it(items, unique):
    schema = {"type": "object", "properties": {"a": {"uniqueItems": True}}}
    assert (answer_errors(schema, {"a": items}) == []) is unique


DEAREST = {"type": "object", "properties": {"a": {"allOf": [{"uniqueItems": True}] * 900}}}


def test_the_dearest_form_and_answers_that_are_accepted_end_within_their_budget():
    check_form(DEAREST)
    answers = {"a": [{"x": number} for number in range(199)]}
    with pytest.raises(OverBudget):
        within(STEPS, lambda: answer_errors(DEAREST, answers))
    assert within(STEPS, lambda: answer_errors(DEAREST, {"a": [{"x": 1}, {"x": 2}]})) == []


def test_an_ordinary_form_is_far_from_its_budget():
    schema = {"type": "object", "properties": {f"p{n}": {"type": "string", "enum": ["a", "b", "c"]} for n in range(20)}}
    assert within(STEPS_AT_ONCE, lambda: answer_errors(schema, {f"p{n}": "b" for n in range(20)})) == []
