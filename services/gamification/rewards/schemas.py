"""Rewards as requests and answers."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, PlainSerializer, StringConstraints, model_validator

from chassis.addresses import web_address
from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import CommunityEmbed, RequestModel, ResponseModel
from chassis.web.values import Moment, OneLine
from chassis.wrong import Wrong
from services.gamification.rewards import problems
from services.gamification.rewards.rules import (
    GREATEST_COST,
    GREATEST_STOCK,
    MOST_COMMUNITIES,
    Delivery,
    Fulfilment,
    Refused,
    RewardKind,
    keeps_codes,
    shape_refusal,
)

KIND = Closed("RewardKind", RewardKind)
FULFILMENT = Closed("RewardFulfilment", Fulfilment)
DELIVERY = Closed("RewardDelivery", Delivery)
REFUSED = Closed("RewardRefusal", Refused)

Title = Annotated[str, StringConstraints(min_length=1, max_length=200), OneLine]
Description = Annotated[str, StringConstraints(max_length=4000)]
Cost = Annotated[int, Field(ge=1, le=GREATEST_COST)]
Stock = Annotated[int, Field(ge=0, le=GREATEST_STOCK)]
Limit = Annotated[int, Field(ge=1, le=1000)]
Position = Annotated[int, Field(ge=0, le=100)]
Value = Annotated[int, Field(ge=0, le=1_000_000_00, description="What it is worth, in fen.")]
Communities = Annotated[
    set[UUID],
    Field(max_length=MOST_COMMUNITIES, description="Where it is offered beside the community that runs it."),
    PlainSerializer(lambda ids: sorted(map(str, ids)), return_type=list[str]),
]
HookUrl = Annotated[str, StringConstraints(max_length=1000, pattern=r"^https?://[^\s@]+$"), AfterValidator(web_address)]
Code = Annotated[str, StringConstraints(min_length=4, max_length=200, pattern=r"^[\x21-\x7e]+$")]


class RewardCreate(RequestModel):
    """What members can have, and for how many points. `min_level` is the position on the ladder of their community."""

    community_id: UUID
    community_ids: Communities = set()
    kind: Annotated[RewardKind, KIND]
    title: Title
    description: Description = ""
    picture_id: UUID | None = Field(default=None, description="A file that the caller sent with the purpose `reward`.")
    cost: Cost
    market_value: Value | None = None
    stock: Stock | None = Field(
        default=None,
        description="How many there are; null: as many as wanted. Of vouchers it is how many codes you hand in.",
    )
    per_member_limit: Limit | None = Field(
        default=None, description="How many one person may have, in all communities."
    )
    min_level: Position | None = None
    available_from: Moment | None = None
    available_until: Moment | None = None
    fulfilment: Annotated[Fulfilment, FULFILMENT] = "manual"
    delivery: Annotated[Delivery, DELIVERY] = "none"
    hook_url: HookUrl | None = Field(default=None, description="What hands it over, where a webhook does.")
    offered: bool = Field(default=True, description="False: only those who run the catalogue see it.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        wrong = shape_refusal(self.kind, self.fulfilment, self.delivery)
        if wrong is not None:
            error = problems.DOES_NOT_FIT[wrong]
            raise Wrong(error.code, error.detail, error.zh, at=error.pointer)
        if self.stock is not None and keeps_codes(self.kind, self.fulfilment):
            error = problems.CODES_ONLY
            raise Wrong(error.code, error.detail, error.zh, at=error.pointer)
        if (self.fulfilment == "webhook") is (self.hook_url is None):
            error = problems.HOOK
            raise Wrong(error.code, error.detail, error.zh, at=error.pointer)
        if self.available_from and self.available_until and self.available_until <= self.available_from:
            error = problems.WINDOW
            raise Wrong(error.code, error.detail, error.zh, at=error.pointer)
        return self


class RewardPatch(RequestModel):
    """What to change. Who has bought it already keeps what they bought, at what they paid."""

    community_ids: Communities = ABSENT
    title: Title = ABSENT
    description: Description = ABSENT
    picture_id: UUID | None = None
    cost: Cost = ABSENT
    market_value: Value | None = None
    per_member_limit: Limit | None = None
    min_level: Position | None = None
    available_from: Moment | None = None
    available_until: Moment | None = None
    hook_url: HookUrl = ABSENT
    offered: bool = ABSENT


class StockChange(RequestModel):
    """How many came in, or, below zero, went otherwise than by redemption."""

    change: Annotated[int, Field(ge=-GREATEST_STOCK, le=GREATEST_STOCK)]


class CodesAdd(RequestModel):
    """Codes to be handed out, each once. Those that are there already stay as they are."""

    codes: Annotated[list[Code], Field(min_length=1, max_length=1000)]


class CodesAdded(ResponseModel):
    """How many of them are new, how many were there already, and how many can be bought now. Codes are never answered here."""

    added: int
    known: int
    stock_left: int


class RewardMine(ResponseModel):
    """What the caller had of it, how many more they may have (null: no limit), and why they cannot have one now."""

    bought: int
    left: int | None
    refused: Annotated[str, REFUSED] | None = Field(description="The code of the refusal; null: they can.")
    refused_text: str | None = Field(description="The same in words, in the reader's language.")


class RewardPicture(ResponseModel):
    """The file that is the picture of a reward, and where its previews are read without a token: read the reward again for new addresses."""

    attachment_id: UUID
    small: str
    large: str


class RewardPublic(ResponseModel):
    """A reward. `stock_left` is what can be bought now; null: as many as wanted. `mine` is null for who is no member there."""

    id: UUID
    community_id: UUID
    communities: list[CommunityEmbed]
    kind: Annotated[str, KIND]
    title: str
    description: str
    picture: RewardPicture | None
    cost: int
    market_value: int | None = Field(description="In fen; only for those who run the catalogue.")
    stock_left: int | None
    per_member_limit: int | None
    min_level: int | None
    min_level_name: str | None = Field(description="What this level is called where the reward is read.")
    available_from: datetime | None
    available_until: datetime | None
    fulfilment: Annotated[str, FULFILMENT]
    delivery: Annotated[str, DELIVERY]
    offered: bool
    hook_url: str | None = Field(description="Only for those who run the catalogue.")
    mine: RewardMine | None
    created_at: datetime


class HookSecret(ResponseModel):
    """With what calls of this reward's webhook are signed, both ways, as Standard Webhooks describes it."""

    secret: str
