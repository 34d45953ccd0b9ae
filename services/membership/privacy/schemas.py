"""The privacy notice as a request and as an answer."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from chassis.web.schemas import RequestModel, ResponseModel
from chassis.web.values import Said, Version

NoticeText = Annotated[str, Field(min_length=1, max_length=50_000), Said]
AgreedVersion = Annotated[
    Version | None, Field(description="The version of the privacy notice that was read and agreed to, if there is one.")
]


class PrivacyNoticeCreate(RequestModel):
    """What is kept of people, why, how long, and whom to ask; in both languages."""

    text_zh: NoticeText
    text_en: NoticeText


class PrivacyNoticePublic(ResponseModel):
    """One version of the privacy notice."""

    version: int
    text_zh: str
    text_en: str
    published_at: datetime
