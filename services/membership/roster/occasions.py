"""What happens to memberships and concerns more than the roster."""

from dataclasses import dataclass
from datetime import datetime

from chassis.occasions import Occasion
from services.membership.people.models import Person
from services.membership.roster.models import Member


@dataclass(frozen=True, slots=True)
class MembershipEnded:
    """The member, locked, with no role any more, and the person it was."""

    member: Member
    person: Person
    at: datetime


membership_ended: Occasion[MembershipEnded, None] = Occasion("membership ended")
"""Somebody left a community, was removed from it, or left the company."""
