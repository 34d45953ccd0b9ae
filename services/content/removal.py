"""How a piece of content is taken away and comes back, whatever kind it is: by live causes, told when the first appears and the last goes."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

from chassis.messaging.outbox import Outgoing
from contracts.content import ContentRemoval
from contracts.fields import ContentObject


class Removable(Protocol):
    """A locked row with live causes, which counts its messages."""

    community_id: UUID
    causes: list[str]
    removed_at: datetime | None
    version: int

    def bump(self) -> int:
        """See `Publishing`."""


def is_removed(causes: Collection[str]) -> bool:
    """Whether what has these causes was removed: that it was merged alone is told in another way, and takes nothing from its author."""
    return bool(set(causes) - {"merge"})


def caused(row: Removable, causes: list[str], at: datetime) -> bool:
    """Give it these causes; says whether it is no longer seen, or seen again, by that."""
    turned = is_removed(row.causes) != is_removed(causes)
    row.causes = causes
    row.version += 1
    if turned:
        row.removed_at = at if causes else None
    return turned


def told(kind: type[ContentRemoval], about: ContentObject, row: Removable, cause: str, at: datetime) -> Outgoing:
    """The message that it is no longer seen, or seen again."""
    message = kind(
        community_id=row.community_id,
        kind=about.kind,
        id=about.id,
        root_id=about.root_id,
        author_ids=about.author_ids,
        cause=cause,
    )
    return Outgoing(message, row.bump(), at)
