from datetime import timedelta
from uuid import UUID

from chassis.days import month_of
from chassis.ids import new_id
from services.gamification.base import known
from services.gamification.stars.models import Star, StarCandidate
from services.gamification.stars.rules import quarter_of
from tests.system.security.recipe import OWN, here, recipe
from tests.system.security.world import World

RECIPES = [
    recipe("nominate_star", body={"community_id": here(), "member_id": here("nominee")}, whose=OWN),
    recipe("list_stars", query={"community_id": here()}, shows=here("star")),
    recipe("read_star", here("star"), shows=here("star")),
    recipe("list_star_candidates", here("star"), shows=here("nominee")),
    recipe("vote_for_star", here("star_voting"), body={"member_id": here("nominee")}, whose=OWN),
    recipe("confirm_star", here("star"), body={"member_id": here("nominee")}),
]


async def prepare(world: World) -> None:
    today = world.harness.clock().date()
    over, voting = month_of(today - timedelta(days=200)), month_of(today - timedelta(days=100))
    days = {
        "star": (over, today - timedelta(days=20), today - timedelta(days=10)),
        "star_voting": (voting, today - timedelta(days=2), today + timedelta(days=4)),
    }
    async with world.transaction() as session:
        for ground in world.grounds.values():
            # Somebody who is a member, and no more.
            nominee: UUID = new_id()
            row = {"person_id": new_id(), "roles": [], "status": "active", "via": "import", "version": 1}
            joined = {"joined_at": world.harness.clock() - timedelta(days=300)}
            await session.execute(known.members.insert().values(id=nominee, community_id=ground.id, **row, **joined))
            ground.ids["nominee"] = nominee
            for name, (month, votes_from, votes_until) in days.items():
                star = Star(
                    community_id=ground.id,
                    month=month,
                    quarter=quarter_of(month),
                    votes_from=votes_from,
                    votes_until=votes_until,
                    ballots=5,
                    messages_published=0,
                )
                session.add(star)
                await session.flush()
                session.add(StarCandidate(star_id=star.id, member_id=nominee, votes=5))
                ground.ids[name] = star.id
