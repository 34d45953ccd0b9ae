from uuid import UUID

from services.gamification.awards.models import Award
from tests.system.security.recipe import OWN, here, own, recipe, theirs
from tests.system.security.world import World

HERE = {"community_id": here()}
ONE = {"member_id": theirs(), "points": 5, "reason": "整理了新人手册"}

RECIPES = [
    recipe("create_award", body=HERE | ONE),
    recipe("create_awards", body=HERE | {"awards": [ONE]}),
    recipe("create_awards_from_sheet", query=HERE, csv="employee_no,points,reason\nE-neighbour,5,整理了新人手册"),
    recipe("list_awards", query=HERE | {"limit": 100}, shows=own("hand_award")),
    recipe("read_award", own("hand_award"), shows=own("hand_award")),
    recipe("read_award_budget", query=HERE),
    recipe("put_award_budget", query=HERE, body={"per_person": 100000}),
    recipe("approve_award", theirs("pending_award")),
    recipe("refuse_award", theirs("pending_award"), body={"refusal": "证据不足"}),
    recipe("answer_citation", own("hand_award"), body={"public": False}, whose=OWN),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        for player in world.members:
            assert player.member_id is not None
            for name, status, decided_at in (("hand_award", "given", now), ("pending_award", "pending", None)):
                one = Award(
                    community_id=player.ground.id,
                    member_id=player.member_id,
                    # Nobody of the cast, so that each may decide about it.
                    proposer_id=UUID(int=player.member_id.int ^ 1),
                    points=150,
                    reason="整理了新人手册",
                    citation="把经验留给了后来的人",
                    status=status,
                    month=now.date().replace(day=1),
                    created_at=now,
                    decided_at=decided_at,
                )
                session.add(one)
                await session.flush()
                player.own[name] = one.id
