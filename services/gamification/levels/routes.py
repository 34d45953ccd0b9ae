"""HTTP of ladders and promotions."""

from uuid import UUID

from chassis.projections.members import member_for
from chassis.security.authority import authorize
from chassis.web.dependencies import CallerDep, Localised, Now, Reading, Write
from chassis.web.operations import api_router, operation
from services.gamification.levels import putting
from services.gamification.levels.ladders import ladder_of
from services.gamification.levels.schemas import LadderPublic, LadderPut, ProgressPublic
from services.gamification.levels.views import ladder_public, progress
from services.gamification.permissions import EARNING_RULES_READ, LADDERS_WRITE, STANDING_READ

router = api_router(tags=["Levels"])


@router.get("/v1/ladders")
@operation(permission=EARNING_RULES_READ)
async def read_ladder(
    community_id: UUID, caller: CallerDep, session: Reading, now: Now, locale: Localised
) -> LadderPublic:
    """Read a community's ladder: its levels and what each requires."""
    await authorize(session, caller, EARNING_RULES_READ, community_id, now=now)
    return await ladder_public(session, community_id, await ladder_of(session, community_id), locale)


@router.put("/v1/ladders")
@operation(permission=LADDERS_WRITE, problems=[putting.LADDER_SETTLING])
async def put_ladder(community_id: UUID, body: LadderPut, work: Write, locale: Localised) -> LadderPublic:
    """Replace a community's ladder.

    Members keep the level that they have, by its code. Whose level is no longer there comes to the next one below that is; then
    everybody climbs to what they are due. In a community of over 200 members that takes a while: the ladder is `settling`. Nobody
    loses a level at once because it requires more: only after the grace.
    """
    return await ladder_public(work.session, community_id, await putting.put_ladder(work, community_id, body), locale)


@router.get("/v1/promotions/progress")
@operation(permission=STANDING_READ)
async def read_promotion_progress(
    member_id: UUID, caller: CallerDep, session: Reading, now: Now, locale: Localised
) -> ProgressPublic:
    """Read what a member lacks for the next level, and whether they are about to lose their current one."""
    member = await member_for(session, caller, STANDING_READ, member_id, now)
    return await progress(session, member_id, member.community_id, now, locale)
