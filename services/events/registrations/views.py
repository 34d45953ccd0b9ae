"""How registrations become answers."""

from collections.abc import Mapping, Sequence

from chassis.projections.members import embedded
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.events.activities.access import SeenActivity
from services.events.registrations.models import Registration
from services.events.registrations.queries import places_of
from services.events.registrations.rules import LIVE, TAKEN
from services.events.registrations.schemas import RegistrationPublic
from services.events.registrations.seats import window


async def shown(work: Work, row: Registration, found: SeenActivity) -> RegistrationPublic:
    """A registration as it is answered."""
    return (await listed(work, [row], found))[0]


async def listed(work: Work, rows: Sequence[Registration], found: SeenActivity) -> list[RegistrationPublic]:
    """Registrations for one activity as they are answered."""
    members = await embedded(work.session, [row.member_id for row in rows])
    places = await places_of(work.session, [row.id for row in rows if row.status == "waitlisted"])
    return [
        RegistrationPublic(
            **row.model_dump(),
            member=members[row.member_id],
            place=places.get(row.id),
            viewer=_viewer(work, row, found),
        )
        for row in rows
    ]


def _viewer(work: Work, row: Registration, found: SeenActivity) -> Viewer:
    answers = _answers(work, row, found)
    return Viewer(
        can=[action for action, code in answers.items() if code is None],
        cannot={action: code for action, code in answers.items() if code is not None},
    )


def _answers(work: Work, row: Registration, found: SeenActivity) -> Mapping[str, str | None]:
    actions: tuple[str, ...] = ("accept", "cancel", "confirm")
    if row.member_id != found.standing.member_id:
        return dict.fromkeys(actions, "forbidden")
    if found.standing.community.status == "archived":
        return dict.fromkeys(actions, "community_archived")
    if row.status not in LIVE:
        return dict.fromkeys(actions, "illegal_transition")
    kept = row.status in TAKEN and window(found.activity).kept(work.now)
    over = row.offer_ends_at is None or row.offer_ends_at <= work.now
    return {
        "accept": "illegal_transition" if row.status != "offered" else "offer_over" if over else None,
        "cancel": "too_late_to_cancel" if kept else None,
        "confirm": None if row.unconfirmed else "illegal_transition",
    }
