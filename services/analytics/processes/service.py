"""What messages say of activities, registrations, attendances, applications and memberships."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import merge_many
from chassis.messaging.envelope import Received
from contracts import events, membership, recruitment
from services.analytics.processes.models import (
    ActivityCourse,
    ApplicationCourse,
    AttendanceCourse,
    ChannelVisits,
    MemberCourse,
    RegistrationCourse,
    SatisfactionCourse,
)
from services.analytics.processes.rules import (
    ACTIVITIES,
    APPLICATIONS,
    ATTENDANCES,
    MEMBERS,
    REGISTRATIONS,
    SATISFACTIONS,
    Row,
    satisfaction_of,
)
from services.analytics.processes.store import keep, table_of

_MILESTONES: dict[type[events.RegistrationChange], tuple[str, ...]] = {
    events.RegistrationConfirmed: ("registered_at", "confirmed_at"),
    events.RegistrationAssigned: ("registered_at", "confirmed_at"),
    events.RegistrationWaitlisted: ("registered_at", "waitlisted_at"),
    events.RegistrationOffered: ("offered_at",),
    events.RegistrationExcused: ("excused_at",),
    events.RegistrationCancelled: ("cancelled_at",),
    events.RegistrationExpired: ("expired_at",),
}
_STATES = {
    events.RegistrationConfirmed: "confirmed",
    events.RegistrationAssigned: "confirmed",
    events.RegistrationWaitlisted: "waitlisted",
    events.RegistrationOffered: "offered",
    events.RegistrationExcused: "excused",
    events.RegistrationCancelled: "cancelled",
    events.RegistrationExpired: "expired",
}
REGISTRATION_STEPS = tuple(_MILESTONES)


async def activities_told(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """That an activity was announced, moved, changed, cancelled or completed."""
    await keep(session, ActivityCourse, ACTIVITIES, [(m.data.activity_id, _said_of_activity(m)) for m in messages])


async def registrations_told(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """What became of registrations."""
    told = [(message.data.registration_id, _said_of_registration(message)) for message in messages]
    await keep(session, RegistrationCourse, REGISTRATIONS, told)


async def attendances_told(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """Who attended, or did not after all."""
    told = [(message.data.attendance_id, _said_of_attendance(message)) for message in messages]
    await keep(session, AttendanceCourse, ATTENDANCES, told)


async def satisfaction_told(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """What surveys came to. Those about activities are told with the kind of it; those about a month tell how a team fares."""
    told = [
        (message.data.survey_id, _said_of_satisfaction(message))
        for message in messages
        if message.data.means and not _is_told_apart(message.data)
    ]
    await keep(session, SatisfactionCourse, SATISFACTIONS, told)


def _is_told_apart(data: Any) -> bool:
    return isinstance(data, events.SurveyClosed) and data.about.kind in ("activity", "month")


async def applications_told(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """What became of applications."""
    told = [(message.data.application_id, _said_of_application(message)) for message in messages]
    await keep(session, ApplicationCourse, APPLICATIONS, told)


async def visits_told(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """How often channels were looked at on a day; what is told later of the same day holds."""
    rows: dict[tuple[UUID, str, Any], Row] = {}
    for message in sorted(messages, key=lambda message: message.version):
        data = message.data
        rows[data.campaign_id, data.channel, data.day] = {
            "campaign_id": data.campaign_id,
            "channel": data.channel,
            "day": data.day,
            "community_id": data.community_id,
            "visits": data.visits,
            "version": message.version,
        }
    await merge_many(session, table_of(ChannelVisits), [rows[key] for key in sorted(rows)], _newest)


async def members_told(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """Who became a member, by what, and whose membership ended."""
    await keep(session, MemberCourse, MEMBERS, [(m.data.member_id, _said_of_member(m)) for m in messages])
    applied = [m.data for m in messages if m.data.application_id is not None]
    came = [(data.application_id, {"member_id": data.member_id, "joined_at": data.joined_at}) for data in applied]
    await keep(session, ApplicationCourse, APPLICATIONS, came)


def _newest(table: Table, insert: Any, _: Sequence[str]) -> Any:
    changed = {name: insert.excluded[name] for name in ("community_id", "visits", "version")}
    return insert.on_conflict_do_update(
        index_elements=[table.c.campaign_id, table.c.channel, table.c.day],
        set_=changed,
        where=table.c.version < insert.excluded.version,
    )


def _said_of_activity(message: Received[Any]) -> Row:
    data, at = message.data, message.occurred_at
    news: Row = {
        "community_id": data.community_id,
        "kind": data.kind,
        "tags": list(data.tags),
        "starts_at": data.starts_at,
        "ends_at": data.ends_at,
        "state_version": message.version,
    }
    match data:
        case events.ActivityAnnounced():
            news["announced_at"] = at
        case events.ActivityCompleted():
            news["completed_at"] = at
        case events.ActivityCancelled():
            news["cancelled_at"] = at
    return news


def _said_of_registration(message: Received[Any]) -> Row:
    data, step = message.data, type(message.data)
    news: Row = {
        "community_id": data.community_id,
        "activity_id": data.activity_id,
        "activity_kind": data.activity_kind,
        "member_id": data.member_id,
        "state": _STATES[step],
        "state_version": message.version,
    }
    return news | dict.fromkeys(_MILESTONES[step], message.occurred_at)


def _said_of_attendance(message: Received[Any]) -> Row:
    data = message.data
    news: Row = {
        "community_id": data.community_id,
        "activity_id": data.activity_id,
        "member_id": data.member_id,
        "state_version": message.version,
    }
    if isinstance(data, events.AttendanceRevoked):
        return news | {"revoked": True}
    deed = {name: getattr(data, name) for name in ("activity_kind", "role", "extent", "minutes", "walk_in")}
    return news | deed | {"revoked": False, "attended_at": message.occurred_at, "deed_version": message.version}


def _said_of_satisfaction(message: Received[Any]) -> Row:
    data = message.data
    mean, n = satisfaction_of([(one.mean, one.n) for one in data.means])
    kind, about = (
        (data.about.kind, data.about.id) if isinstance(data, events.SurveyClosed) else (data.kind, data.activity_id)
    )
    return {
        "community_id": data.community_id,
        "kind": kind,
        "about_id": about,
        "closed_at": message.occurred_at,
        "mean": mean,
        "n": n,
        "state_version": message.version,
    }


def _said_of_application(message: Received[Any]) -> Row:
    data, at = message.data, message.occurred_at
    news: Row = {
        "community_id": data.community_id,
        "campaign_id": data.campaign_id,
        "person_id": data.person_id,
        "channel": data.channel,
        "state": data.to,
        "state_version": message.version,
    }
    match data:
        case recruitment.ApplicationSubmitted():
            news["submitted_at"] = at
        case recruitment.ApplicationDecided():
            news |= {"outcome": data.outcome, "decided_at": at, "decision_version": message.version}
    return news


def _said_of_member(message: Received[Any]) -> Row:
    data = message.data
    gone = data.status in ("left", "expelled")
    return {
        "community_id": data.community_id,
        "person_id": data.person_id,
        "channel": data.channel,
        "campaign_id": data.campaign_id,
        "application_id": data.application_id,
        "joined_at": data.joined_at,
        "gone": gone,
        "left_at": message.occurred_at if isinstance(data, membership.MemberLeft) else None,
        "state_version": message.version,
    }
