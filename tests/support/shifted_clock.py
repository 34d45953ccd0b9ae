"""The `qunxue` command with a clock that a test moves: `python -m tests.support.shifted_clock up`.

`QUNXUE_TEST_CLOCK` names a file that holds seconds to add. Only the product's own clock is moved, which is the one place that
reads the time of day; its waits go by the monotonic clock as ever, and so do the servers it talks to.

Tests start hundreds of these. Each would spend more time on its imports than on all else, so they are forked from one that has
them (`tests/support/forked.py`): without arguments, this module is that one.
"""

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import chassis.clock

VARIABLE = "QUNXUE_TEST_CLOCK"
COMMAND = [sys.executable, "-m", "tests.support.shifted_clock"]


def shift() -> None:
    """Replace the system clock before any other module takes it."""

    def shifted() -> datetime:
        file = Path(os.environ[VARIABLE])
        return datetime.now(UTC) + timedelta(seconds=float(file.read_text(encoding="ascii") or 0))

    chassis.clock.system_clock = shifted


if __name__ == "__main__":
    shift()
    if len(sys.argv) == 1:
        from tests.support import forked

        forked.until_one_is_wanted()
    from qunxue.cli import main

    main()
