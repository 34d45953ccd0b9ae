"""Processes of the product that are forked from one that has imported it: they are there for a third of the work.

The first is started by the test process, imports the product and waits. For each that is wanted it forks twice and ends the one
between, so that the new one is the test process's own child: it waits for it, and the kernel ends it with the test process.
"""

import atexit
import ctypes
import gc
import importlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.children import with_us
from tests.support.needs import ROOT
from tests.support.shifted_clock import COMMAND

SET_PDEATHSIG, SET_CHILD_SUBREAPER = 1, 36
"""See prctl(2)."""
PRODUCT = (
    "alembic.command", "alembic.autogenerate", "asyncpg", "gateway.app", "kafka", "qunxue.cli", "qunxue.distributed",
    "qunxue.embedded", "qunxue.installation", "qunxue.server", "sqlalchemy.dialects.postgresql.asyncpg", "uvicorn",
    "uvicorn.protocols.http.httptools_impl", "uvloop",
)  # fmt: skip
OURS = {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
"""What the first is started with, beside what this process has."""


class Forked:
    """A child of ours, as `subprocess.Popen` has them."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """How it ended, or None: negative is the signal."""
        return self._ended(os.WNOHANG)

    def wait(self, timeout: float | None = None) -> int:
        """Raises `subprocess.TimeoutExpired`."""
        until = None if timeout is None else time.monotonic() + timeout
        while (code := self._ended(0 if until is None else os.WNOHANG)) is None:
            if until is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(0.01)
        return code

    def _ended(self, options: int) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, options)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def can_fork(command: Sequence[str], env: Mapping[str, str]) -> bool:
    """Whether it is the product with a clock of the test's, and reads in its environment what the first has read in its own."""
    is_ours = sys.platform == "linux" and list(command[: len(COMMAND)]) == COMMAND
    return is_ours and _read_at_first(env) == _read_at_first(os.environ | OURS)


def _read_at_first(env: Mapping[str, str]) -> dict[str, str]:
    """What is read before the first waits: Python's own, and a terminal's size when the command line is imported."""
    return {name: value for name, value in env.items() if name.startswith("PYTHON") or name in {"COLUMNS", "LINES"}}


def fork(command: Sequence[str], *, env: Mapping[str, str], cwd: Path | None, log: Path) -> Forked:
    """Start it from the main thread; what it prints is appended to the log."""
    wanted = {
        "arguments": list(command[len(COMMAND) :]),
        "env": dict(env),
        "cwd": str(cwd or Path.cwd()),
        "log": str(log.absolute()),
        "parent": os.getpid(),
    }
    here, _ = _first(os.getpid())
    _prctl(SET_CHILD_SUBREAPER, 1)
    try:
        here.sendall(json.dumps(wanted).encode() + b"\n")
        answer = here.makefile().readline()
    finally:
        _prctl(SET_CHILD_SUBREAPER, 0)
    if not answer:
        raise RuntimeError("the process that others are forked from has ended")
    return Forked(int(answer))


@cache
def _first(_process: int) -> tuple[socket.socket, subprocess.Popen[bytes]]:
    """The one that others are forked from, by what is said to it. It ends with us."""
    here, there = socket.socketpair()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("QUNXUE_", "PYTEST_"))}
    env = inherited | OURS
    first = subprocess.Popen([*with_us(), *COMMAND], env=env, stdin=there.fileno(), start_new_session=True)
    there.close()

    def end() -> None:
        here.close()
        first.kill()
        first.wait()

    atexit.register(end)
    return here, first


def until_one_is_wanted() -> None:
    """In the first: import the product, and return in each process that is forked, as what it is to be."""
    for module in PRODUCT:
        importlib.import_module(module)
    from qunxue.installed import services

    services()
    assert len(list(Path("/proc/self/task").iterdir())) == 1, "a thread would be missing in what is forked"
    gc.collect()
    gc.freeze()
    there = socket.socket(fileno=os.dup(0))
    for line in there.makefile():
        wanted = json.loads(line)
        if not (between := os.fork()):
            if os.fork():
                os._exit(0)
            _be(wanted)
            there.sendall(b"%d\n" % os.getpid())
            there.close()
            return
        os.waitpid(between, 0)
    sys.exit(0)


def _be(wanted: Mapping[str, Any]) -> None:
    while os.getppid() != wanted["parent"]:
        time.sleep(0.001)
    _prctl(SET_PDEATHSIG, signal.SIGKILL)
    os.setsid()
    os.chdir(wanted["cwd"])
    os.environ.clear()
    os.environ.update(wanted["env"])
    time.tzset()
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(wanted["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for number, file in enumerate((nothing, log, log)):
        os.dup2(file, number)
    os.close(nothing)
    os.close(log)
    sys.stdin = io.TextIOWrapper(io.FileIO(0), "utf-8")
    sys.stdout, sys.stderr = (
        io.TextIOWrapper(io.FileIO(number, "w"), "utf-8", "backslashreplace", write_through=True) for number in (1, 2)
    )
    sys.argv = ["qunxue", *wanted["arguments"]]


def _prctl(what: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(what, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
