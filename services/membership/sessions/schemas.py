"""Requests and answers about sessions."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from chassis.web.named import Closed
from chassis.web.schemas import RequestModel, ResponseModel
from services.membership.credentials.schemas import Password
from services.membership.second_factors.schemas import FactorCode

Transport = Literal["body", "cookie"]
TRANSPORT = Closed("Transport", Transport)
Revoked = Literal["person", "session"]


class LogIn(RequestModel):
    """`login` is an e-mail, an employee number or a phone."""

    login: Annotated[str, Field(min_length=1, max_length=254, examples=["zhang.wei@example.com"])]
    password: Password
    code: Annotated[
        FactorCode | None,
        Field(
            description="Of the caller's second factor, if they have one: six digits of the app, or a recovery code."
        ),
    ] = None


class StepUp(RequestModel):
    """`code` if you have a second factor (six digits of the app, or a recovery code), else `password`."""

    password: Password | None = None
    code: FactorCode | None = None


class SteppedUpToken(ResponseModel):
    """An access token of the same session, of somebody who has just proved who they are. The refresh token stays as it is."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a scheme, no secret
    expires_in: int
    proved_at: datetime


class Refresh(RequestModel):
    """The refresh token, if it is not in the cookie."""

    refresh_token: Annotated[str | None, Field(max_length=4096)] = None


class SessionTokens(ResponseModel):
    """Tokens of a session. `refresh_token` is absent if it is sent in a cookie; `expires_in` is in seconds."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a scheme, no secret
    expires_in: int
    refresh_token: str | None = None
    session_id: UUID
    person_id: UUID


class DevicePublic(ResponseModel):
    """What a session was begun with, in families such as Chrome and Windows; null if unknown. It is what the program says of itself."""

    browser: str | None
    system: str | None


class SessionPublic(ResponseModel):
    """A log-in of the caller; one by a `provider` ends at `ends_at`. A session that ended because its refresh token was used twice stays listed for 30 days."""

    id: UUID
    started_at: datetime
    last_used_at: datetime
    transport: Annotated[str, TRANSPORT]
    user_agent: str | None
    device: DevicePublic
    provider: str | None
    ends_at: datetime | None
    current: bool
    ended_at: datetime | None
    ended_because: str | None


class RevocationPublic(ResponseModel):
    """Access tokens of this person or session are revoked if they were issued at or before `at`."""

    kind: Annotated[Revoked, Closed("Revoked", Revoked)]
    id: UUID
    at: datetime


class Revocations(ResponseModel):
    """Pass `next` as `after` next time. An item may be listed more than once."""

    items: list[RevocationPublic]
    next: str
