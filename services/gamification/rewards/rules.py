"""What a reward may be, and who can have it when. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

RewardKind = Literal["voucher", "physical", "certificate", "course", "privilege"]
Fulfilment = Literal["automatic", "manual", "webhook"]
Delivery = Literal["none", "pickup", "shipping"]
Refused = Literal[
    "reward_not_offered",
    "reward_not_yet",
    "reward_over",
    "reward_sold_out",
    "reward_limit_reached",
    "level_too_low",
    "points_short",
]

GREATEST_COST: Final = 10_000_000
GREATEST_STOCK: Final = 1_000_000
MOST_COMMUNITIES: Final = 20
"""Each is asked whether the caller may offer something there."""


def keeps_codes(kind: str, fulfilment: str) -> bool:
    """Whether its stock are codes that were handed in beforehand; a webhook answers with one of its own."""
    return kind == "voucher" and fulfilment != "webhook"


def shape_refusal(kind: str, fulfilment: str, delivery: str) -> str | None:
    """The field that does not fit to the others; None where all do."""
    if (kind == "physical") is (delivery == "none"):
        return "delivery"
    if kind == "physical" and fulfilment == "automatic":
        return "fulfilment"
    return None


@dataclass(frozen=True, slots=True)
class Offer:
    """What of a reward decides who can have it now. `stock_left` None: as many as wanted."""

    cost: int
    offered: bool
    available_from: datetime | None
    available_until: datetime | None
    stock_left: int | None
    per_member_limit: int | None
    min_level: int | None


@dataclass(frozen=True, slots=True)
class Buyer:
    """What of somebody decides it. `bought` is what they had of it and did not give back."""

    available: int
    level: int
    bought: int


def refusal(offer: Offer, buyer: Buyer, now: datetime) -> Refused | None:
    """The code with which a reward is refused to somebody; None where they can have it."""
    if not offer.offered:
        return "reward_not_offered"
    if offer.available_from is not None and now < offer.available_from:
        return "reward_not_yet"
    if offer.available_until is not None and now >= offer.available_until:
        return "reward_over"
    if offer.stock_left == 0:
        return "reward_sold_out"
    if offer.per_member_limit is not None and buyer.bought >= offer.per_member_limit:
        return "reward_limit_reached"
    if offer.min_level is not None and buyer.level < offer.min_level:
        return "level_too_low"
    if buyer.available < offer.cost:
        return "points_short"
    return None
