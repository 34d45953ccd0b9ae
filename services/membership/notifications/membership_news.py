"""What this service's own messages mean for the inbox. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from chassis.messaging.envelope import Received
from contracts import membership
from contracts.base import IntegrationEvent
from services.membership.notifications.rules import Know, Step, Tell

_OUTCOMES: Final = {"accepted", "waitlisted", "rejected"}


def campaign(message: Received[Any]) -> Iterable[Step]:
    """What it is called."""
    it = message.data
    yield Know(it.campaign_id, "campaign", it.community_id, message.version, it.title)


def _application(message: Received[Any], template: str) -> Iterable[Step]:
    it = message.data
    yield Tell(
        template,
        f"application:{it.application_id}",
        message.version,
        f"application:{it.application_id}",
        message.occurred_at,
        it.community_id,
        people=(it.person_id,),
        about=("application", it.application_id),
        title_of=it.campaign_id,
        replaces=True,
    )


def application_decided(message: Received[Any]) -> Iterable[Step]:
    """The applicant, when it is released."""
    outcome = message.data.outcome
    return _application(message, f"application.{outcome}") if outcome in _OUTCOMES else ()


def application_returned(message: Received[Any]) -> Iterable[Step]:
    """The applicant."""
    return _application(message, "application.returned")


def _member(message: Received[Any], template: str, **params: Any) -> Iterable[Step]:
    it = message.data
    yield Tell(
        template,
        f"{template}:{it.member_id}",
        message.version,
        f"{template}:{it.member_id}",
        message.occurred_at,
        it.community_id,
        members=(it.member_id,),
        about=("community", it.community_id),
        params=params,
        replaces=True,
        former=True,
        unless_by=message.actor,
    )


def member_joined(message: Received[Any]) -> Iterable[Step]:
    """The member."""
    return _member(message, "member.joined")


def role_changed(message: Received[Any]) -> Iterable[Step]:
    """The member: which roles they have now."""
    return _member(message, "member.roles", roles=list(message.data.roles))


def member_left(message: Received[Any]) -> Iterable[Step]:
    """The member, unless they left themselves."""
    return _member(message, "member.left")


def sanction_changed(message: Received[Any]) -> Iterable[Step]:
    """The member: what they may do, and until when. No reason travels with it."""
    it = message.data
    until = it.until.isoformat() if it.until else None
    yield Tell(
        f"sanction.{it.status}",
        f"sanction:{it.member_id}",
        message.version,
        f"sanction:{it.member_id}",
        message.occurred_at,
        it.community_id,
        members=(it.member_id,),
        about=("member", it.member_id),
        params={"until": until},
        replaces=True,
        former=True,
    )


def responsibility_assigned(message: Received[Any]) -> Iterable[Step]:
    """Who holds it and who is the deputy; the latest replaces what came before."""
    it = message.data
    yield Tell(
        "responsibility.assigned",
        f"responsibility:{it.responsibility_id}",
        message.version,
        f"responsibility:{it.responsibility_id}",
        message.occurred_at,
        it.community_id,
        members=tuple(one for one in (it.holder_id, it.deputy_id) if one is not None),
        about=("responsibility", it.responsibility_id),
        params={"title": it.area},
        replaces=True,
        unless_by=message.actor,
    )


NEWS: Final[Mapping[type[IntegrationEvent], Callable[[Received[Any]], Iterable[Step]]]] = {
    membership.CampaignOpened: campaign,
    membership.CampaignClosed: campaign,
    membership.ApplicationDecided: application_decided,
    membership.ApplicationReturned: application_returned,
    membership.MemberJoined: member_joined,
    membership.MemberRoleChanged: role_changed,
    membership.MemberLeft: member_left,
    membership.SanctionChanged: sanction_changed,
    membership.ResponsibilityAssigned: responsibility_assigned,
}
