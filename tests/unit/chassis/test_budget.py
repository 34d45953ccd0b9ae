import asyncio
import subprocess
import sys
import threading
import time

import pytest

from chassis.budget import CalledOff, Errand, OverBudget, check, in_thread, spend, within
from tests.support.waiting import eventually


def endless(began: threading.Event | None = None, ended: threading.Event | None = None):
    try:
        if began:
            began.set()
        while True:
            check()
            time.sleep(0.001)
    finally:
        if ended:
            ended.set()


async def test_what_is_done_in_a_thread_comes_back_with_its_result_or_its_error():
    assert await in_thread(lambda: threading.current_thread() is threading.main_thread()) is False
    with pytest.raises(ZeroDivisionError):
        await in_thread(lambda: 1 / 0)


async def test_what_takes_too_long_is_over_budget_and_ends():
    ended = threading.Event()
    with pytest.raises(OverBudget):
        await in_thread(lambda: endless(ended=ended), seconds=0.05)
    await eventually(ended.is_set)


async def test_what_takes_too_many_steps_is_over_budget():
    assert await in_thread(lambda: spending(1000), steps=1000) == 1000
    with pytest.raises(OverBudget):
        await in_thread(lambda: spending(1000), steps=999)


async def test_who_is_cancelled_calls_off_what_he_waited_for():
    began, ended = threading.Event(), threading.Event()
    waiting = asyncio.create_task(in_thread(lambda: endless(began, ended)))
    await eventually(began.is_set)
    waiting.cancel()
    await eventually(ended.is_set)
    assert waiting.cancelled()


async def test_a_stop_does_not_wait_for_a_thread_that_does_not_look():
    stop, free = asyncio.Event(), threading.Event()
    waiting = asyncio.create_task(in_thread(free.wait, stop=stop))
    stop.set()
    with pytest.raises(CalledOff):
        await waiting
    free.set()


def spending(steps):
    for _ in range(steps):
        spend()
    return steps


def test_steps_are_counted_here_and_now_too():
    assert within(10, lambda: spending(10)) == 10
    with pytest.raises(OverBudget):
        within(9, lambda: spending(10))
    assert spending(10_000) == 10_000  # outside of any errand nobody counts


def test_an_errand_called_off_ends_at_its_next_look():
    under_way = Errand(steps=10**6)
    under_way.call_off()
    with pytest.raises(CalledOff):
        under_way.spend(10**5)


def test_a_thread_that_never_looks_holds_no_process_back_from_exiting():
    program = (
        "import asyncio, threading\n"
        "from chassis.budget import OverBudget, in_thread\n"
        "async def main():\n"
        "    try:\n"
        "        await in_thread(threading.Event().wait, seconds=0.05)\n"
        "    except OverBudget:\n"
        "        print('gone')\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "gone\n"


def test_a_gentle_errand_rests_as_long_as_it_worked(monkeypatch):
    now, rests = [0.0], []
    monkeypatch.setattr("chassis.budget.monotonic", lambda: now[0])
    monkeypatch.setattr("chassis.budget.time.sleep", rests.append)
    gentle, hasty = Errand(gentle=True, _awake_since=0.0), Errand()
    for moment in (0.001, 0.005, 0.006, 0.009):
        now[0] = moment
        gentle.check()
        hasty.check()
    assert rests == pytest.approx([0.005, 0.004])
