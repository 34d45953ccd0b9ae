"""What is wrong with a request, by JSON pointer."""

import pytest

from chassis.web.validation import field_errors


def one(location, kind="missing", message="Field required"):
    return field_errors([{"loc": location, "type": kind, "msg": message, "input": "hush"}])[0]


@pytest.mark.parametrize(
    ("location", "pointer"),
    [
        (("body",), ""),
        (("body", "name"), "/name"),
        (("body", "items", 3, "name"), "/items/3/name"),
        (("body", "a/b", "c~d"), "/a~1b/c~0d"),
        (("query", "limit"), "#/query/limit"),
        (("path", "thing_id"), "#/path/thing_id"),
        (("header", "x-thing"), "#/header/x-thing"),
    ],
)
def test_a_place_is_a_pointer(location, pointer):
    assert one(location).pointer == pointer


def test_where_a_body_ceases_to_be_json_is_no_place_in_it():
    found = one(("body", 7), kind="json_invalid", message="JSON decode error")
    assert (found.pointer, found.detail) == ("", "JSON decode error at character 7")


def test_an_error_is_told_in_the_readers_language():
    found = one(("body", "name"))
    assert found.as_json("zh-CN")["detail"] == "必填。"
    assert found.as_json("en")["detail"] == "Field required"


def test_how_many_there_may_be_is_told_without_how_that_was_found_out():
    found = one(
        ("body", "tags"), kind="list_full", message="List should have at most 10 items after validation, not 30"
    )
    assert found.as_json("en")["detail"] == "List should have at most 10 items, not 30"


def test_choices_are_listed_in_the_readers_language():
    context = {"expected": "'open', 'closed' or 'removed'"}
    error = {
        "loc": ("query", "status"),
        "type": "literal_error",
        "msg": f"Input should be {context['expected']}",
        "ctx": context,
    }
    (found,) = field_errors([error])
    assert found.as_json("zh-CN")["detail"] == "可选：open、closed、removed。"
    assert found.as_json("en")["detail"] == "Input should be 'open', 'closed' or 'removed'"


def test_what_was_sent_is_not_repeated():
    assert "hush" not in str(one(("body", "password")))


def test_a_thousand_errors_are_told_as_a_hundred():
    errors = [{"loc": ("body", n), "type": "missing", "msg": "x"} for n in range(1000)]
    assert len(field_errors(errors)) == 100
