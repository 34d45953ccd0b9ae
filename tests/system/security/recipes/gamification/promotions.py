from uuid import UUID

from chassis.ids import new_id
from services.gamification.ledger.models import Wallet
from services.gamification.promotions.models import CommitteeMember, Nomination
from tests.system.security.recipe import here, recipe, theirs
from tests.system.security.world import World

RECIPES = [
    recipe("read_promotion_committee", query={"community_id": here()}),
    recipe("put_promotion_committee", query={"community_id": here()}, body={"member_ids": []}),
    recipe(
        "nominate_for_promotion",
        body={"member_id": theirs(), "level": "mentor", "reason": "带教三期"},
        also={"everyone": 409},
        why="nobody in this world has the xp of that level",
    ),
    recipe("list_nominations", query={"community_id": here()}, shows=here("nomination")),
    recipe("read_nomination", here("nomination"), shows=here("nomination")),
    recipe("vote_on_nomination", here("nomination"), body={"in_favour": True, "reason": "表现稳定"}),
    recipe("decide_nomination", here("nomination"), body={"outcome": "declined", "reason": "再看一期"}),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        for ground in world.grounds.values():
            # Somebody of whom nothing else is known.
            nominee: UUID = new_id()
            session.add(Wallet(member_id=nominee, community_id=ground.id, created_at=now))
            nomination = Nomination(
                community_id=ground.id,
                member_id=nominee,
                from_code="expert",
                from_position=3,
                level="mentor",
                to_position=4,
                reason="带教三期",
                nominated_at=now,
                nominated_by="system",
            )
            session.add(nomination)
            await session.flush()
            ground.ids["nomination"] = nomination.id
        for player in world.members:
            if player.column in {"O", "W"} and player.member_id is not None:
                session.add(
                    CommitteeMember(
                        community_id=player.ground.id, member_id=player.member_id, named_at=now, named_by="system"
                    )
                )
