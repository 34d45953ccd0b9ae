"""What services tell of the files that their things name: the form that their messages share."""

from uuid import UUID, uuid5

from contracts.base import IntegrationEvent
from contracts.fields import Part


class LinkingObject(Part):
    """A thing of a service that names a file."""

    service: str
    kind: str
    id: UUID


class AttachmentLink(IntegrationEvent):
    """Whether a thing names a file, which is kept as long as anything names it. `person_id` is who sent the file."""

    attachment_id: UUID
    object: LinkingObject
    person_id: UUID
    linked: bool

    def subject(self) -> str:
        """Made of `attachment_id` and the `id` of the `object`."""
        return str(uuid5(self.object.id, str(self.attachment_id)))

    def partition_key(self) -> str:
        return str(self.attachment_id)
