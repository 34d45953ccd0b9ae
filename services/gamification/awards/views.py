"""How awards by hand become answers."""

from collections.abc import Sequence

from chassis.projections.members import embedded
from chassis.security.authority import Standing
from chassis.web.work import Work
from services.gamification.awards.models import Award
from services.gamification.awards.schemas import HandAwardPublic
from services.gamification.awards.service import reads_all


async def shown(work: Work, rows: Sequence[Award], standing: Standing) -> list[HandAwardPublic]:
    """Awards as the caller may read them: reasons are for the member, operators and owners."""
    everything = reads_all(standing)
    members = await embedded(work.session, {one for row in rows for one in (row.member_id, row.proposer_id)})
    found = []
    for row in rows:
        within = everything or row.member_id == standing.member_id
        found.append(
            HandAwardPublic(
                id=row.id,
                community_id=row.community_id,
                member=members[row.member_id],
                proposer=members[row.proposer_id] if within else None,
                points=row.points,
                reason=row.reason if within else None,
                citation=row.citation if within or row.citation_public else None,
                citation_public=row.citation_public,
                status=row.status,
                refusal=row.refusal if everything else None,
                created_at=row.created_at,
                decided_at=row.decided_at,
            )
        )
    return found
