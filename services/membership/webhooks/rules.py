"""What an endpoint may be and do. Pure."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final, Literal

Status = Literal["active", "paused", "off"]
OffCause = Literal["failing", "gone", "owner_lost_role", "community_archived"]

MOST_IN_COMMUNITY: Final = 10
MOST_OF_PERSON: Final = 10
"""Of the platform's endpoints."""
OLD_SECRET_LASTS: Final = timedelta(hours=24)

_FROM: Final = {"pause": ("active",), "resume": ("paused", "off")}
LEADS_TO: Final = {"pause": "paused", "resume": "active"}


def possible(action: str, status: str) -> bool:
    """Whether an endpoint in this state can be paused or resumed."""
    return status in _FROM[action]


def not_permitted(types: Collection[str], permitted: Collection[str]) -> list[str]:
    """The types that are asked for and may not be."""
    return sorted(set(types) - set(permitted))


def old_key_is_good(until: datetime | None, now: datetime) -> bool:
    """Whether the key before the present one still signs."""
    return until is not None and now < until
