"""Messenger channels as requests and answers."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, PlainSerializer, SecretStr, StringConstraints

from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import RequestModel, ResponseModel
from chassis.web.values import OneLine
from services.membership.messengers.messenger import Provider
from services.membership.messengers.post_rules import Kind

ChannelLocale = Literal["zh-CN", "en"]

PROVIDER = Closed("MessengerProvider", Provider)
KIND = Closed("MessengerChannelKind", Kind)
LOCALE = Closed("MessengerChannelLocale", ChannelLocale)
STATUS = Closed("MessengerChannelStatus", ["active", "paused", "switched_off"])
OUTCOME = Closed(
    "MessengerOutcome",
    ["taken", "again", "unknown_robot", "signature_refused", "text_refused", "refused"],
)
OFF_BECAUSE = Closed("MessengerChannelOffBecause", ["unknown_robot", "signature_refused", "silent", "key_lost"])

Name = Annotated[str, StringConstraints(min_length=1, max_length=60), OneLine]
Address = Annotated[
    SecretStr,
    Field(
        min_length=10,
        max_length=500,
        description="The robot's webhook address, as the messenger gives it. It is kept encrypted, and never shown.",
    ),
]
Secret = Annotated[
    SecretStr,
    Field(
        min_length=1,
        max_length=200,
        description="With what the robot wants its calls signed (DingTalk, Feishu). It is kept encrypted, and never shown.",
    ),
]
Kinds = Annotated[
    set[Annotated[Kind, KIND]],
    Field(min_length=1, max_length=3),
    PlainSerializer(sorted, return_type=list[str]),
]


class MessengerChannelCreate(RequestModel):
    """A robot of a group, and what of the community is told there."""

    community_id: UUID
    provider: Annotated[Provider, PROVIDER]
    name: Name
    address: Address
    secret: Secret | None = None
    kinds: Kinds
    locale: Annotated[ChannelLocale, LOCALE] = "zh-CN"


class MessengerChannelPatch(RequestModel):
    """What to change. Another `address` comes with its own `secret`, or has none."""

    name: Name = ABSENT
    address: Address = ABSENT
    secret: Secret | None = None
    kinds: Kinds = ABSENT
    locale: Annotated[ChannelLocale, LOCALE] = ABSENT


class MessengerChannelPublic(ResponseModel):
    """A robot of a group. Its address and secret are shown to nobody; `signed` says whether it has a secret."""

    id: UUID
    community_id: UUID
    provider: Annotated[str, PROVIDER]
    name: str
    kinds: list[Annotated[str, KIND]]
    locale: Annotated[str, LOCALE]
    signed: bool
    status: Annotated[str, STATUS]
    off_because: Annotated[str, OFF_BECAUSE] | None
    failing_since: datetime | None = Field(description="Since when nothing has been taken.")
    last_outcome: Annotated[str, OUTCOME] | None = Field(description="What came of the last message.")
    last_tried_at: datetime | None
    last_taken_at: datetime | None
    created_at: datetime
