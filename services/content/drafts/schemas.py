"""Drafts as requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import Field

from chassis.bounds import GREATEST_SMALL_INTEGER
from chassis.web.schemas import JsonObject, RequestModel, ResponseModel

_ID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
Target = Annotated[
    str,
    Path(
        pattern=f"^(discussion|reply|article|edit)\\.{_ID}$",
        description=(
            "`discussion.<community id>` a new one, `reply.<discussion or answer id>` a new one below it; edits are "
            "`edit.<discussion or reply id>` and `article.<id>`."
        ),
    ),
]


class DraftPut(RequestModel):
    """What you are writing."""

    form: JsonObject = Field(
        description="The fields of what you will post, as far as they are filled in; 64 KiB as JSON."
    )
    based_on: int | None = Field(
        default=None, ge=1, le=GREATEST_SMALL_INTEGER, description="The version that you began from, of an edit."
    )


class DraftListed(ResponseModel):
    """A draft as a list shows it: without its form."""

    target: str
    community_id: UUID
    place_title: str | None = Field(
        description="The title of the discussion or article that it belongs to, as it was when the draft was kept; null for a new discussion."
    )
    title: str | None = Field(description="`title` of the form; null where it has none.")
    excerpt: str | None = Field(description="The first words of `body` of the form, as typed; null where it has none.")
    based_on: int | None
    version: int = Field(description="For `If-Match`.")
    changed_at: datetime
    expires_at: datetime


class DraftPublic(DraftListed):
    """What the caller is writing somewhere."""

    form: JsonObject
