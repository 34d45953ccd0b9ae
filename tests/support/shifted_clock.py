"""Runs the `qunxue` command with a clock that a test moves: `python -m tests.support.shifted_clock up`.

`QUNXUE_TEST_CLOCK` names a file that holds seconds to add. Only the product's own clock is moved, which is the one place that
reads the time of day; its waits go by the monotonic clock as ever, and so do the servers it talks to.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import chassis.clock

VARIABLE = "QUNXUE_TEST_CLOCK"


def shift(file: Path) -> None:
    """Replace the system clock before any other module takes it."""

    def shifted() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(file.read_text(encoding="ascii") or 0))

    chassis.clock.system_clock = shifted


if __name__ == "__main__":
    shift(Path(os.environ[VARIABLE]))
    from qunxue.cli import main

    main()
