"""A cursor continues the list it came from, for the caller it was given to, and no other."""

import base64
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.problems import CURSOR_INVALID, Problem
from chassis.web.pages import PageRequest


def page(cursor=None, *, secret=b"s", binding=b"b"):
    return PageRequest(20, cursor, False, secret, binding)


def refused(request):
    with pytest.raises(Problem) as raised:
        request.decode()
    assert raised.value.type == CURSOR_INVALID


VALUES = [datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC), uuid4(), "名字", 3, date(2024, 5, 6), Decimal("1.50")]


def test_what_was_put_in_comes_out():
    assert page(page().encode(VALUES)).decode() == [
        "2024-05-06T07:08:09.123456+00:00",
        str(VALUES[1]),
        "名字",
        3,
        "2024-05-06",
        "1.50",
    ]


def test_the_first_page_has_none():
    assert page().decode() is None


def test_no_character_can_be_changed_left_out_or_added():
    cursor = page().encode(VALUES)
    for position in range(len(cursor)):
        other = "A" if cursor[position] != "A" else "B"
        refused(page(cursor[:position] + other + cursor[position + 1 :]))
        refused(page(cursor[:position] + cursor[position + 1 :]))
        refused(page(cursor[:position] + "!" + cursor[position:]))
    for added in ("A", "=", " ", "\n", "AAAA", "é"):
        refused(page(cursor + added))


@pytest.mark.parametrize("changes", [{"secret": b"t"}, {"binding": b"c"}])
def test_it_belongs_to_one_installation_operation_filter_and_caller(changes):
    refused(page(page().encode(VALUES), **changes))


@given(st.text(max_size=200) | st.binary(max_size=150).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_nothing_that_was_not_signed_is_accepted(cursor):
    refused(page(cursor))
