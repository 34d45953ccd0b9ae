"""Writing activities that come from elsewhere: what they are, who runs them, and what other services are told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col

from chassis.database.bulk import among, insert_many
from chassis.messaging.outbox import Outgoing
from chassis.web.work import Work
from contracts.events import (
    ActivityAnnounced,
    ActivityCancelled,
    ActivityCompleted,
    ActivityMoved,
    ActivityState,
    ActivityUpdated,
)
from services.events.activities.changing import TOLD, Placed, alike, moved_to, new_door, revised, state_with
from services.events.activities.models import Activity, Organiser
from services.events.activities.occasions import Turned, activities_turned
from services.events.activities.speaking import speakers_of
from services.events.deeds.service import Aspect, deeds
from services.events.imported.models import ImportedActivity
from services.events.imported.source_rules import Entry, Outcome

Told = tuple[Aspect | None, Outgoing]


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of an activity that is there; `organisers` None where the row names nobody."""

    activity: Activity
    source: ImportedActivity
    entry: Entry
    outcome: Outcome
    organisers: Sequence[UUID] | None


def new_activity(
    entry: Entry,
    *,
    community_id: UUID,
    time_zone: str,
    organisers: Sequence[UUID],
    importer: UUID | None,
    now: datetime,
) -> Activity:
    """An activity at its own time: what has ended is completed as of its end, what has not is announced."""
    starts_at, ends_at = entry.values["starts_at"], entry.values["ends_at"]
    over = ends_at <= now
    return Activity(
        **{"kind": "sharing_session", "time_zone": time_zone} | dict(entry.values),
        community_id=community_id,
        organiser_ids=sorted(map(str, organisers)),
        status="completed" if over else "announced",
        announced_at=min(starts_at, now),
        completed_at=ends_at if over else None,
        door=new_door(),
        created_by_id=importer,
        created_at=now,
        changed_at=now,
    )


async def add(work: Work, made: Sequence[tuple[Activity, Entry]]) -> None:
    """Write new activities, and tell of them as of when they were."""
    told: list[Told] = []
    for activity, _ in made:
        told.append(_message("made", ActivityAnnounced, activity, activity.announced_at or work.now))
        if activity.completed_at is not None:
            told.append(_message("ended", ActivityCompleted, activity, activity.completed_at, **_NOBODY))
    activities = [activity for activity, _ in made]
    await insert_many(work.session, Activity.__table__, [one.model_dump() for one in activities])  # type: ignore[attr-defined]
    await _write_organisers(work, activities)
    sources = [
        ImportedActivity(
            activity_id=activity.id,
            community_id=activity.community_id,
            source_ref=entry.ref,
            sequence=entry.sequence,
            digest=entry.digest,
        ).model_dump()
        for activity, entry in made
    ]
    await insert_many(work.session, ImportedActivity.__table__, sources)  # type: ignore[attr-defined]
    await deeds.tell_in_order(work.session, told)
    if coming := [one for one in activities if one.status == "announced"]:
        await activities_turned.happened(work.session, Turned(coming, work, "announced"))


async def change(work: Work, changes: Sequence[Change]) -> None:
    """Give locked activities what their source says now, and tell of it."""
    speakers = await speakers_of(work.session, [one.activity.id for one in changes])
    before = {one.activity.id: one.activity.starts_at for one in changes}
    changed = {one.activity.id: _apply(work, one) for one in changes}
    activities = [one.activity for one in changes]
    alike(activities, frozenset().union(*changed.values()))
    alike([one.source for one in changes], {"sequence", "digest"})
    for how in ("moved", "cancelled"):
        if turned := [one.activity for one in changes if one.outcome == how]:
            await activities_turned.happened(work.session, Turned(turned, work, how))
    if others := [one for one in activities if "organiser_ids" in changed[one.id]]:
        named = among(work.session, col(Organiser.activity_id), [one.id for one in others])
        await work.session.execute(delete(Organiser).where(named))
        await _write_organisers(work, others)
    await work.session.flush()
    told: list[Told] = []
    for one in changes:
        key, kind = one.activity.id, _MESSAGES[one.outcome]
        if one.outcome == "updated" and not changed[key] & TOLD:
            continue
        more = _MORE[one.outcome](before[key], changed[key])
        told.append(_message(_ASPECTS[one.outcome], kind, one.activity, work.now, speakers[key], **more))
    await deeds.tell_in_order(work.session, told)


_NOBODY: Final = {"visibility": "community", "registered": 0, "attended": 0, "no_shows": 0}
_MESSAGES: Final[Mapping[Outcome, type[ActivityState]]] = {
    "moved": ActivityMoved,
    "cancelled": ActivityCancelled,
    "updated": ActivityUpdated,
}
_ASPECTS: Final[Mapping[Outcome, Aspect]] = {"moved": "moved", "cancelled": "ended", "updated": "changed"}
_MORE: Final[Mapping[Outcome, Any]] = {
    "moved": lambda before, _changed: {"starts_at_before": before},
    "cancelled": lambda _before, _changed: {},
    "updated": lambda _before, changed: {"changed": tuple(sorted(changed & TOLD))},
}


def _apply(work: Work, one: Change) -> frozenset[str]:
    """The fields that are others now."""
    activity = one.activity
    if one.outcome == "cancelled":
        values: dict[str, Any] = {"status": "cancelled", "cancelled_at": work.now}
    else:
        values = dict(one.entry.values)
        if one.organisers is not None:
            values["organiser_ids"] = sorted(map(str, one.organisers))
    if one.outcome == "moved":
        # Who registered is asked, and what was so long before the start still is.
        values |= moved_to(Placed(activity, values["starts_at"], values["ends_at"]), work.now)
        values |= {"asked": activity.asked + 1, "confirm_by": None} | _until_the_end(values)
    changed = {name: value for name, value in values.items() if getattr(activity, name) != value}
    if one.outcome in {"moved", "cancelled"}:
        changed["moves"] = activity.moves + 1
    activity.sqlmodel_update(changed | revised(work, activity))
    one.source.sequence, one.source.digest = one.entry.sequence, one.entry.digest
    return frozenset(changed)


def _until_the_end(values: Mapping[str, Any]) -> dict[str, Any]:
    """The moments of a shorter activity that would be after its end: nobody could change anything of it while they are."""
    ends_at = values["ends_at"]
    closes, until = (
        moment if moment is None else min(moment, ends_at)
        for moment in (values["registration_closes_at"], values["cancel_until"])
    )
    opens = values["registration_opens_at"]
    late = opens is not None and opens >= (closes or ends_at)
    return {
        "registration_closes_at": closes,
        "cancel_until": until,
        "registration_opens_at": None if late else opens,
    }


def _message(
    aspect: Aspect, kind: type[ActivityState], activity: Activity, at: datetime, speakers: Any = (), **more: Any
) -> Told:
    return aspect, Outgoing(kind.model_validate(state_with(activity, speakers) | more), activity.bump(), at)


async def _write_organisers(work: Work, activities: Iterable[Activity]) -> None:
    rows = [{"activity_id": one.id, "member_id": UUID(key)} for one in activities for key in one.organiser_ids]
    await insert_many(work.session, Organiser.__table__, rows)  # type: ignore[attr-defined]
