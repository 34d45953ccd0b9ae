"""Attachments as requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import RequestModel, ResponseModel
from chassis.web.values import OneLine
from chassis.wrong import Wrong
from services.content.attachments.refusing import TEXTS
from services.content.attachments.rules import LARGEST_EVER, MIB, Purpose, Size, Status, last_part

PURPOSE = Closed("AttachmentPurpose", Purpose)
SIZE = Closed("AttachmentSize", Size)
READER_KIND = Closed("AttachmentReaderKind", ["person", "service"])
STATUS = Closed("AttachmentStatus", Status)
REFUSAL = Closed("AttachmentRefusal", list(TEXTS))

_IN_BYTES = f"In bytes; {50 * MIB} where nothing was said."


def _file_name(value: str) -> str:
    kept = last_part(value)
    if not kept:
        raise Wrong("no_name", "It needs a name.", "须有文件名。")
    return kept


FileName = Annotated[str, StringConstraints(min_length=1, max_length=255), OneLine, AfterValidator(_file_name)]
MediaType = Annotated[str, StringConstraints(max_length=127, pattern=r"^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+$")]


class AttachmentCreate(RequestModel):
    """A file that is about to be sent. Directories in `name` are left out. `avatar` and `application` need no community."""

    purpose: Annotated[Purpose, PURPOSE] = "content"
    community_id: UUID | None = None
    name: FileName
    size: int = Field(ge=1, le=LARGEST_EVER, description="How many bytes it has.")
    media_type: MediaType


class UploadPublic(ResponseModel):
    """Where the parts are sent, and where the next begins."""

    href: str
    offset: int


class PreviewPublic(ResponseModel):
    """A smaller picture of a picture."""

    href: str
    width: int
    height: int
    media_type: str


class PreviewsPublic(ResponseModel):
    """A picture made anew in two sizes."""

    large: PreviewPublic
    small: PreviewPublic


class WatermarkPublic(ResponseModel):
    """Who looks at it, to be drawn over the previews; nulls for who did not log in and for programs."""

    name: str | None
    employee_no_tail: str | None = Field(description="The last four characters of their number.")


class AttachmentPublic(ResponseModel):
    """A file. Addresses are the caller's own and good until `expires_at`."""

    id: UUID
    name: str
    purpose: Annotated[str, PURPOSE]
    media_type: str | None = Field(
        description="What its bytes are, whatever its sender called it; null until it is ready."
    )
    size: int
    status: Annotated[str, STATUS]
    refused: Annotated[str, REFUSAL] | None = Field(description="Why it is refused, as a code.")
    width: int | None
    height: int | None
    href: str | None = Field(
        description="Where it is downloaded; null until it is ready, and where there is a watermark."
    )
    expires_at: datetime | None
    previews: PreviewsPublic | None = Field(description="Null for what is no picture.")
    watermark: WatermarkPublic | None = Field(description="Where readers are given previews alone.")


class AttachmentSent(AttachmentPublic):
    """A file with what its sender needs to send the rest."""

    community_id: UUID | None
    created_at: datetime
    upload: UploadPublic | None = Field(description="Null when all has arrived.")
    receipt: str | None = Field(
        description="For other services that take the file; good for some hours: read the file again for a new one. Null until it is ready."
    )
    refused_text: str | None = Field(description="Why it is refused and what to do, in your language.")


class AddressesCreate(RequestModel):
    """Files whose addresses are wanted anew."""

    ids: Annotated[list[UUID], Field(min_length=1, max_length=100)]


class AddressesPublic(ResponseModel):
    """Those of them that the caller may read."""

    items: list[AttachmentPublic]


class AttachmentLimitPatch(RequestModel):
    """How large the files of a community may be."""

    largest: Annotated[int, Field(ge=1, le=LARGEST_EVER, description=_IN_BYTES)] = ABSENT


class AttachmentLimitPublic(ResponseModel):
    """How large the files of a community may be, in bytes."""

    community_id: UUID
    largest: int = Field(description=_IN_BYTES)
