"""Webhooks as requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from chassis.addresses import web_address
from chassis.web.actors import Actor
from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import RequestModel, ResponseModel
from chassis.web.values import Moment, OneLine
from services.membership.webhooks.message_types import MessageTypes
from services.membership.webhooks.rules import CallError, DeliveryStatus, OffCause, Status

Url = Annotated[str, StringConstraints(max_length=1000, pattern=r"^https?://[^\s@]+$"), AfterValidator(web_address)]
Description = Annotated[str, StringConstraints(min_length=1, max_length=200), OneLine]


class WebhookCreate(RequestModel):
    """An endpoint and the types of messages that it is sent: of a community, or of the platform where none is named.

    Owners are told of their community; administrators of people, departments and communities.
    """

    community_id: UUID | None = None
    url: Url = Field(description="By https. By http only in a network that the operator allows.")
    types: MessageTypes
    description: Description | None = None


class WebhookPatch(RequestModel):
    """A merge patch; null takes the description away."""

    url: Url = ABSENT
    types: MessageTypes = ABSENT
    description: Description | None = None


class WebhookPublic(ResponseModel):
    """An endpoint. `off_cause` says why it is switched off; `old_secret_until`: until then, calls are signed with the secret before as well."""

    id: UUID
    community_id: UUID | None
    url: str
    types: list[str]
    description: str | None
    owner: Actor
    status: Annotated[str, Closed("WebhookStatus", Status)]
    status_since: datetime
    off_cause: Annotated[str, Closed("WebhookOffCause", OffCause)] | None
    old_secret_until: datetime | None
    created_at: datetime


class WebhookSecretPublic(WebhookPublic):
    """The endpoint with its secret, which is shown only once."""

    secret: str


class WebhookReplay(RequestModel):
    """What is sent again: all that failed since this moment, within the last 30 days."""

    since: Moment


class WebhookDeliveryPublic(ResponseModel):
    """A message for an endpoint, and how its last call went: `answered` is the status of the answer, `error` says why there was none.

    `message_id` is the `webhook-id` of its calls, and the same each time. What nobody may be told any more is `left_out`.
    """

    id: UUID
    message_id: UUID
    type: str
    status: Annotated[str, Closed("WebhookDeliveryStatus", DeliveryStatus)]
    attempts: int
    next_at: datetime | None
    last_at: datetime | None
    answered: int | None
    error: Annotated[str, Closed("WebhookCallError", CallError)] | None
    milliseconds: int | None
    created_at: datetime
