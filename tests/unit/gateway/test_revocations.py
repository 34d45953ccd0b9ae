"""Which tokens a revocation means."""

from datetime import UTC, datetime, timedelta

import pytest

from chassis.ids import new_id
from chassis.security.caller import Caller
from gateway.revocations import EVERY_SECONDS, issued_after
from tests.support.standins import token


def header(issued: datetime) -> bytes:
    return b"Bearer " + token(Caller(kind="person", id=new_id(), session_id=new_id()), issued=issued).encode()


@pytest.mark.parametrize(("seconds", "spared"), [(-600, False), (-2, False), (2, True), (600, True)])
def test_a_token_made_before_the_revocation_is_meant_and_a_later_one_is_not(seconds, spared):
    moment = datetime.now(UTC)
    assert issued_after(header(moment + timedelta(seconds=seconds)), moment) is spared


def test_it_is_asked_for_so_often_that_five_seconds_are_enough():
    # The answer to a question that is under way may be from before: the next one has it.
    assert 2 * EVERY_SECONDS < 5


def test_within_one_second_the_order_is_kept():
    now = datetime.now(UTC)
    made = header(now)
    later = datetime.now(UTC) + timedelta(milliseconds=2)
    same_second = later.replace(microsecond=0) == now.replace(microsecond=0)
    assert issued_after(made, later) is False or not same_second
    assert issued_after(made, now - timedelta(milliseconds=5)) is True
