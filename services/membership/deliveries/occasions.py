"""What happens to messages outside, for those who left them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.occasions import Occasion
from services.membership.deliveries.channels import Content


@dataclass(frozen=True, slots=True)
class Sending:
    """A message whose turn has come. `secret` is what it was left with."""

    id: UUID
    channel: str
    person_id: UUID
    kind: str
    subject_id: UUID
    now: datetime
    locale: str | None
    secret: bytes | None


@dataclass(frozen=True, slots=True)
class Later:
    """It may not go before this moment."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Pointless:
    """It is not to go any more: it was read, or what it was about is gone."""

    code: str


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a message: `taken`, `refused` or `lapsed`."""

    channel: str
    person_id: UUID
    kind: str
    subject_id: UUID
    state: str
    code: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class AddressRefused:
    """Nothing will ever arrive at the address that somebody has in a channel."""

    channel: str
    person_id: UUID
    at: datetime


sending: Occasion[Sending, Content | Later | Pointless | None] = Occasion("a message is about to be sent")
"""Whoever left it answers what it says, or why it does not go; everybody else answers None."""
ended: Occasion[Ended, None] = Occasion("a message was sent, or never will be")
address_refused: Occasion[AddressRefused, None] = Occasion("an address was refused for good")
