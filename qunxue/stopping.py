"""Stopping on request: in order if possible, else hard."""

import asyncio
import faulthandler
import os
import signal
import threading
import time
from types import FrameType

GRACE_SECONDS = 14.0
"""What is under way has so long to end; a process told to stop is gone within 15 s."""


def stop_on_signals(stop: asyncio.Event, *, grace_seconds: float = GRACE_SECONDS) -> None:
    """Set `stop` on SIGTERM and SIGINT; a second one ends the process at once, as does the end of the grace.

    Whatever was cut off goes on at the next start, as after any other sudden end.
    """
    loop = asyncio.get_running_loop()

    def first(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        if number == signal.SIGINT and os.isatty(2):
            os.write(2, b"\nstopping; Ctrl-C once more to stop at once\n")
        threading.Thread(target=_end, args=(grace_seconds,), name="end", daemon=True).start()
        loop.call_soon_threadsafe(stop.set)

    # Not handlers of the loop: they would never run where the loop itself is what hangs.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, first)


def _end(after_seconds: float) -> None:
    time.sleep(after_seconds)
    # Nothing that may wait for others, such as the log's lock.
    os.write(2, b"told to stop, and not ended in time: ended now, while these were waiting\n")
    faulthandler.dump_traceback(file=2, all_threads=True)
    os._exit(1)
