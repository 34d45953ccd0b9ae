"""Bases of request and response models. Table classes are never either."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class RequestModel(BaseModel):
    """A request body: unknown fields are refused, strings are stripped of surrounding white space."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class ResponseModel(BaseModel):
    """An answer, made from a table row or another object by `model_validate`."""

    model_config = ConfigDict(from_attributes=True)


class MemberEmbed(ResponseModel):
    """A member, as embedded in other answers. Members who left keep their name; erased members have none."""

    member_id: UUID
    display_name: str | None
    department: str | None = None
    avatar_url: str | None = None
    roles: list[str] = []
    left: bool = False


class Viewer(ResponseModel):
    """What the caller can do with a thing now, and for everything else the code of the refusal."""

    can: list[str]
    cannot: dict[str, str]


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


JsonObject = dict[str, Any]
