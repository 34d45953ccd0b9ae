"""Requests and answers about service accounts."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from chassis.web.actors import Actor
from chassis.web.schemas import RequestModel, ResponseModel
from chassis.web.values import Moment, OneLine
from contracts.scopes import Scope


class ServiceAccountCreate(RequestModel):
    """An account for a program. `scopes` are permissions; `community_ids`: null means all communities, empty means none."""

    name: Annotated[str, Field(min_length=1, max_length=100), OneLine]
    scopes: Annotated[list[Scope], Field(max_length=100)]
    community_ids: Annotated[list[UUID] | None, Field(max_length=500)] = []
    expires_at: Moment | None = None


class ServiceAccountPublic(ResponseModel):
    """A service account. The product's own services use those that are `built_in`."""

    id: UUID
    name: str
    scopes: list[str]
    community_ids: list[UUID] | None
    built_in: bool
    created_by: Actor
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class ServiceAccountSecretPublic(ServiceAccountPublic):
    """The account with its secret, which is shown only once."""

    secret: str


class TokenRequest(RequestModel):
    """Client credentials (RFC 6749, 4.4), as JSON or as OAuth 2.0's form: the account's id and secret.

    With the form, both may come by HTTP Basic instead. `scope` asks for some of the account's scopes, separated by spaces.
    """

    client_id: UUID
    client_secret: Annotated[str, Field(min_length=1, max_length=200)]
    grant_type: Literal["client_credentials"] = "client_credentials"
    scope: Annotated[str | None, Field(max_length=4096)] = None


class TokenPublic(ResponseModel):
    """An access token; `expires_in` is in seconds."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a scheme, no secret
    expires_in: int
    scope: str
