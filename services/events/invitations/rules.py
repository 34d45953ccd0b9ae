"""How long an invitation stands. Pure."""

from datetime import datetime, timedelta
from typing import Final

AFTERWARDS: Final = timedelta(days=30)
"""What was said is written down afterwards."""


def stands_until(ends_at: datetime) -> datetime:
    """When the links of an activity end, which is moved with it."""
    return ends_at + AFTERWARDS
