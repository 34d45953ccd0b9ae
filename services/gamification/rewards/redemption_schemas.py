"""Redemptions as requests and answers."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.named import Closed
from chassis.web.schemas import CommunityEmbed, MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import OneLine, Said
from services.gamification.rewards.redemption_rules import Status
from services.gamification.rewards.schemas import DELIVERY, FULFILMENT, KIND

STATUS = Closed("RedemptionStatus", Status)

Reason = Annotated[str, StringConstraints(min_length=1, max_length=400), Said]


class Recipient(RequestModel):
    """To whom something is shipped."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100), OneLine]
    phone: Annotated[str, StringConstraints(min_length=5, max_length=40, pattern=r"^[0-9+() -]+$")]
    address: Annotated[str, StringConstraints(min_length=1, max_length=500), Said]

    def columns(self) -> dict[str, Any]:
        """As a redemption has it."""
        return {f"recipient_{name}": value for name, value in self.model_dump().items()}


class RedemptionCreate(RequestModel):
    """What you want, from which wallet, and how many points you saw it costs: it costs no more, and no less."""

    reward_id: UUID
    community_id: UUID
    cost_seen: Annotated[int, Field(ge=0, le=2**31 - 1)]
    recipient: Recipient | None = Field(default=None, description="To whom it goes, where it is shipped.")


class RedemptionReject(RequestModel):
    """Why; its member reads it."""

    reason: Reason


class RedemptionFulfil(RequestModel):
    """How it went: what is collected needs the code of who collects it, what is shipped may be followed."""

    pickup_code: Annotated[str, StringConstraints(max_length=40)] | None = None
    tracking: Annotated[str, StringConstraints(min_length=1, max_length=100), OneLine] | None = None


class RecipientPublic(ResponseModel):
    """To whom something is shipped."""

    name: str
    phone: str
    address: str


class RedemptionPublic(ResponseModel):
    """A redemption. `cost` is what its member pays, whatever the reward costs today.

    `recipient` is answered where one redemption is read, to its member, and as long as it is open to those who decide.
    """

    id: UUID
    community_id: UUID
    community: CommunityEmbed | None
    member: MemberEmbed
    reward_id: UUID
    kind: Annotated[str, KIND]
    title: str
    cost: int
    fulfilment: Annotated[str, FULFILMENT]
    delivery: Annotated[str, DELIVERY]
    status: Annotated[str, STATUS]
    recipient: RecipientPublic | None
    tracking: str | None
    reason: str | None = Field(description="Why it was rejected.")
    decide_by: datetime = Field(description="By when it is to be decided; after two working days it is overdue.")
    overdue: bool
    approved_at: datetime | None
    collect_by: datetime | None = Field(description="Until when it can be collected.")
    ended_at: datetime | None
    needs_person: bool = Field(
        description="Whether its webhook has not decided for three days, so that somebody has to."
    )
    has_code: bool = Field(description="Whether its member can have a code shown now.")
    created_at: datetime
    viewer: Viewer


class VoucherPublic(ResponseModel):
    """The code of a voucher, or the one with which goods are collected."""

    code: str
