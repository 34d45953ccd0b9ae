"""One operating-system process that a test started: signals, logs, and an end in any case."""

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol


class Started(Protocol):
    """A process, as `subprocess.Popen` has it."""

    pid: int

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...


class Child:
    """A process of ours. `start` may be called again after it ended: same command, same log file, appended.

    Call `start` from the main thread: on Linux the kernel kills the child when the thread that started it dies, so that
    nothing outlives a test run that was itself killed.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: str | None = None,
    ) -> None:
        self.name = name
        self.command = [str(part) for part in command]
        self.env = dict(os.environ if env is None else env)
        self.log = log
        self.cwd = cwd
        self.user = user
        self._process: Started | None = None

    def start(self) -> None:
        if self.running:
            raise RuntimeError(f"{self.name} runs already")
        self._process = self._begin()
        atexit.register(self.kill)

    def _begin(self) -> Started:
        with self.log.open("ab") as output:
            return subprocess.Popen(
                [*with_us(), *self.command],
                env=self.env,
                cwd=self.cwd,
                user=self.user,
                group=self.user,
                extra_groups=[] if self.user else None,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # ctrl-C is for the test run, which then stops its children in order
            )

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError(f"{self.name} was never started")
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return None if self._process is None else self._process.poll()

    def send(self, number: signal.Signals) -> None:
        if self.running:
            os.kill(self.pid, number)

    def pause(self) -> None:
        """Freeze it (SIGSTOP)."""
        self.send(signal.SIGSTOP)

    def resume(self) -> None:
        self.send(signal.SIGCONT)

    def kill(self) -> None:
        """End it at once (SIGKILL, with whatever it started) and reap it."""
        if self._process is None:
            return
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        atexit.unregister(self.kill)

    def terminate(self, *, within: float = 60.0, by: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end and return its exit code; AssertionError, after killing it, when it takes longer than `within`."""
        self.resume()
        self.send(by)
        return self.wait(within=within)

    def wait(self, *, within: float) -> int:
        if self._process is None:
            raise RuntimeError(f"{self.name} was never started")
        try:
            code = self._process.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end within {within:g} s\n{self.tail()}") from None
        atexit.unregister(self.kill)
        return code

    def stop(self) -> None:
        """End it gently, else by force; never fails."""
        if self.running:
            with contextlib.suppress(AssertionError):
                self.terminate()
        self.kill()

    def output(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def tail(self, lines: int = 40) -> str:
        return "\n".join([f"--- end of {self.log}", *self.output().splitlines()[-lines:]])


def with_us() -> list[str]:
    """Have the kernel end the child when we end, however we end; util-linux is on every Linux machine of ours."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []
