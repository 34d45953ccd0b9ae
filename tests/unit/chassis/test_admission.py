"""Of each caller few requests are at work at once, the others wait in order; a process that has time takes more."""

import asyncio

import pytest

from chassis import admission as module
from chassis import patience as patience_module
from chassis.admission import EACH, Admission
from chassis.patience import patience
from chassis.problems import Problem
from tests.support.waiting import eventually


class Office:
    """Requests that are at work until they may end, in the order in which they began."""

    def __init__(self) -> None:
        self.admission = Admission()
        self.began: list[str] = []
        self.may_end: dict[str, asyncio.Event] = {}

    def sends(self, *names: str) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self._request(name)) for name in names]

    async def _request(self, name: str) -> None:
        end = self.may_end.setdefault(name, asyncio.Event())
        async with self.admission.at_work(name[0]):
            self.began.append(name)
            await end.wait()

    async def stands(self, caller: str, behind: int) -> None:
        await eventually(lambda: caller in self.admission.of and len(self.admission.of[caller].behind) == behind)


@pytest.fixture
def busy(monkeypatch):
    monkeypatch.setattr(module, "IDLE", 2.0)


@pytest.fixture
def idle(monkeypatch):
    monkeypatch.setattr(module, "IDLE", -1e9)


async def test_one_callers_others_wait_in_order_and_nobody_else_waits(busy):
    office = Office()
    many = office.sends("a1", "a2", "a3", "a4", "a5")
    await office.stands("a", 3)
    other = office.sends("b1")
    await eventually(lambda: office.began == ["a1", "a2", "b1"])
    office.may_end["a2"].set()
    await eventually(lambda: office.began == ["a1", "a2", "b1", "a3"])
    assert office.admission.of["a"].at_work == EACH
    for end in office.may_end.values():
        end.set()
    await asyncio.gather(*many, *other)
    assert office.began[4:] == ["a4", "a5"]
    assert office.admission.of == {}


async def test_whose_requests_wait_goes_on_after_those_of_others(busy, monkeypatch):
    monkeypatch.setattr(module, "TURN_SECONDS", 1e9)
    office = Office()
    many = office.sends("a1", "a2", "a3", "a4")
    await office.stands("a", 2)
    other = office.sends("b1")
    await eventually(lambda: office.began == ["a1", "a2", "b1"])
    office.may_end["a1"].set()
    await many[0]
    assert office.admission.of["a"].at_work == EACH - 1
    office.may_end["b1"].set()
    await eventually(lambda: office.began == ["a1", "a2", "b1", "a3"])
    for end in office.may_end.values():
        end.set()
    await asyncio.gather(*many, *other)
    assert office.admission.of == {}


async def test_where_the_process_has_time_all_get_to_work_the_callers_in_turn(idle):
    office = Office()
    tasks = office.sends("a1", "a2", "a3", "a4", "a5", "b1", "b2", "b3", "b4")
    await eventually(lambda: len(office.began) == len(tasks))
    assert office.began == ["a1", "a2", "b1", "b2", "a3", "b3", "a4", "b4", "a5"]
    for end in office.may_end.values():
        end.set()
    await asyncio.gather(*tasks)
    assert office.admission.of == {}


async def test_who_waits_longer_than_a_request_may_is_refused_and_leaves_the_line(busy, monkeypatch):
    office = Office()
    office.sends("a1", "a2")
    await eventually(lambda: len(office.began) == 2)
    monkeypatch.setattr(patience_module, "PATIENCE_SECONDS", 0.02)
    with patience(), pytest.raises(Problem) as refused:
        await office.sends("a3")[0]
    assert refused.value.type.code == "rate_limited"
    assert not office.admission.of["a"].behind


async def test_who_is_cancelled_while_waiting_takes_no_place(busy):
    office = Office()
    tasks = office.sends("a1", "a2", "a3", "a4")
    await office.stands("a", 2)
    tasks[2].cancel()
    await asyncio.wait([tasks[2]])
    office.may_end["a1"].set()
    await eventually(lambda: office.began == ["a1", "a2", "a4"])


async def test_a_place_that_came_as_its_request_was_cancelled_goes_to_the_next(busy):
    office = Office()
    tasks = office.sends("a1", "a2", "a3", "a4")
    await office.stands("a", 2)
    office.admission.of["a"].behind[0].add_done_callback(lambda _place: tasks[2].cancel())
    office.may_end["a1"].set()
    await eventually(lambda: office.began == ["a1", "a2", "a4"])
    assert tasks[2].cancelled()
    assert office.admission.of["a"].at_work == EACH
