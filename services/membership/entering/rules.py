"""What an invitation is good for at a moment. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal

State = Literal["open", "used_up", "expired", "revoked"]

LONGEST: Final = timedelta(days=90)
"""Whoever has a link may pass it on: no link is good for longer."""
MOST_USES: Final = 1000
PREFIX: Final = "qxm_"
"""Lets secret scanners recognise an invitation that leaked."""


def state_at(*, revoked: bool, used: int, uses: int, expires_at: datetime, now: datetime) -> State:
    """What has become of an invitation: what somebody did comes before what the clock does."""
    if revoked:
        return "revoked"
    if used >= uses:
        return "used_up"
    return "expired" if now >= expires_at else "open"


REASONS: Final[Mapping[State, tuple[str, str]]] = {
    "used_up": ("It has been used as often as it may be.", "该邀请的可用次数已用完。"),
    "expired": ("Its time is over.", "该邀请已过期。"),
    "revoked": ("It was taken back.", "该邀请已被撤回。"),
}
