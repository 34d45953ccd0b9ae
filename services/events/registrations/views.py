"""How registrations become answers."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from chassis.database.context import context_of
from chassis.projections.members import embedded
from chassis.security.authority import Standing
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.events.activities.access import SeenActivity
from services.events.activities.rules import refusal
from services.events.permissions import REGISTRATIONS_EXCUSE
from services.events.registrations.answers import answers_of, refusal_to_answer
from services.events.registrations.assigning import LEAVE_UNTIL
from services.events.registrations.models import Registration
from services.events.registrations.offers import is_untold
from services.events.registrations.passes import pass_for
from services.events.registrations.queries import activities_of, places_of
from services.events.registrations.rules import LIVE, TAKEN
from services.events.registrations.schemas import (
    ActivityRef,
    AnswersPublic,
    LeavePublic,
    RegistrationPublic,
    RegistrationWaiting,
)
from services.events.registrations.seats import kept, promised
from services.events.registrations.settling import as_of_now


async def shown(work: Work, row: Registration, found: SeenActivity) -> RegistrationPublic:
    """A registration as it is answered."""
    return (await listed(work, [row], found))[0]


async def listed(work: Work, rows: Sequence[Registration], found: SeenActivity) -> list[RegistrationPublic]:
    """Registrations for one activity as they are answered."""
    return await _listed(work, rows, {found.activity.id: found})


async def waiting(work: Work, rows: Sequence[Registration], standing: Standing) -> list[RegistrationWaiting]:
    """Registrations for any activities of a community, to somebody who sees them all, each with its activity."""
    activities = {row.id: row for row in await activities_of(work.session, {row.activity_id for row in rows})}
    seen = {key: SeenActivity(activity, standing) for key, activity in activities.items()}
    return [
        RegistrationWaiting(**dict(one), activity=ActivityRef.model_validate(activities[one.activity_id]))
        for one in await _listed(work, rows, seen)
    ]


async def _listed(
    work: Work, rows: Sequence[Registration], seen: Mapping[UUID, SeenActivity]
) -> list[RegistrationPublic]:
    rows = [as_of_now(seen[row.activity_id].activity, row) for row in rows]
    members = await embedded(work.session, [row.member_id for row in rows])
    places = await places_of(work.session, [row.id for row in rows if row.status == "waitlisted"])
    given = await _answers_shown(work, rows, seen)
    return [
        RegistrationPublic(
            **row.model_dump() | {"offer_ends_at": promised(seen[row.activity_id].activity, row, work.now)},
            offer_untold=is_untold(row, work.now),
            member=members[row.member_id],
            place=places.get(row.id),
            leave=_leave(row),
            pass_=_pass(work, row, seen[row.activity_id]),
            answers=given.get(row.id),
            viewer=_viewer(work, row, seen[row.activity_id]),
        )
        for row in rows
    ]


async def _answers_shown(
    work: Work, rows: Sequence[Registration], seen: Mapping[UUID, SeenActivity]
) -> dict[UUID, AnswersPublic]:
    """To members alone: a program that lists who comes reads no answers."""
    if any(found.standing.member_id is None for found in seen.values()):
        return {}
    given = await answers_of(work.session, [row.id for row in rows if row.status in LIVE])
    return {key: AnswersPublic.model_validate(one) for key, one in given.items()}


def _pass(work: Work, row: Registration, found: SeenActivity) -> str | None:
    if row.member_id != found.standing.member_id or row.status not in TAKEN:
        return None
    return pass_for(context_of(work.session).runtime.address_secret, row.id)


def _leave(row: Registration) -> LeavePublic | None:
    """Who sees a registration is its member, or one of those who decide."""
    if row.leave_asked_at is None:
        return None
    return LeavePublic(reason=row.leave_reason or "", asked_at=row.leave_asked_at, decided_at=row.leave_decided_at)


def _viewer(work: Work, row: Registration, found: SeenActivity) -> Viewer:
    answers = _answers(work, row, found)
    return Viewer.of(answers)


def _answers(work: Work, row: Registration, found: SeenActivity) -> Mapping[str, str | None]:
    own = _own_answers(work, row, found) if row.member_id == found.standing.member_id else {}
    open_leave = row.status == "assigned" and row.leave_asked_at is not None and row.leave_decided_at is None
    decides = found.may(REGISTRATIONS_EXCUSE)
    refusal = "forbidden" if not decides else "conflict_of_interest" if own else None
    answers: dict[str, str | None] = dict.fromkeys(_OWN, "forbidden")
    answers |= own
    for done in _done(row):
        answers.pop(done)
    answers["decide_leave"] = refusal or (None if open_leave else "illegal_transition")
    if found.standing.community.status == "archived":
        return {action: code if code == "forbidden" else "community_archived" for action, code in answers.items()}
    return answers


_OWN: Final = ("accept", "answer", "cancel", "confirm", "ask_leave")


def _own_answers(work: Work, row: Registration, found: SeenActivity) -> dict[str, str | None]:
    asks = row.status == "assigned" and row.leave_decided_at is None
    asks &= work.now < found.activity.ends_at + LEAVE_UNTIL
    over = row.offer_ends_at is None or row.offer_ends_at <= work.now
    activity = found.activity
    comes = (
        row.unconfirmed and refusal("register", status=activity.status, ends_at=activity.ends_at, now=work.now) is None
    )
    late = kept(activity, row, work.now)
    return {
        "accept": "illegal_transition" if row.status != "offered" else "offer_over" if over else None,
        "answer": refusal_to_answer(work, row, found.activity),
        "cancel": "illegal_transition" if row.status not in _MAY_GO else "too_late_to_cancel" if late else None,
        "confirm": None if comes else "illegal_transition",
        "ask_leave": None if asks else "illegal_transition",
    }


def _done(row: Registration) -> list[str]:
    """What was done already, and changes nothing again."""
    if row.status not in LIVE:
        return ["cancel"]
    said = [] if row.unconfirmed else ["confirm"]
    return [*said, "accept"] if row.status in TAKEN else said


_MAY_GO: Final = LIVE - {"assigned"}
