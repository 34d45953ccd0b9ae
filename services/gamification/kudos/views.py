"""How kudos become answers: a text that is hidden is read by its giver alone."""

from collections.abc import Sequence

from chassis.projections.members import embedded
from chassis.security.authority import Standing
from chassis.security.permissions import Reach
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.gamification.base import texts
from services.gamification.kudos.models import Kudos
from services.gamification.kudos.rules import status_of
from services.gamification.kudos.schemas import KudosPublic, KudosValue
from services.gamification.kudos.service import SeenKudos
from services.gamification.permissions import KUDOS_REMOVE


async def shown(work: Work, rows: Sequence[Kudos], standing: Standing) -> list[KudosPublic]:
    """Kudos as somebody with that standing sees them."""
    members = await embedded(work.session, {one for row in rows for one in (row.giver_id, row.receiver_id)})
    hidden = await texts.hidden(work.session, [row.id for row in rows])
    own = standing.member_id
    return [
        KudosPublic(
            id=row.id,
            community_id=row.community_id,
            giver=members[row.giver_id],
            receiver=members[row.receiver_id],
            value=KudosValue(code=row.value_code, name=row.value_name or row.value_code) if row.value_code else None,
            text=row.text if row.id not in hidden or (own is not None and row.giver_id == own) else None,
            text_hidden=hidden.get(row.id),
            status=status_of(removed=row.removed_at is not None, held=row.held),
            given_at=row.given_at,
            day=row.day,
            viewer=_viewer(SeenKudos(row, standing)),
        )
        for row in rows
    ]


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
