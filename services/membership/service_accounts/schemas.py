"""Requests and answers about service accounts."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from chassis.web.actors import Actor
from chassis.web.schemas import RequestModel, ResponseModel
from chassis.web.values import Moment, OneLine
from chassis.wrong import Wrong
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
    """Client credentials (RFC 6749, 4.4), as JSON or as OAuth 2.0's form: the account's id and secret. Or, as JSON alone, an invitation.

    With the form, both may come by HTTP Basic instead. `scope` asks for some of the account's scopes, separated by spaces.
    `invitation` is what stands behind the `#` of a speaker's link.
    """

    client_id: UUID | None = None
    client_secret: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    grant_type: Literal["client_credentials"] = "client_credentials"
    scope: Annotated[str | None, Field(max_length=4096)] = None
    invitation: Annotated[str | None, Field(min_length=1, max_length=200)] = None

    @model_validator(mode="after")
    def _one_proof(self) -> Self:
        given = [name for name in ("client_id", "client_secret", "scope") if getattr(self, name) is not None]
        if self.invitation is not None and given:
            raise Wrong("not_together", "An invitation stands alone.", "邀请须单独提交。", at=f"/{given[0]}")
        if self.invitation is None:
            for name in ("client_id", "client_secret"):
                if name not in given:
                    raise Wrong("missing", "Field required", "必填。", at=f"/{name}")
        return self


class TokenPublic(ResponseModel):
    """An access token; `expires_in` is in seconds. That of an invitation is for the activity `activity_id` alone."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a scheme, no secret
    expires_in: int
    scope: str
    activity_id: UUID | None = None
