"""Use cases of activities: preparing one, announcing it, and what becomes of it."""

from base64 import b32encode
from secrets import token_bytes
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.bulk import insert_many
from chassis.messaging.outbox import Outgoing
from chassis.problems import INVALID, refused
from chassis.projections.members import LEFT_STATUSES
from chassis.security.authority import authorize
from chassis.web.etags import require_match
from chassis.web.patches import changed_by
from chassis.web.work import Work
from contracts.events import (
    ActivityAnnounced,
    ActivityCancelled,
    ActivityMoved,
    ActivityState,
    ActivityUpdated,
)
from services.events.activities import problems
from services.events.activities.access import SeenActivity, seen_activity
from services.events.activities.eligibility import require_known
from services.events.activities.forms import add_form
from services.events.activities.models import Activity, Organiser
from services.events.activities.occasions import Turned, activity_turned
from services.events.activities.queries import statuses_of
from services.events.activities.rules import misfits, refusal
from services.events.activities.schemas import ActivityCreate, ActivityMove, ActivityPatch, Eligibility, ReasonGiven
from services.events.activities.speaking import speakers_of
from services.events.deeds.service import Aspect, deeds
from services.events.permissions import ACTIVITIES_WRITE

TOLD = frozenset(
    {"title", "mode", "tags", "starts_at", "ends_at", "time_zone", "location", "hours", "capacity", "organiser_ids"}
    | {"registration_opens_at", "registration_closes_at"}
)
"""What a change of is told to other services."""


SEATING = frozenset({"capacity", "registration_closes_at", "seat_offers", "time_zone"})
"""What decides who gets a seat, and until when."""


async def create(work: Work, body: ActivityCreate) -> SeenActivity:
    """Prepare an activity. Raises `FORM_REFUSED`."""
    standing = await authorize(work.session, work.caller, ACTIVITIES_WRITE, body.community_id, now=work.now)
    organisers = body.organiser_ids or ({standing.member_id} if standing.member_id is not None else set())
    await _require_organisers(work.session, body.community_id, organisers)
    eligibility = dumped(body.eligibility)
    await require_known(work.session, eligibility)
    values = body.model_dump(exclude={"organiser_ids", "form", "eligibility"}) | {
        "time_zone": body.time_zone or standing.community.time_zone
    }
    activity = Activity(
        **values,
        eligibility=eligibility,
        organiser_ids=_sorted(organisers),
        created_by_id=standing.member_id,
        created_at=work.now,
    )
    _check_times(activity.model_dump())
    work.session.add(activity)
    await work.session.flush()
    await _write_organisers(work.session, activity)
    if body.form is not None:
        await add_form(work, activity, body.form)
    await audit(work.session, work.caller, activity, "create", {"title": [None, activity.title]}, work.now)
    return SeenActivity(activity, standing)


async def edit(work: Work, key: UUID, body: ActivityPatch, if_match: int) -> SeenActivity:
    """Change an activity; when an announced one takes place is changed by moving it."""
    found = await seen_activity(work, key, lock=True, of=ACTIVITIES_WRITE)
    activity = found.activity
    require_match(activity.version, if_match)
    refuse(work, found, "update")
    values = body.model_dump(include=body.model_fields_set)
    if "organiser_ids" in values:
        await _require_organisers(work.session, activity.community_id, body.organiser_ids)
        values["organiser_ids"] = _sorted(body.organiser_ids)
    if "eligibility" in values:
        values["eligibility"] = dumped(body.eligibility)
        await require_known(work.session, values["eligibility"])
    if activity.status == "announced":
        for field in ("starts_at", "ends_at"):
            if values.get(field, getattr(activity, field)) != getattr(activity, field):
                raise INVALID(errors=[problems.moved_instead(field)])
    changes = changed_by(values, activity)
    if not changes:
        return found
    _check_times(activity.model_dump() | values)
    activity.sqlmodel_update(values | revised(work, activity))
    if "organiser_ids" in changes:
        await work.session.execute(delete(Organiser).where(col(Organiser.activity_id) == activity.id))
        await _write_organisers(work.session, activity)
    if activity.status == "announced" and changes.keys() & SEATING:
        await activity_turned.happened(work.session, Turned(activity, work, "resized"))
    if activity.status == "announced" and changes.keys() & TOLD:
        await tell_updated(work, activity, *sorted(changes.keys() & TOLD))
    await audit(work.session, work.caller, activity, "update", _without_texts(changes), work.now)
    return found


async def announce(work: Work, key: UUID, if_match: int) -> SeenActivity:
    """Let members know of it; from now on they can register."""
    found = await seen_activity(work, key, lock=True)
    activity = found.activity
    require_match(activity.version, if_match)
    refuse(work, found, "announce")
    activity.sqlmodel_update({"status": "announced", "announced_at": work.now} | revised(work, activity))
    activity.door = new_door()
    await activity_turned.happened(work.session, Turned(activity, work, "announced"))
    await _tell(work, activity, ActivityAnnounced)
    await audit(work.session, work.caller, activity, "announce", {"status": ["draft", "announced"]}, work.now)
    return found


async def move(work: Work, key: UUID, body: ActivityMove, if_match: int) -> SeenActivity:
    """Let it take place at another time: who registered is asked whether they still come, and keeps the seat meanwhile."""
    found = await seen_activity(work, key, lock=True)
    activity = found.activity
    require_match(activity.version, if_match)
    refuse(work, found, "move")
    before = activity.starts_at, activity.ends_at
    if before == (body.starts_at, body.ends_at):
        raise INVALID(errors=[problems.UNCHANGED])
    by = body.starts_at - activity.starts_at
    values: dict[str, Any] = {"starts_at": body.starts_at, "ends_at": body.ends_at, "confirm_by": body.confirm_by}
    # What was so long before the start still is; what has passed stays.
    for field in ("registration_opens_at", "registration_closes_at", "cancel_until"):
        moment = getattr(activity, field)
        values[field] = moment if moment is None or moment <= work.now else moment + by
    _check_times(activity.model_dump() | values)
    if body.starts_at <= work.now:
        raise INVALID(errors=[problems.IN_THE_PAST])
    activity.sqlmodel_update(values | {"moves": activity.moves + 1} | revised(work, activity))
    await activity_turned.happened(work.session, Turned(activity, work, "moved"))
    await _tell(work, activity, ActivityMoved, starts_at_before=before[0])
    changes = {"starts_at": [before[0], body.starts_at], "ends_at": [before[1], body.ends_at]}
    await audit(work.session, work.caller, activity, "move", changes, work.now)
    return found


async def cancel(work: Work, key: UUID, body: ReasonGiven, if_match: int) -> SeenActivity:
    """Let it not take place: who registered loses the seat, and reads why."""
    found = await seen_activity(work, key, lock=True)
    activity = found.activity
    require_match(activity.version, if_match)
    refuse(work, found, "cancel")
    before = activity.status
    values = {"status": "cancelled", "cancelled_at": work.now, "cancel_reason": body.reason}
    activity.sqlmodel_update(values | {"moves": activity.moves + 1} | revised(work, activity))
    if before == "announced":
        await activity_turned.happened(work.session, Turned(activity, work, "cancelled"))
        await _tell(work, activity, ActivityCancelled)
    await audit(work.session, work.caller, activity, "cancel", {"status": [before, "cancelled"]}, work.now)
    return found


def refuse(work: Work, found: SeenActivity, action: str) -> None:
    """Raise what its state says against an action."""
    activity = found.activity
    code = refusal(action, status=activity.status, ends_at=activity.ends_at, now=work.now)
    if code is not None:
        raise refused(code, state=activity.status)


def revised(work: Work, activity: Activity) -> dict[str, Any]:
    """What notes that a locked activity is another now, for its ETag and for calendars."""
    return {"version": activity.version + 1, "changed_at": work.now}


async def state_of(session: AsyncSession, activity: Activity) -> dict[str, Any]:
    """What its messages say of an activity."""
    speakers = (await speakers_of(session, [activity.id]))[activity.id]
    return {
        "community_id": activity.community_id,
        "activity_id": activity.id,
        "kind": activity.kind,
        "mode": activity.mode,
        "title": activity.title,
        "tags": tuple(activity.tags),
        "starts_at": activity.starts_at,
        "ends_at": activity.ends_at,
        "time_zone": activity.time_zone,
        "capacity": activity.capacity,
        "hours": activity.hours,
        "registration": {"opens_at": activity.registration_opens_at, "closes_at": activity.registration_closes_at},
        "organiser_ids": tuple(activity.organiser_ids),
        "speakers": tuple(
            {"person_id": one.person_id, "member_id": one.member_id, "name": one.name}
            for one in speakers
            if one.name is not None
        ),
    }


async def tell_updated(work: Work, activity: Activity, *changed: str) -> None:
    """Tell what changed of an announced activity."""
    await _tell(work, activity, ActivityUpdated, changed=changed)


_ASPECTS: Final[dict[type[ActivityState], Aspect]] = {
    ActivityAnnounced: "made",
    ActivityUpdated: "changed",
    ActivityMoved: "moved",
    ActivityCancelled: "ended",
}


async def _tell(work: Work, activity: Activity, kind: type[ActivityState], **more: Any) -> None:
    await work.session.flush()
    message = kind.model_validate(await state_of(work.session, activity) | more)
    await deeds.tell(work.session, _ASPECTS[kind], [Outgoing(message, activity.bump(), work.now)])


def _check_times(values: dict[str, Any]) -> None:
    wrong = [problems.misfit(field, code) for field, code in misfits(values)]
    if wrong:
        raise INVALID(errors=wrong)


async def _require_organisers(session: AsyncSession, community_id: UUID, wanted: set[UUID]) -> None:
    """Raises `INVALID` where somebody is no member, or nobody is named."""
    if not wanted:
        raise INVALID(errors=[problems.NOBODY_RUNS_IT])
    statuses = await statuses_of(session, community_id, wanted)
    if any(statuses.get(one, "left") in LEFT_STATUSES for one in wanted):
        raise INVALID(errors=[problems.NO_MEMBER])


async def _write_organisers(session: AsyncSession, activity: Activity) -> None:
    rows = [{"activity_id": activity.id, "member_id": UUID(one)} for one in activity.organiser_ids]
    await insert_many(session, Organiser.__table__, rows)  # type: ignore[attr-defined]


def dumped(eligibility: Eligibility | None) -> dict[str, Any] | None:
    """As it is kept: without what it does not name; none where it names nothing."""
    if eligibility is None:
        return None
    return {name: value for name, value in eligibility.model_dump(mode="json").items() if value} or None


def new_door() -> str:
    """Drawn at random: 30 bits in 6 letters and digits."""
    return b32encode(token_bytes(5)).decode()[:6]


def _sorted(ids: set[UUID]) -> list[str]:
    return sorted(map(str, ids))


def _without_texts(changes: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The trail does not repeat what is long, or opens a door."""
    return {name: values if name not in {"description", "join_url"} else ["…", "…"] for name, values in changes.items()}
