"""What services ask of moderation about texts that are not content's own: the form that their messages share."""

from typing import Annotated
from uuid import UUID, uuid5

from pydantic import Field

from contracts.base import IntegrationEvent
from contracts.fields import Part


class TextObject(Part):
    """A text of a service, as its author wrote it the `revision`-th time."""

    service: str
    kind: str
    id: UUID
    revision: Annotated[int, Field(ge=1)]


class WrittenText(IntegrationEvent):
    """Somebody wrote a text, which others read once it was decided that they may. `author_id` is a member.

    A text without `community_id` belongs to none, and the company's rules alone decide about it: a person's name, whose author is the person.
    """

    community_id: UUID | None = None
    object: TextObject
    root_id: UUID
    author_id: UUID
    text: dict[str, str]
    """By field, as it is read."""

    def subject(self) -> str:
        """Made of the `id` of the `object`."""
        return str(uuid5(self.object.id, "text"))

    def partition_key(self) -> str:
        return str(self.root_id)
