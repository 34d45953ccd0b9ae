"""Bases of request and response models. Table classes are never either."""

from collections.abc import Mapping
from typing import Annotated, Any, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chassis.web.named import Closed, Named

Action = TypeVar("Action", bound=str)


class RequestModel(BaseModel):
    """A request body: unknown fields are refused, strings are stripped of surrounding white space."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class ResponseModel(BaseModel):
    """An answer, made from a table row or another object by `model_validate`."""

    model_config = ConfigDict(from_attributes=True)


ROLE = Closed("Role", ["owner", "operator", "moderator", "lecturer", "mentor"])
"""What a member is in their community beside a plain member."""


class MemberEmbed(ResponseModel):
    """A member, as embedded in other answers. Members who left keep their name; erased members have none.

    Who asks without a name is called 匿名成员, by an id of UUID version 8 by which nobody is found. `department` is its code, `department_name` what to show.
    """

    member_id: UUID
    display_name: str | None
    department: str | None = None
    department_name: str | None = None
    avatar_url: str | None = None
    roles: list[Annotated[str, ROLE]] = []
    left: bool = False


class CommunityEmbed(ResponseModel):
    """A community, as named in other answers."""

    id: UUID
    slug: str
    name: str


class Viewer(ResponseModel):
    """What the caller can do with a thing now, and for everything else the code of the refusal.

    What things of its kind do not have is in neither, nor what is done already.
    """

    can: list[str]
    cannot: Annotated[dict[str, str], Named("Refusals")]

    @classmethod
    def of(cls, refusals: Mapping[Action, str | None]) -> Self:
        """What each action is refused with; None where the caller can do it."""
        return cls(
            can=[action for action, code in refusals.items() if code is None],
            cannot={action: code for action, code in refusals.items() if code is not None},
        )


class ProblemFieldError(BaseModel):
    """What is wrong with one value."""

    pointer: str
    code: str
    detail: str


class ProblemDocument(BaseModel):
    """RFC 9457 problem details, in zh-CN or en by `Accept-Language`."""

    model_config = ConfigDict(extra="allow", title="Problem")

    type: str
    title: str
    status: int
    code: str
    detail: str | None = None
    errors: list[ProblemFieldError] | None = None
    request_id: str | None = None


JsonObject = Annotated[dict[str, Any], Named("JsonObject")]
"""An object of any form."""

Counts = Annotated[dict[str, int], Named("Counts")]
"""How many, by name."""
