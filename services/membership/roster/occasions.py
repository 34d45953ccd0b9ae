"""What happens to memberships and concerns more than the roster."""

from dataclasses import dataclass
from datetime import datetime

from chassis.occasions import Occasion
from services.membership.people.models import Person
from services.membership.roster.models import Member


@dataclass(frozen=True, slots=True)
class MemberConcerned:
    """The member, locked, and the person behind them."""

    member: Member
    person: Person
    at: datetime


membership_ended: Occasion[MemberConcerned, None] = Occasion("membership ended")
"""Somebody left a community, was removed from it, or left the company: they have no role any more."""

ownership_ended: Occasion[MemberConcerned, None] = Occasion("ownership ended")
"""Somebody owns a community no more and is still a member: the role was taken from them."""
