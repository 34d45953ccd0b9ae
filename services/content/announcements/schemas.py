"""Who has confirmed an announcement, as requests and answers."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from chassis.web.named import Closed
from chassis.web.schemas import MemberEmbed, ResponseModel

ReaderState = Literal["read", "unread"]

READER_STATE = Closed("ReaderState", ReaderState)


class ReaderPublic(ResponseModel):
    """One of those whom an announcement is for."""

    member: MemberEmbed
    state: Annotated[str, READER_STATE]
    confirmed_at: datetime | None


class Reminded(ResponseModel):
    """How many members are reminded."""

    reminded: int


class ToConfirm(ResponseModel):
    """An announcement that waits for the caller to confirm it."""

    id: UUID
    title: str
    confirm_by: datetime | None


class AnnouncementsHome(ResponseModel):
    """What a member has to confirm."""

    to_confirm: int = Field(description="How many, 100 at most.")
    items: list[ToConfirm] = Field(description="The most urgent ones.")
