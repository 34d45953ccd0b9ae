"""Use cases of activities: preparing one, announcing it, and what becomes of it."""

from typing import Any
from uuid import UUID

from chassis.problems import INVALID
from chassis.security.authority import authorize
from chassis.web.etags import require_match
from chassis.web.work import Work
from services.events.activities import problems
from services.events.activities.access import SeenActivity, seen_activity
from services.events.activities.changing import (
    Change,
    Placed,
    add,
    call_off,
    change,
    make_known,
    put_at,
    require_organisers,
    sorted_ids,
)
from services.events.activities.documents import AFTERWARDS, keep_files
from services.events.activities.eligibility import require_known
from services.events.activities.forms import add_form
from services.events.activities.models import Activity
from services.events.activities.schemas import ActivityCreate, ActivityMove, ActivityPatch, Eligibility, ReasonGiven
from services.events.activities.texts import TEXT, tell_activity
from services.events.permissions import ACTIVITIES_WRITE


async def create(work: Work, body: ActivityCreate) -> SeenActivity:
    """Prepare an activity. Raises `FORM_REFUSED`."""
    standing = await authorize(work.session, work.caller, ACTIVITIES_WRITE, body.community_id, now=work.now)
    organisers = body.organiser_ids or ({standing.member_id} if standing.member_id is not None else set())
    await require_organisers(work.session, body.community_id, organisers)
    eligibility = dumped(body.eligibility)
    await require_known(work.session, body.community_id, eligibility)
    values = body.model_dump(exclude={"organiser_ids", "form", "eligibility"}) | {
        "time_zone": body.time_zone or standing.community.time_zone
    }
    activity = Activity(
        **values,
        eligibility=eligibility,
        organiser_ids=sorted_ids(organisers),
        created_by_id=standing.member_id,
        created_at=work.now,
    )
    await add(work, [activity])
    await tell_activity(work, activity, standing.member_id)
    if body.form is not None:
        await add_form(work, activity, body.form)
    return SeenActivity(activity, standing)


async def edit(work: Work, key: UUID, body: ActivityPatch, if_match: int) -> SeenActivity:
    """Change an activity; when an announced one takes place is changed by moving it."""
    found = await seen_activity(work, key, lock=True, of=ACTIVITIES_WRITE)
    activity = found.activity
    require_match(activity.version, if_match)
    refuse(work, found, "document" if body.model_fields_set <= AFTERWARDS else "update")
    values = body.model_dump(include=body.model_fields_set)
    if "organiser_ids" in values:
        await require_organisers(work.session, activity.community_id, body.organiser_ids)
        values["organiser_ids"] = sorted_ids(body.organiser_ids)
    if "eligibility" in values:
        values["eligibility"] = dumped(body.eligibility)
        await require_known(work.session, activity.community_id, values["eligibility"])
    if activity.status == "announced":
        for field in ("starts_at", "ends_at"):
            if values.get(field, getattr(activity, field)) != getattr(activity, field):
                raise INVALID(errors=[problems.moved_instead(field)])
    before = {"materials": activity.materials, "recording": activity.recording}
    merged = activity.model_dump() | values
    if values.get("recording") is not None and not merged["recording_consent"]:
        raise INVALID(errors=[problems.NOT_ASKED])
    for _, changes in await change(work, [Change(activity, values)]):
        if not TEXT.isdisjoint(changes):
            await tell_activity(work, activity, found.standing.member_id)
        _is_another(activity, *changes)
        await keep_files(work, activity, changes, before)
    return found


async def announce(work: Work, key: UUID, if_match: int) -> SeenActivity:
    """Let members know of it; from now on they can register."""
    found = await _for_action(work, key, if_match, "announce")
    await make_known(work, [found.activity])
    return found


async def move(work: Work, key: UUID, body: ActivityMove, if_match: int) -> SeenActivity:
    """Let it take place at another time: who registered is asked whether they still come, and keeps the seat meanwhile."""
    found = await _for_action(work, key, if_match, "move")
    activity = found.activity
    if (activity.starts_at, activity.ends_at) == (body.starts_at, body.ends_at):
        raise INVALID(errors=[problems.UNCHANGED])
    await put_at(work, [Placed(activity, body.starts_at, body.ends_at, confirm_by=body.confirm_by)])
    _is_another(activity, "starts_at", "ends_at")
    return found


async def cancel(work: Work, key: UUID, body: ReasonGiven, if_match: int) -> SeenActivity:
    """Let it not take place: who registered loses the seat, and reads why."""
    found = await _for_action(work, key, if_match, "cancel")
    await call_off(work, [found.activity], body.reason)
    return found


async def _for_action(work: Work, key: UUID, if_match: int, action: str) -> SeenActivity:
    found = await seen_activity(work, key, lock=True)
    require_match(found.activity.version, if_match)
    refuse(work, found, action)
    return found


def refuse(work: Work, found: SeenActivity, action: str) -> None:
    """Raise what its state says against an action."""
    problem = problems.not_now(found.activity, action, work.now)
    if problem is not None:
        raise problem


def dumped(eligibility: Eligibility | None) -> dict[str, Any] | None:
    """As it is kept: without what it does not name; none where it names nothing."""
    if eligibility is None:
        return None
    return {name: value for name, value in eligibility.model_dump(mode="json").items() if value} or None


def _is_another(activity: Activity, *names: str) -> None:
    """Note in which fields a date of a series is another than the others: a later change of all of them leaves these alone."""
    if activity.series_id is not None:
        activity.own_fields = sorted({*activity.own_fields, *names})
