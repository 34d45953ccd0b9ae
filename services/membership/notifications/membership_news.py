"""What this service's own messages mean for the inbox. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from chassis.messaging.envelope import Received
from contracts import belonging, conduct, membership, recruitment
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
    """The member; who was enrolled by a rule is told so."""
    return _member(message, "member.enrolled" if message.data.via == "assigned" else "member.joined")


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
        # What penalties bring stands in the standing; a short mute is the member's alone.
        about=("standing" if it.penalty_ids else "member", it.member_id),
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


def group(message: Received[Any]) -> Iterable[Step]:
    """What it is called, and who begins to lead it, once each: they may not have asked for it."""
    it = message.data
    yield Know(it.group_id, "group", it.community_id, message.version, it.name)
    # Whoever formed it themselves would be told with its next name, which another gives it.
    begins = not isinstance(it, belonging.GroupUpdated) or it.new_leader
    if it.leader_id is not None and begins:
        yield _in_group(message, "group.led", f"group_led:{it.group_id}:{it.leader_id}", it.leader_id)


def group_member(message: Received[Any]) -> Iterable[Step]:
    """The member, unless they joined or left it themselves; the latest replaces what came before."""
    it = message.data
    template = "group.joined" if it.belongs else "group.left"
    yield _in_group(message, template, f"group:{it.subject()}", it.member_id, replaces=True)


def _in_group(message: Received[Any], template: str, source: str, member_id: UUID, *, replaces: bool = False) -> Tell:
    it = message.data
    return Tell(
        template,
        source,
        message.version,
        source,
        message.occurred_at,
        it.community_id,
        members=(member_id,),
        about=("group", it.group_id),
        title_of=it.group_id,
        replaces=replaces,
        unless_by=message.actor,
    )


def rule_set_published(message: Received[Any]) -> Iterable[Step]:
    """Every member: they are asked to acknowledge it. What a newer version replaces is withdrawn."""
    it = message.data
    yield Tell(
        "rule_set.published",
        f"rules:{it.community_id}",
        it.version,
        f"rules:{it.community_id}",
        message.occurred_at,
        it.community_id,
        audience={},
        about=("rule_set", it.rule_set_id),
        replaces=True,
    )


NEWS: Final[Mapping[type[IntegrationEvent], Callable[[Received[Any]], Iterable[Step]]]] = {
    recruitment.CampaignOpened: campaign,
    recruitment.CampaignClosed: campaign,
    recruitment.ApplicationDecided: application_decided,
    recruitment.ApplicationReturned: application_returned,
    membership.MemberJoined: member_joined,
    membership.MemberRoleChanged: role_changed,
    membership.MemberLeft: member_left,
    membership.SanctionChanged: sanction_changed,
    membership.ResponsibilityAssigned: responsibility_assigned,
    belonging.GroupFormed: group,
    belonging.GroupUpdated: group,
    belonging.GroupJoined: group_member,
    belonging.GroupLeft: group_member,
    conduct.RuleSetPublished: rule_set_published,
}
