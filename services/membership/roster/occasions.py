"""What happens to memberships and concerns more than the roster."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.occasions import Occasion
from services.membership.people.models import Person
from services.membership.roster.models import Member
from services.membership.roster.rules import Hold


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


running_begun: Occasion[MemberConcerned, None] = Occasion("running begun")
"""A member became operator or owner, who was neither."""


judging_ended: Occasion[MemberConcerned, None] = Occasion("judging ended")
"""Somebody is no moderator, operator or owner any more, also since they are no member: they decide about nobody."""


@dataclass(frozen=True, slots=True)
class MembershipRestored:
    """A membership that goes on, with its roles, since an expulsion is taken back that had ended it then; the member is locked."""

    member: Member
    person: Person
    ended_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Returned:
    """How many things of a kind go on again, and which do not: each by its id, with the code that says why."""

    kind: str
    count: int
    left: Sequence[tuple[UUID, str]]


membership_restored: Occasion[MembershipRestored, Returned] = Occasion("membership restored")
"""What had ended with a membership that should not have ended comes back, where its place is not taken."""


@dataclass(frozen=True, slots=True)
class SanctionsSought:
    """Members, locked, of whom somebody wants to know what they may not do at a moment."""

    members: Sequence[Member]
    at: datetime


sanctions_sought: Occasion[SanctionsSought, Mapping[UUID, Sequence[Hold]]] = Occasion("sanctions sought")
"""What penalties make of members, by member, one of each kind; those of whom they make nothing are left out. Short mutes are the roster's own."""
