"""What an endpoint may be and do. Pure."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal

Status = Literal["active", "paused", "off"]
OffCause = Literal["failing", "gone", "owner_lost_role", "community_archived"]

MOST_IN_COMMUNITY: Final = 20
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


# --- sending -------------------------------------------------------------------------------------------------------

DeliveryStatus = Literal["waiting", "delivered", "failed", "left_out"]
CallError = Literal["no_answer", "timeout", "address_refused", "switched_off"]
"""Why a call brought no answer, or was not made any more."""

TRIED_FOR: Final = timedelta(days=3)
SWITCHED_OFF_AFTER: Final = timedelta(days=5)
KEPT: Final = timedelta(days=30)
"""How long the log goes back, and what is in it can be sent again."""
GONE: Final = 410
"""What an endpoint answers that wants nothing any more."""
SLOW: Final = 1_000
"""Milliseconds of a call from which an endpoint counts as slow."""
_WAITS: Final = tuple(timedelta(seconds=one) for one in (5, 60, 300, 1800, 3600, 7200, 14400, 28800))
_RESTS: Final = tuple(timedelta(seconds=one) for one in (5, 30, 60, 300, 900, 1800, 3600))
_JITTER: Final = 0.2
_WIDER: Final = ("private", "internal", "public")


def wait_after(attempts: int, chance: float) -> timedelta:
    """How long a message waits that was not taken so many times; up to a fifth longer, by chance from 0 to 1, so that not all come at once."""
    return _WAITS[min(attempts, len(_WAITS)) - 1] * (1 + _JITTER * chance)


def rest_after(failures: int, chance: float, asked_for: float = 0.0) -> timedelta:
    """How long an endpoint is left alone that took nothing so many times; as long as it asked for, in seconds, up to an hour."""
    rest = _RESTS[min(failures, len(_RESTS)) - 1] * (1 + _JITTER * chance)
    return min(max(rest, timedelta(seconds=asked_for)), _RESTS[-1] * (1 + _JITTER))


def seconds_asked(retry_after: str | None) -> float:
    """What `Retry-After` asks for, where it is a number; a date of another clock is not looked at."""
    text = (retry_after or "").strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0.0


def may_be_told(data: Mapping[str, Any], community_visibility: str | None) -> bool:
    """Whether every member of the community may read what a message is about: nothing of a group, of an audience, or narrower than the community."""
    if data.get("group_id") is not None or isinstance(data.get("audience"), Mapping):
        return False
    seen = data.get("visibility")
    if community_visibility is None or seen not in _WIDER or community_visibility not in _WIDER:
        return True
    return _WIDER.index(seen) >= _WIDER.index(community_visibility)
