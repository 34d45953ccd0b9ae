"""The product's own processes, as tests start, hurt and end them.

with Processes(tmp_path) as processes:
    api = processes.start("membership-api", ["qunxue", "serve", "membership", "--port", "8101"], env={...})
    await api.ready("http://127.0.0.1:8101/readyz")
    api.kill()                       # also: terminate(), pause(), resume(), start() again
"""

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from tests.support import forked, shifted_clock
from tests.support.children import Child, Started
from tests.support.needs import ROOT
from tests.support.waiting import eventually, eventually_sync

# What a test run sets for itself, and what a developer's shell may hold, must not reach the product.
NOT_INHERITED = ("QUNXUE_", "PYTEST_", "OTEL_", "COVERAGE_")


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without settings of the product, with `extra` on top."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(NOT_INHERITED)}
    return inherited | forked.OURS | dict(extra or {})


def product_command(command: Sequence[str], *, clock: Path | None = None) -> list[str]:
    """The command with `qunxue` replaced by the one of this environment, or by one whose clock the file `clock` shifts."""
    program, *arguments = command
    if program != "qunxue":
        return list(command)
    if clock is not None:
        return [*shifted_clock.COMMAND, *arguments]
    installed = Path(sys.executable).with_name("qunxue")
    start = [str(installed)] if installed.exists() else [sys.executable, "-m", "qunxue"]
    return [*start, *arguments]


def _in_time(command: Sequence[str], env: Mapping[str, str]) -> list[str]:
    """The product's command by the clock that the environment names, as an operator and their servers have one time."""
    clock = env.get(shifted_clock.VARIABLE)
    return product_command(command, clock=Path(clock) if clock else None)


class ProductProcess(Child):
    """A process of the product; readiness is asked by HTTP."""

    def _begin(self) -> Started:
        if forked.can_fork(self.command, self.env):
            return forked.fork(self.command, env=self.env, cwd=self.cwd, log=self.log)
        return super()._begin()

    async def ready(self, url: str, *, within: float = 120.0) -> None:
        """Return when `url` answers 200; AssertionError with the end of its log when it does not or the process ended."""
        async with httpx.AsyncClient(timeout=2, trust_env=False) as client:

            async def answers() -> bool:
                self._must_run()
                try:
                    return (await client.get(url)).status_code == 200
                except httpx.TransportError:
                    return False

            try:
                await eventually(answers, timeout=within, interval=0.05, what=f"{self.name} ready at {url}")
            except AssertionError as failed:
                raise ProcessFailed(f"{failed}\n{self.tail()}") from None

    def ready_sync(self, url: str, *, within: float = 120.0) -> None:
        """As `ready`, outside an event loop."""
        with httpx.Client(timeout=2, trust_env=False) as client:

            def answers() -> bool:
                self._must_run()
                try:
                    return client.get(url).status_code == 200
                except httpx.TransportError:
                    return False

            try:
                eventually_sync(answers, timeout=within, interval=0.05, what=f"{self.name} ready at {url}")
            except AssertionError as failed:
                raise ProcessFailed(f"{failed}\n{self.tail()}") from None

    def _must_run(self) -> None:
        if not self.running:
            raise ProcessFailed(f"{self.name} ended with {self.exit_code}\n{self.tail()}")


class ProcessFailed(Exception):
    """It ended, or never got ready; with the end of its log."""


class Processes:
    """Several processes with one end: all are stopped, the last started first, whatever happened."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self._all: dict[str, ProductProcess] = {}
        self._runs = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __getitem__(self, name: str) -> ProductProcess:
        return self._all[name]

    def add(self, name: str, command: Sequence[str], *, env: Mapping[str, str], cwd: Path = ROOT) -> ProductProcess:
        """A process that is not started yet; `env` is all of its environment."""
        if name in self._all:
            raise ValueError(f"two processes named {name}")
        child = ProductProcess(name, _in_time(command, env), log=self.logs / f"{name}.log", env=env, cwd=cwd)
        self._all[name] = child
        return child

    def start(
        self, name: str, command: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path = ROOT
    ) -> ProductProcess:
        """Start it with a clean environment and `env` on top."""
        child = self.add(name, command, env=clean_environment(env), cwd=cwd)
        child.start()
        return child

    def run(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        within: float = 180.0,
        cwd: Path = ROOT,
    ) -> str:
        """Run a command to its end and return its output; ProcessFailed with the output when it failed."""
        self._runs += 1
        name = f"run-{self._runs}"
        there = clean_environment(env)
        child = ProductProcess(name, _in_time(command, there), log=self.logs / f"{name}.log", env=there, cwd=cwd)
        child.start()
        try:
            code = child.wait(within=within)
        finally:
            child.kill()
        if code:
            raise ProcessFailed(f"{shlex.join(command)} ended with {code}\n{child.tail()}")
        return child.output()

    def stop(self) -> None:
        for child in reversed(self._all.values()):
            child.stop()
