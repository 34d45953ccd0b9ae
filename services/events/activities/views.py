"""How activities become answers, for whoever reads them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from chassis.projections.members import embedded, own_memberships
from chassis.security.authority import Standing
from chassis.security.permissions import Permission, Reach
from chassis.texts import Hidden
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.events.activities.access import SeenActivity
from services.events.activities.documents import may_show_recording, shown_document
from services.events.activities.eligibility import unmet_by
from services.events.activities.forms import form_of
from services.events.activities.models import Activity
from services.events.activities.occasions import Shown, Viewed, activities_shown, activity_viewed, scanners_shown
from services.events.activities.queries import by_id
from services.events.activities.rules import refusal
from services.events.activities.schemas import ActivityListed, ActivityMine, ActivityPublic, Seats, SpeakerShown
from services.events.activities.speaking import speakers_of, speaks_at
from services.events.activities.texts import WITHHELD, withheld
from services.events.permissions import (
    ACTIVITIES_ANNOUNCE,
    ACTIVITIES_CANCEL,
    ACTIVITIES_MOVE,
    ACTIVITIES_WRITE,
    SPEAKERS_INVITE,
)

ACTIONS: Mapping[str, Permission] = {
    "update": ACTIVITIES_WRITE,
    "announce": ACTIVITIES_ANNOUNCE,
    "move": ACTIVITIES_MOVE,
    "cancel": ACTIVITIES_CANCEL,
    "complete": ACTIVITIES_WRITE,
    "document": ACTIVITIES_WRITE,
    "invite": SPEAKERS_INVITE,
}
"""What the caller may be able to do, and by which permission."""
JOINS = frozenset({"confirmed", "assigned"})
"""The registrations of those who read how to join."""


async def listed(work: Work, rows: Sequence[Activity], standing: Standing | None) -> list[ActivityListed]:
    """Activities as lists show them; without a standing they are of all the caller's communities."""
    return [ActivityListed(**fields) for fields in await _fields(work, rows, standing)]


async def shown(work: Work, found: SeenActivity) -> ActivityPublic:
    """An activity with all that is said of it, and what the caller can do."""
    [fields] = await _fields(work, [found.activity], found.standing)
    mine = fields["mine"]
    seated = mine is not None and mine.registration is not None and mine.registration.status in JOINS
    speaks = mine.speaker if mine is not None else await speaks_at(work.session, work.caller, found.activity.id)
    if not found.prepares and not seated and not speaks:
        fields["join_url"] = None
    form = await form_of(work.session, found.activity)
    if not found.prepares and not await may_show_recording(work.session, found.activity):
        fields["recording"] = None
    fields["recording"] = shown_document(work, fields["recording"])
    fields["materials"] = [shown_document(work, one) for one in fields["materials"]]
    return ActivityPublic(**fields, form=form.form if form else None, viewer=await viewer_of(work, found, mine))


async def viewer_of(work: Work, found: SeenActivity, mine: ActivityMine | None) -> Viewer:
    """What the caller can do with an activity, by the same rules as the commands."""
    answers = {action: _answer(work, found, action, wanted) for action, wanted in ACTIONS.items()}
    for more in await activity_viewed.happened(work.session, Viewed(found, mine, work.now)):
        answers |= more
    return Viewer.of(answers)


def _answer(work: Work, found: SeenActivity, action: str, wanted: Permission) -> str | None:
    if not found.may(wanted):
        return "forbidden"
    if found.standing.community.status == "archived":
        return "community_archived"
    return refusal(action, status=found.activity.status, ends_at=found.activity.ends_at, now=work.now)


async def _fields(work: Work, rows: Sequence[Activity], standing: Standing | None) -> list[dict[str, Any]]:
    speakers = await speakers_of(work.session, [row.id for row in rows])
    named = {one.member_id for row in rows for one in speakers[row.id] if one.member_id is not None}
    members = await embedded(work.session, named | {UUID(one) for row in rows for one in row.organiser_ids})
    person_id = work.caller.id if work.caller is not None else None
    me = await _members_of(work, standing)
    own: dict[UUID, Any] = {}
    for part in await activities_shown.happened(work.session, Shown(rows, me)):
        own |= part
    scans = {key for part in await scanners_shown.happened(work.session, Shown(rows, me)) for key in part}
    unmet = await unmet_by(work.session, rows, me)
    held = await withheld(work.session, {key for row in rows for key in (row.id, row.series_id) if key is not None})
    return [
        row.model_dump()
        | _read(row, held, standing, me)
        | {
            "archive_article_id": row.archive_article_id if row.archive_shown else None,
            "organisers": [members[UUID(one)] for one in row.organiser_ids],
            "speakers": [
                SpeakerShown(id=one.id, name=one.name, member=members[one.member_id] if one.member_id else None)
                for one in speakers[row.id]
            ],
            "seats": Seats(capacity=row.capacity, confirmed=row.confirmed, waiting=row.waiting),
            "mine": ActivityMine(
                organiser=any(str(one) in row.organiser_ids for one in me),
                speaker=any(one.person_id == person_id for one in speakers[row.id]),
                steward=row.id in scans,
                registration=own.get(row.id),
                unmet=list(unmet.get(row.id, ())),
            )
            if me
            else None,
        }
        for row in rows
    ]


def _read(row: Activity, held: Mapping[UUID, Hidden], standing: Standing | None, me: Sequence[UUID]) -> dict[str, Any]:
    """What is read of its text: who runs it reads what was written, and that others do not."""
    why = held.get(row.id) or (held.get(row.series_id) if row.series_id is not None else None)
    runs = any(str(one) in row.organiser_ids for one in me)
    writes = standing is not None and Reach.ALL in ACTIVITIES_WRITE.reach(standing.columns)
    read: dict[str, Any] = {"text_hidden": why}
    return read | dict(WITHHELD) if why is not None and not runs and not writes else read


async def titles_read(
    work: Work, activity_ids: Collection[UUID], standing: Standing
) -> dict[UUID, tuple[str, Hidden | None]]:
    """What the caller reads as the titles of activities of a community, and why others read a stand-in."""
    rows = await by_id(work.session, activity_ids)
    held = await withheld(
        work.session, {key for row in rows.values() for key in (row.id, row.series_id) if key is not None}
    )
    me = await _members_of(work, standing)
    read = {key: {"title": row.title} | _read(row, held, standing, me) for key, row in rows.items()}
    return {key: (one["title"], one["text_hidden"]) for key, one in read.items()}


async def _members_of(work: Work, standing: Standing | None) -> Sequence[UUID]:
    if standing is not None or work.caller is None:
        return [standing.member_id] if standing is not None and standing.member_id is not None else []
    return await own_memberships(work.session, work.caller, reading_at=work.now)
