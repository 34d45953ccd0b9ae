"""How invitations become answers, by who reads them."""

from collections.abc import Sequence

from chassis.web.actors import actor_of
from chassis.web.schemas import CommunityEmbed, Viewer
from chassis.web.work import Work
from services.membership.cohorts.queries import cohort_refs
from services.membership.communities.models import Community
from services.membership.entering import queries
from services.membership.entering.models import MemberInvitation
from services.membership.entering.schemas import InvitationPublic, InvitedPerson


async def shown(work: Work, rows: Sequence[MemberInvitation], *, runs: bool) -> list[InvitationPublic]:
    """Invitations as those read them who run the community, or as the one who is invited: they read neither who made it nor for whom else."""
    communities = await queries.communities_of(work.session, rows)
    people = await queries.people_of(work.session, rows)
    cohorts = await cohort_refs(work.session, [row.cohort_id for row in rows])
    return [
        InvitationPublic(
            id=row.id,
            community=CommunityEmbed.model_validate(communities[row.community_id]),
            cohort=cohorts[row.cohort_id],
            person=InvitedPerson.model_validate(people[row.person_id]) if row.person_id in people else None,
            email=row.email,
            uses=row.uses,
            used=row.used,
            state=row.state_at(work.now),
            expires_at=row.expires_at,
            made_by=actor_of(row.made_by) if runs else None,
            created_at=row.created_at,
            revoked_at=row.revoked_at,
            viewer=_viewer(row, communities[row.community_id], work, runs=runs),
        )
        for row in rows
    ]


def _viewer(row: MemberInvitation, community: Community, work: Work, *, runs: bool) -> Viewer:
    closed = None if row.state_at(work.now) == "open" else ("illegal_transition" if runs else "invitation_closed")
    if community.status == "archived":
        closed = "community_archived"
    return Viewer.of({"revoke": closed} if runs else {"accept": closed})
