"""The archive of a session as whoever writes it reads it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from chassis.web.patches import ABSENT
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel
from services.content.articles.schemas import SHOWN_STATUS, Body, Summary
from services.content.discussions.schemas import Title


class SessionArchivePatch(RequestModel):
    """What the archive is to say. `body` is Markdown, and may name the files that the writer sent (`attachment:<id>`)."""

    title: Title = ABSENT
    summary: Summary = ABSENT
    body: Body = ABSENT


class SessionArchivePublic(ResponseModel):
    """The article about a session, as it was written last."""

    activity_id: UUID
    article_id: UUID
    status: Annotated[str, SHOWN_STATUS]
    title: str
    summary: str
    body: str
    body_html: str = Field(description="The body as sanitised HTML.")
    authors: list[MemberEmbed]
    outside_authors: list[str] = Field(description="Speakers from outside, by name.")
    edited_at: datetime
    open_to_guests: bool = Field(
        description="Whether speakers from outside may write: not once it is submitted, published, archived or removed."
    )
