"""What happens to invitations and concerns more than ways in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.occasions import Occasion


@dataclass(frozen=True, slots=True)
class PersonInvited:
    """Somebody was invited in their own name."""

    invitation_id: UUID
    person_id: UUID
    community_name: str
    until: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class InvitationEnded:
    """An invitation is good no more: it was taken back, or somebody took it."""

    invitation_id: UUID
    at: datetime


person_invited: Occasion[PersonInvited, None] = Occasion("person invited")
invitation_ended: Occasion[InvitationEnded, None] = Occasion("invitation ended")
