"""How kudos become answers: a text that is hidden is read by its giver alone."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from chassis.projections.members import embedded
from chassis.security.permissions import Reach
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.gamification.base import texts
from services.gamification.kudos.models import Kudos
from services.gamification.kudos.rules import status_of
from services.gamification.kudos.schemas import KudosListed, KudosPublic, KudosValue
from services.gamification.kudos.service import SeenKudos
from services.gamification.permissions import KUDOS_REMOVE


async def listed(work: Work, rows: Sequence[Kudos], readers: Collection[UUID]) -> list[KudosListed]:
    """Kudos as lists show them to who is one of these members, or none."""
    return [KudosListed(**fields) for fields in await _fields(work, rows, readers)]


async def shown(work: Work, seen: SeenKudos) -> KudosPublic:
    """One of them, with what the caller can do."""
    own = seen.standing.member_id
    [fields] = await _fields(work, [seen.kudos], [] if own is None else [own])
    return KudosPublic(**fields, viewer=_viewer(seen))


def _viewer(seen: SeenKudos) -> Viewer:
    if seen.kudos.removed_at is not None:
        return Viewer(can=[], cannot={})
    reach = KUDOS_REMOVE.reach(seen.standing.columns)
    code = None
    if not (Reach.ALL in reach or (Reach.OWN in reach and seen.of_caller)):
        code = "forbidden"
    elif seen.standing.community.status == "archived":
        code = "community_archived"
    return Viewer.of({"remove": code})


async def _fields(work: Work, rows: Sequence[Kudos], readers: Collection[UUID]) -> list[dict[str, Any]]:
    members = await embedded(work.session, {one for row in rows for one in (row.giver_id, row.receiver_id)})
    hidden = await texts.hidden(work.session, [row.id for row in rows])
    return [
        {
            "id": row.id,
            "community_id": row.community_id,
            "giver": members[row.giver_id],
            "receiver": members[row.receiver_id],
            "value": KudosValue(code=row.value_code, name=row.value_name or row.value_code) if row.value_code else None,
            "text": row.text if row.id not in hidden or row.giver_id in readers else None,
            "text_hidden": hidden.get(row.id),
            "status": status_of(removed=row.removed_at is not None, held=row.held),
            "given_at": row.given_at,
            "day": row.day,
        }
        for row in rows
    ]
