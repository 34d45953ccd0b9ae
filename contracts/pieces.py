"""What happens to any piece of content: the forms that messages of content share."""

from typing import Annotated
from uuid import UUID

from contracts.base import IntegrationEvent
from contracts.fields import ContentObject, known


class FeatureChange(IntegrationEvent):
    """Featuring 加精, of an article, a discussion or a reply."""

    community_id: UUID
    object: ContentObject
    by: UUID

    def subject(self) -> str:
        """The `id` of the `object`."""
        return str(self.object.id)

    def partition_key(self) -> str:
        return str(self.object.root_id)


class ReactionChange(IntegrationEvent):
    """A member's reaction to a piece of content."""

    community_id: UUID
    reaction_id: UUID
    reaction: Annotated[str, known("like", "insightful", "thanks")]
    member_id: UUID
    object: ContentObject
    tags: tuple[str, ...] = ()

    def partition_key(self) -> str:
        return str(self.object.root_id)
