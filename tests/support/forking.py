"""Test processes that are forked when all is collected: `--forks 3`. What was imported and collected is there once, in all of them.

The first process collects and reports, and runs nothing. It hands out the tests of one file after the other to whoever asks
(`sharing.py`); each asks for the next file when it begins one, so that it knows which fixtures go on.
"""

import os
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import zip_longest
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Any, NoReturn

import pytest

READY, REPORT, DONE = "ready", "report", "done"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--forks", type=int, default=0, help="fork so many test processes when all is collected")


def pytest_configure(config: pytest.Config) -> None:
    if count := config.getoption("--forks"):
        config.pluginmanager.register(Forks(config, count))


class Forks:
    """The plugin of the first process."""

    def __init__(self, config: pytest.Config, count: int) -> None:
        self._config = config
        self._count = count
        self._units: dict[str, list[int]] = {}
        self._pids: dict[Connection, int] = {}
        self._runs: dict[Connection, str] = {}
        self._ended = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        failed_to_collect = session.testsfailed and not session.config.option.continue_on_collection_errors
        if failed_to_collect or session.config.option.collectonly:
            return None  # said as ever
        from tests.support.sharing import unit_of

        for number, item in enumerate(session.items):
            self._units.setdefault(unit_of(item.nodeid), []).append(number)
        if reporter := session.config.pluginmanager.get_plugin("terminalreporter"):
            reporter.showfspath = False
        with self._forked(session):
            while self._pids and not (session.shouldfail or session.shouldstop):
                for connection in wait(list(self._pids)):
                    assert isinstance(connection, Connection)
                    self._hear(session, connection)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        if left := len(session.items) - self._ended:
            raise session.Failed(f"{left} tests were not run")
        return True

    @contextmanager
    def _forked(self, session: pytest.Session) -> Iterator[None]:
        for number in range(self._count):
            here, there = Pipe()
            if not (pid := os.fork()):
                for other in (here, *self._pids):
                    other.close()
                _work(session, there, number)
            there.close()
            self._pids[here] = pid
        try:
            yield
        finally:
            for connection, pid in self._pids.items():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)  # its fixtures are torn down, as after ctrl-C
                with suppress(EOFError, OSError):
                    while True:
                        connection.recv()
                os.waitpid(pid, 0)

    def _hear(self, session: pytest.Session, connection: Connection) -> None:
        hook = self._config.hook
        try:
            kind, told = connection.recv()
        except EOFError:
            kind, told = DONE, None
            session.shouldfail = (
                session.shouldfail or f"a test process ended in {self._runs.get(connection) or 'no test'}"
            )
        if kind == READY:
            unit = next(iter(self._units), None)
            with suppress(BrokenPipeError):  # it has died, and we hear of that next
                connection.send(self._units.pop(unit) if unit else [])
        elif kind == REPORT:
            report = hook.pytest_report_from_serializable(config=self._config, data=told)
            self._runs[connection] = report.nodeid
            if report.when == "setup":
                hook.pytest_runtest_logstart(nodeid=report.nodeid, location=report.location)
            hook.pytest_runtest_logreport(report=report)
            if report.when == "teardown":
                self._ended += 1
                hook.pytest_runtest_logfinish(nodeid=report.nodeid, location=report.location)
        else:
            os.waitpid(self._pids.pop(connection), 0)


class Told:
    """The plugin of the others: what happens is told to the first."""

    def __init__(self, config: pytest.Config, connection: Connection) -> None:
        self._config = config
        self._connection = connection

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        self._connection.send((REPORT, data))


def _work(session: pytest.Session, connection: Connection, number: int) -> NoReturn:
    """Run what is handed out, and end without whatever the first process does at its end."""
    try:
        _be_another(session.config, number)
        session.config.pluginmanager.register(Told(session.config, connection))
        try:
            _run(session, connection)
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # we are ending
            session._setupstate.teardown_exact(None)
        connection.send((DONE, None))
    except (KeyboardInterrupt, BrokenPipeError, EOFError):
        pass
    except BaseException:
        traceback.print_exc()  # nobody above us would
    finally:
        os._exit(0)


def _be_another(config: pytest.Config, number: int) -> None:
    os.setpgrp()  # ctrl-C reaches the first alone, which ends us
    os.environ["PYTEST_XDIST_WORKER"] = f"gw{number}"  # what processes of xdist are told apart by
    manager = config.pluginmanager
    for plugin in [one for one in manager.get_plugins() if type(one).__module__ == "_pytest.terminal"]:
        manager.unregister(plugin)
    capture: Any = manager.get_plugin("capturemanager")
    capture.stop_global_capturing()  # its files are those of the first
    capture.start_global_capturing()
    capture.suspend_global_capture()


def _run(session: pytest.Session, connection: Connection) -> None:
    def next_unit() -> list[pytest.Item]:
        connection.send((READY, None))
        return [session.items[number] for number in connection.recv()]

    unit = next_unit()
    while unit:
        following = next_unit()
        for item, after in zip_longest(unit, [*unit[1:], *following[:1]]):
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if session.shouldfail or session.shouldstop:
                return
        unit = following
