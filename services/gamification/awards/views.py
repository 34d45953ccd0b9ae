"""How awards by hand become answers."""

from collections.abc import Sequence
from typing import Final

from chassis.projections.members import embedded
from chassis.security.authority import Standing
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.gamification.awards.models import Award
from services.gamification.awards.schemas import HandAwardPublic
from services.gamification.awards.service import SeenAward, reads_all, refusal

ACTIONS: Final = ("approve", "refuse", "cite")


async def shown(work: Work, rows: Sequence[Award], standing: Standing) -> list[HandAwardPublic]:
    """Awards as the caller may read them: reasons are for the member, operators and owners."""
    everything = reads_all(standing)
    named = {one for row in rows for one in (row.member_id, row.proposer_id, row.decided_by) if one is not None}
    members = await embedded(work.session, named)
    found = []
    for row in rows:
        within = everything or row.member_id == standing.member_id
        found.append(
            HandAwardPublic(
                id=row.id,
                community_id=row.community_id,
                member=members[row.member_id],
                proposer=members[row.proposer_id] if within and row.proposer_id is not None else None,
                points=row.points,
                reason=row.reason if within else None,
                citation=row.citation if within or row.citation_public else None,
                citation_public=row.citation_public,
                status=row.status,
                refusal=row.refusal if everything else None,
                created_at=row.created_at,
                decided_at=row.decided_at,
                decided_by=members[row.decided_by] if everything and row.decided_by is not None else None,
                viewer=_viewer(SeenAward(row, standing)),
            )
        )
    return found


def _viewer(seen: SeenAward) -> Viewer:
    decided = {"given": "approve", "refused": "refuse"}.get(seen.award.status)
    archived = "community_archived" if seen.standing.community.status == "archived" else None
    refusals = {action: refusal(action, seen) for action in ACTIONS if action != decided}
    answers = {action: refused.code if refused else archived for action, refused in refusals.items()}
    return Viewer.of(answers)
