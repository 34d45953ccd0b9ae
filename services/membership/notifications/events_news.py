"""What the messages of events mean for the inbox. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from chassis.messaging.envelope import Received
from contracts import events
from contracts.base import IntegrationEvent
from services.membership.notifications.rules import Follow, Know, Step, Tell

_TAKES_PART: Final = {"confirmed", "assigned", "waitlisted", "offered", "reconfirmed"}


def _activity(message: Received[Any]) -> Know:
    it = message.data
    owner = it.organiser_ids[0] if it.organiser_ids else None
    return Know(it.activity_id, "activity", it.community_id, message.version, it.title, owner)


def activity(message: Received[Any]) -> Iterable[Step]:
    """What it is called and when it is."""
    yield _activity(message)


def _to_all_in_it(template: str, message: Received[Any]) -> Iterable[Step]:
    it = message.data
    yield _activity(message)
    yield Tell(
        template,
        f"{template}:{it.activity_id}",
        message.version,
        f"activity:{it.activity_id}",
        message.occurred_at,
        it.community_id,
        followers_of=it.activity_id,
        about=("activity", it.activity_id),
        params={"title": it.title, "starts_at": it.starts_at.isoformat(), "time_zone": it.time_zone},
        replaces=True,
    )


def activity_moved(message: Received[Any]) -> Iterable[Step]:
    """All who have a seat or wait for one."""
    return _to_all_in_it("activity.moved", message)


def activity_cancelled(message: Received[Any]) -> Iterable[Step]:
    """All who have a seat or wait for one."""
    return _to_all_in_it("activity.cancelled", message)


def registration(message: Received[Any]) -> Iterable[Step]:
    """How the member's registration stands; the latest replaces what came before."""
    it = message.data
    state = it.TYPE.split(".")[-2]
    yield Follow(it.activity_id, it.member_id, message.version, state in _TAKES_PART)
    if state in {"leave_asked", "reconfirmed"}:
        return
    until = it.offer_expires_at.isoformat() if it.offer_expires_at else None
    yield Tell(
        f"registration.{state}",
        f"registration:{it.registration_id}",
        message.version,
        f"registration:{it.registration_id}",
        message.occurred_at,
        it.community_id,
        members=(it.member_id,),
        about=("activity", it.activity_id),
        title_of=it.activity_id,
        params={"starts_at": it.starts_at.isoformat(), "until": until},
        replaces=True,
        unless_by=message.actor if state == "cancelled" else None,
    )


NEWS: Final[Mapping[type[IntegrationEvent], Callable[[Received[Any]], Iterable[Step]]]] = {
    events.ActivityAnnounced: activity,
    events.ActivityUpdated: activity,
    events.ActivityMoved: activity_moved,
    events.ActivityCancelled: activity_cancelled,
    events.RegistrationConfirmed: registration,
    events.RegistrationWaitlisted: registration,
    events.RegistrationOffered: registration,
    events.RegistrationAssigned: registration,
    events.RegistrationCancelled: registration,
    events.RegistrationExpired: registration,
    events.RegistrationExcused: registration,
    events.RegistrationLeaveAsked: registration,
    events.RegistrationReconfirmed: registration,
}
