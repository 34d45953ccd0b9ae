"""What authors are told of what waits for a moderator."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from chassis.web.named import Closed
from chassis.web.schemas import ResponseModel

STATUS = Closed("ModerationStatus", ["open", "returned", "released", "removed", "mended"])


class ModeratedText(ResponseModel):
    """The fields of a text that are told of; those of a reply are its body alone."""

    title: str | None = None
    summary: str | None = None
    body: str | None = None
    tags: list[str] | None = None
    resources: str | None = None
    name: str | None = None
    note: str | None = None
    statement: str | None = None
    audience: str | None = None
    topics: str | None = None


class HeldPublic(ResponseModel):
    """What a moderator does with a text: its author and moderators are told."""

    status: Annotated[str, STATUS]
    since: datetime
    reason: str | None = Field(description="Why it was returned or removed.")
    text: ModeratedText | None = Field(description="An edit that waits, by field; others read the text as it was.")
    edited: ModeratedText | None = Field(description="What a moderator changed: by field what was there before.")
