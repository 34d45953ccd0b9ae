"""A clock for tests."""

from datetime import UTC, datetime, timedelta


class SettableClock:
    """Stands still until it is set or moved; begins at the machine's time unless told otherwise."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now or datetime.now(UTC)

    def __call__(self) -> datetime:
        """The moment it shows."""
        return self.now

    def advance(self, by: timedelta) -> datetime:
        """Move it on (or back) and return the new moment."""
        self.now += by
        return self.now
