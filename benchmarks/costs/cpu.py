"""The CPU time of another process, by the clock that the system keeps for it."""

import contextlib
import time
from pathlib import Path

STILL_SECONDS = 0.002
LONGEST_SECONDS = 120.0
"""On a machine where others compute, a process waits long for its turn to be done."""


class Clock:
    """All threads of one process, user and system time, to the nanosecond."""

    def __init__(self, pid: int) -> None:
        # What clock_getcpuclockid(3) answers on Linux; Python does not have it for other processes.
        self._clock = (~pid << 3) | 2
        self._threads = Path(f"/proc/{pid}/task")

    def milliseconds(self) -> float:
        return time.clock_gettime_ns(self._clock) / 1_000_000

    def at_rest(self) -> float:
        """The same, once the process does nothing more: what it does after its answer belongs to the request, too."""
        before, end = self.milliseconds(), time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < end:
            time.sleep(STILL_SECONDS)
            now = self.milliseconds()
            if now == before and self._all_sleep():
                return now
            before = now
        raise RuntimeError("it does not come to rest")

    def _all_sleep(self) -> bool:
        """Else it may only be waiting for a processor, or for the disk."""
        for one in self._threads.glob("*/stat"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                if one.read_text().rpartition(")")[2].split()[0] != "S":
                    return False
        return True
