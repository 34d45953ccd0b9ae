import asyncio

import pytest

from chassis import patience as module
from chassis.problems import Problem
from chassis.turnstile import Turnstile
from tests.support.waiting import eventually


class Work:
    """Pieces of work that end when they are told to."""

    def __init__(self, turnstile):
        self.turnstile = turnstile
        self.under_way = []
        self.end = asyncio.Event()

    async def piece(self, caller):
        async with self.turnstile.turn(caller):
            self.under_way.append(caller)
            await self.end.wait()


async def test_of_one_caller_one_piece_is_under_way_and_of_others_theirs():
    work = Work(Turnstile(2))
    tasks = [asyncio.create_task(work.piece(caller)) for caller in ["a"] * 12 + ["b"]]
    await eventually(lambda: len(work.under_way) == 2)
    assert work.under_way == ["a", "b"]
    work.end.set()
    await asyncio.gather(*tasks)
    assert sorted(work.under_way) == ["a"] * 12 + ["b"]
    assert work.turnstile._of == {}


@pytest.mark.parametrize(("second", "code"), [("a", "rate_limited"), ("b", "unavailable")])
async def test_who_waits_too_long_is_told_whose_work_it_is(second, code):
    work = Work(Turnstile(1, wait_seconds=0.02))
    first = asyncio.create_task(work.piece("a"))
    await eventually(lambda: work.under_way)
    with pytest.raises(Problem) as refused:
        await work.piece(second)
    assert refused.value.type.code == code
    work.end.set()
    await first


async def test_who_may_wait_as_long_as_it_takes_is_never_refused():
    work = Work(Turnstile(1, wait_seconds=None))
    tasks = [asyncio.create_task(work.piece(caller)) for caller in "aab"]
    await eventually(lambda: work.under_way)
    work.end.set()
    await asyncio.gather(*tasks)
    assert sorted(work.under_way) == ["a", "a", "b"]


async def test_nobody_waits_longer_than_a_request_may_wait_in_all(monkeypatch):
    work = Work(Turnstile(1, wait_seconds=3600))
    first = asyncio.create_task(work.piece("a"))
    await eventually(lambda: work.under_way)
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.02)
    with module.patience(), pytest.raises(Problem):
        await work.piece("a")
    work.end.set()
    await first


async def test_work_that_fails_or_is_cancelled_leaves_its_place():
    turnstile = Turnstile(1, wait_seconds=0.02)
    with pytest.raises(ZeroDivisionError):
        async with turnstile.turn("a"):
            raise ZeroDivisionError
    work = Work(turnstile)
    cancelled = asyncio.create_task(work.piece("a"))
    await eventually(lambda: work.under_way)
    cancelled.cancel()
    await asyncio.wait([cancelled])
    async with turnstile.turn("b"):
        assert list(turnstile._of) == ["b"]


async def test_whose_work_was_long_rests_while_others_go_on():
    turnstile = Turnstile(1, rest=1e9, wait_seconds=0.02)
    async with turnstile.turn("a"):
        await asyncio.sleep(0)
    async with turnstile.turn("b"):
        pass
    with pytest.raises(Problem) as refused:
        async with turnstile.turn("a"):
            pass
    assert refused.value.type.code == "rate_limited"


async def test_whose_work_was_short_needs_no_rest():
    turnstile = Turnstile(1, rest=1e9, short=3600, wait_seconds=0.02)
    for _ in range(3):
        async with turnstile.turn("a"):
            await asyncio.sleep(0)
    assert turnstile._of == {}
