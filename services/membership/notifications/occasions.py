"""What happens in inboxes and concerns whoever brings it to people by other ways."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.occasions import Occasion


@dataclass(frozen=True, slots=True)
class Notified:
    """One line of one person's inbox that was just told, or told of again.

    Words for it are made by `views.told_text`, without titles that are nobody else's business. Before it is sent, `queries.still_to_tell`
    says whether it is unread, not withdrawn and still theirs to see.
    """

    notification_id: UUID
    person_id: UUID
    community_id: UUID | None
    category: str
    critical: bool
    thread: str
    template: str
    template_version: int
    params: Mapping[str, Any]
    at: datetime
    until: datetime | None = None
    news: str = ""
    """What of its line it tells, where that is sent for itself instead of whatever of the line still waits; else the line is sent once."""


notified: Occasion[Sequence[Notified], None] = Occasion("people notified")
"""At most some hundreds at once, in the transaction that wrote them."""
