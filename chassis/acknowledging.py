"""Until when a member has to acknowledge their community's rules. Pure: membership and every projection of it decide alike."""

from datetime import datetime, timedelta
from typing import Final

WITHIN: Final = timedelta(days=14)
"""From when a version is published, or from joining if that is later."""


def due_at(
    *, version: int | None, acknowledge_by: datetime | None, acknowledged: int, overdue: int, since: datetime
) -> datetime | None:
    """When the time to acknowledge the version in force is over, or was; None where nothing is owed.

    `acknowledged` is the greatest version that the member has acknowledged, `overdue` the one whose time was over when they last left,
    `since` when they became a member.
    """
    if not version or acknowledge_by is None or acknowledged >= version:
        return None
    # Who left with their time over does not get it anew by coming back.
    return acknowledge_by if overdue >= version else max(acknowledge_by, since + WITHIN)
