import asyncio
import threading

import pytest

from chassis.budget import OverBudget, spend
from chassis.interpreting import STEPS, STEPS_AT_ONCE, Interpretations, Wanted, interpreted
from chassis.turnstile import Turnstile

done_in = []


def length(text: bytes, steps: bytes = b"1") -> int:
    done_in.append(threading.current_thread() is threading.main_thread())
    for _ in range(int(steps)):
        spend()
    return len(text)


@pytest.fixture
def interpretations():
    done_in.clear()
    with Interpretations(Turnstile(1), "somebody") as found:
        yield found


def test_what_is_cheap_is_done_here_and_once(interpretations):
    assert [interpreted(length, b"abc"), interpreted(length, b"abc"), interpreted(length, b"ab")] == [3, 3, 2]
    assert done_in == [True, True]


async def test_what_is_dear_is_wanted_and_then_found(interpretations):
    dear = str(STEPS_AT_ONCE + 1).encode()
    with pytest.raises(Wanted) as wanted:
        interpreted(length, b"abc", dear)
    await interpretations.find(wanted.value)
    assert interpreted(length, b"abc", dear) == 3
    assert done_in[-1] is False
    with pytest.raises(Wanted):
        interpreted(length, b"abcd", dear)


async def test_what_is_too_dear_is_over_budget(interpretations):
    with pytest.raises(Wanted) as wanted:
        interpreted(length, b"abc", str(STEPS + 1).encode())
    with pytest.raises(OverBudget):
        await interpretations.find(wanted.value)


def test_the_sources_are_told_apart_by_more_than_their_bytes_in_a_row(interpretations):
    assert interpreted(length, b"a", b"11") == 1
    assert interpreted(length, b"a1", b"1") == 2


async def test_a_request_knows_nothing_of_what_another_found():
    async def request(text):
        with Interpretations(Turnstile(1), "somebody"):
            first = interpreted(length, text)
            await asyncio.sleep(0)
            return first, interpreted(length, text)

    done_in.clear()
    assert list(await asyncio.gather(request(b"a"), request(b"a"))) == [(1, 1), (1, 1)]
    assert len(done_in) == 2


def test_outside_of_a_request_it_is_simply_done():
    assert interpreted(length, b"abc", str(STEPS_AT_ONCE + 1).encode()) == 3
