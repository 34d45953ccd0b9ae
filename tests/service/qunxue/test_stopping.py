"""A process that is told to stop ends, whatever hangs in it."""

import signal
import sys
from pathlib import Path

import pytest

from tests.support.children import Child
from tests.support.waiting import eventually_sync

PROGRAM = """
import asyncio, sys, threading, time
import uvloop
from qunxue.stopping import stop_on_signals

async def main(what, grace):
    stop = asyncio.Event()
    stop_on_signals(stop, grace_seconds=float(grace))
    print("ready", flush=True)
    match what:
        case "nothing":
            await stop.wait()
        case "the loop":
            while True:
                pass
        case "a thread":
            await asyncio.to_thread(threading.Event().wait)
        case "a task":
            await stop.wait()
            await asyncio.Event().wait()
        case "the exit":
            threading.Thread(target=threading.Event().wait).start()
            await stop.wait()

runner, *arguments = sys.argv[1:]
(uvloop.run if runner == "uvloop" else asyncio.run)(main(*arguments))
"""


def started(folder: Path, runner: str, hangs: str, *, grace: float = 0.5) -> Child:
    child = Child("stopping", [sys.executable, "-c", PROGRAM, runner, hangs, str(grace)], log=folder / "log")
    child.start()
    eventually_sync(lambda: "ready" in child.output(), what="the process is up")
    return child


@pytest.mark.parametrize("runner", ["asyncio", "uvloop"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_in_which_nothing_hangs_ends_in_order(tmp_path, runner, number):
    child = started(tmp_path, runner, "nothing", grace=60)
    assert child.terminate(by=number) == 0
    assert "not ended in time" not in child.output()


@pytest.mark.parametrize("runner", ["asyncio", "uvloop"])
@pytest.mark.parametrize("hangs", ["the loop", "a thread", "a task", "the exit"])
def test_whatever_hangs_is_cut_off_and_named(tmp_path, runner, hangs):
    child = started(tmp_path, runner, hangs)
    assert child.terminate() == 1
    assert "not ended in time" in child.output()
    assert "most recent call first" in child.output()


def test_a_second_signal_ends_it_at_once(tmp_path):
    child = started(tmp_path, "uvloop", "a task", grace=60)

    def sent_again() -> bool:
        child.send(signal.SIGTERM)
        return not child.running

    eventually_sync(sent_again)
    assert child.exit_code == -signal.SIGTERM
    assert "not ended in time" not in child.output()
