"""The one place that reads the wall clock, so that a test can hand in another."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present moment, aware and in UTC."""


def system_clock() -> datetime:
    """The present moment by the machine's clock, in UTC."""
    return datetime.now(UTC)
