"""Standing in line for a row: in order, without holding anything, and not for ever."""

import asyncio

import pytest

from chassis.database import lines as module
from chassis.database.lines import TURNS, Lines, taking
from chassis.problems import IDEMPOTENCY_IN_PROGRESS, Problem
from tests.support.waiting import eventually


class Row:
    """Units of work that want it, how often each ran, and who had it in which order."""

    def __init__(self) -> None:
        self.lines = Lines()
        self.runs: dict[str, int] = {}
        self.had: list[str] = []
        self.free = asyncio.Event()

    def wanted_by(self, name: str, *, turns: int = 1) -> asyncio.Task[str]:
        async def unit() -> str:
            self.runs[name] = self.runs.get(name, 0) + 1
            with taking("row", IDEMPOTENCY_IN_PROGRESS(), turns=turns):
                self.had.append(name)
                await self.free.wait()
            return name

        return asyncio.create_task(self.lines.run(unit))

    async def waits(self, number: int) -> None:
        async def behind() -> bool:
            return "row" in self.lines.of and len(self.lines.of["row"].behind) == number

        await eventually(behind)


async def test_who_come_later_wait_outside_and_run_again_in_their_order():
    row = Row()
    tasks = [row.wanted_by(name) for name in "abc"]
    await row.waits(2)
    assert row.had == ["a"]
    row.free.set()
    assert await asyncio.gather(*tasks) == ["a", "b", "c"]
    assert row.had == ["a", "b", "c"]
    assert row.runs == {"a": 1, "b": 2, "c": 2}
    assert row.lines.of == {}


async def test_as_many_as_have_turns_go_on_together():
    row = Row()
    tasks = [row.wanted_by(name, turns=TURNS) for name in "abc"]
    await row.waits(1)
    assert row.had == ["a", "b"]
    row.free.set()
    await asyncio.gather(*tasks)
    assert row.lines.of == {}


async def test_who_goes_away_leaves_their_place_and_their_turn():
    row = Row()
    first, second, third = (row.wanted_by(name) for name in "abc")
    await row.waits(2)
    second.cancel()
    await row.waits(1)
    first.cancel()
    row.free.set()
    assert await third == "c"
    assert row.lines.of == {}


async def test_a_line_that_does_not_move_refuses_with_the_refusal_of_what_was_wanted(monkeypatch):
    monkeypatch.setattr(module, "STILL_SECONDS", 0.01)
    row = Row()
    first, second = row.wanted_by("a"), row.wanted_by("b")
    with pytest.raises(Problem) as refused:
        await second
    assert refused.value.type.code == "idempotency_in_progress"
    row.free.set()
    assert await first == "a"
    assert row.lines.of == {}


async def test_where_nobody_stands_in_line_nothing_is_run_twice():
    row = Row()
    row.lines = Lines(needed=False)
    row.free.set()
    assert await asyncio.gather(*(row.wanted_by(name) for name in "ab")) == ["a", "b"]
    assert row.runs == {"a": 1, "b": 1}
