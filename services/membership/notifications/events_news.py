"""What the messages of events mean for the inbox. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from chassis.messaging.envelope import Received
from contracts import events
from contracts.base import IntegrationEvent
from services.membership.notifications.reminding import reminder
from services.membership.notifications.rules import Follow, Holds, Know, Step, Tell

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
        # One after the other of the same activity, so that what comes late says nothing.
        f"activity:{it.activity_id}",
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
    untold = isinstance(it, events.RegistrationWaitlisted) and it.untold
    until = it.offer_expires_at.isoformat() if it.offer_expires_at else None
    yield Tell(
        "registration.kept" if untold else f"registration.{state}",
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
        awaited=("registration", it.registration_id) if state == "offered" or untold else None,
    )


def action_assigned(message: Received[Any]) -> Iterable[Step]:
    """Whose it is."""
    it = message.data
    yield Know(it.action_item_id, "action_item", it.community_id, message.version, it.title, it.owner_id)
    yield Tell(
        "action_item.assigned",
        f"action_item:{it.action_item_id}",
        message.version,
        f"action_item:{it.action_item_id}",
        message.occurred_at,
        it.community_id,
        members=(it.owner_id,),
        about=("action_item", it.action_item_id),
        params={"title": it.title},
        replaces=True,
        unless_by=message.actor,
    )


def action_completed(message: Received[Any]) -> Iterable[Step]:
    """Nobody: what was told of it is withdrawn."""
    yield Holds(f"action_item:{message.data.action_item_id}", message.version, live=False, replaced=True)


def meeting_minuted(message: Received[Any]) -> Iterable[Step]:
    """Who is registered for the meeting."""
    it = message.data
    yield Tell(
        "meeting.minuted",
        f"minutes:{it.activity_id}",
        message.version,
        f"minutes:{it.activity_id}",
        message.occurred_at,
        it.community_id,
        followers_of=it.activity_id,
        about=("activity", it.activity_id),
        params={"title": it.title},
        unless_by=message.actor,
    )


def survey_opened(message: Received[Any]) -> Iterable[Step]:
    """Members, or those registered for the activity that it is about. Who is asked by name has a task."""
    it = message.data
    common: dict[str, Any] = {
        "at": message.occurred_at,
        "community_id": it.community_id,
        "about": ("survey", it.survey_id),
        "params": {"until": it.closes_at.isoformat()},
        "lapses_at": it.closes_at,
    }
    source = f"survey:{it.survey_id}"
    if it.audience == "members":
        yield Tell("survey.opened", source, message.version, source, audience={}, **common)
    elif it.audience == "attendees" and it.about.id is not None:
        yield Tell("survey.opened", source, message.version, source, followers_of=it.about.id, **common)


def _results(template: str, message: Received[Any], members: tuple[UUID, ...]) -> Iterable[Step]:
    it = message.data
    if members:
        yield Tell(
            template,
            f"contest:{message.subject}",
            message.version,
            f"contest:{it.activity_id}",
            message.occurred_at,
            it.community_id,
            members=members,
            about=("activity", it.activity_id),
            title_of=it.activity_id,
        )


def contest_finished(message: Received[Any]) -> Iterable[Step]:
    """Whoever took part: they read their answers with solutions now."""
    members = tuple(one for line in message.data.standings for one in line.member_ids)
    return _results("contest.finished", message, members)


def contest_regraded(message: Received[Any]) -> Iterable[Step]:
    """Whose score or place is another now."""
    changed = [line for line in message.data.standings if line.rank_before is not None]
    return _results("contest.regraded", message, tuple(one for line in changed for one in line.member_ids))


def contest_time_given(message: Received[Any]) -> Iterable[Step]:
    """Who was given it, or goes on, until when: their time runs."""
    it = message.data
    yield Tell(
        "contest.reopened" if it.reopened else "contest.time_given",
        f"contest_time:{message.subject}",
        message.version,
        f"contest_time:{message.subject}",
        message.occurred_at,
        it.community_id,
        members=(it.member_id,),
        about=("activity", it.activity_id),
        title_of=it.activity_id,
        params={"until": it.until.isoformat()},
        lapses_at=it.until,
    )


def reminder_due(message: Received[Any]) -> Iterable[Step]:
    """Who has a seat, or something to do; nobody after an hour."""
    yield reminder(message)


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
    events.ActionItemAssigned: action_assigned,
    events.ActionItemCompleted: action_completed,
    events.MeetingMinuted: meeting_minuted,
    events.SurveyOpened: survey_opened,
    events.ContestFinished: contest_finished,
    events.ContestRegraded: contest_regraded,
    events.ContestTimeGiven: contest_time_given,
    events.ReminderDue: reminder_due,
}
