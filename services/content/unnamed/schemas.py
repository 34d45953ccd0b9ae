"""What a community says about questions, and who asked, as requests and answers."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.patches import ABSENT
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel
from chassis.web.values import Said

_UNNAMED = Field(description="Whether members may ask without being named.")


class QuestionPolicyPatch(RequestModel):
    """What to say about questions."""

    unnamed: Annotated[bool, _UNNAMED] = ABSENT


class QuestionPolicyPublic(ResponseModel):
    """What a community says about questions."""

    community_id: UUID
    unnamed: bool = _UNNAMED


class AuthorAsked(RequestModel):
    """Why one has to know who asked; it is kept."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=500), Said]


class AuthorPublic(ResponseModel):
    """Who asked."""

    author: MemberEmbed
