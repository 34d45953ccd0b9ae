from services.events.proposals.models import Proposal
from tests.system.security.recipe import OTHER, OWN, here, own, recipe
from tests.system.security.recipes.events.activities import ENDS, STARTS
from tests.system.security.world import World

HELD = {"starts_at": STARTS, "ends_at": ENDS}

RECIPES = [
    recipe("propose_activity", body={"community_id": here(), "title": "怎么带新人"}, whose=OWN),
    recipe("list_proposals", query={"community_id": here()}, shows=own("proposal"), whose=OWN),
    recipe("read_proposal", own("proposal"), shows=own("proposal"), whose=OWN),
    recipe("read_proposal", here("proposal"), row="proposals.decide", why="who decides reads it", whose=OTHER),
    recipe("update_proposal", own("proposal"), body={"title": "怎么带两个新人"}, version=1),
    recipe("withdraw_proposal", own("proposal")),
    recipe("accept_proposal", here("proposal"), body=HELD, version=1, whose=OTHER),
    recipe("decline_proposal", here("proposal"), body={"reason": "上月刚讲过"}, version=1, whose=OTHER),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        for ground in world.grounds.values():
            proposer = world.twin.member_id if ground.place == "elsewhere" else world.neighbour.member_id
            assert proposer is not None
            one = Proposal(
                community_id=ground.id, proposer_id=proposer, kind="workshop", title="别人的提议", created_at=now
            )
            session.add(one)
            ground.ids["proposal"] = one.id
        for player in world.members:
            assert player.member_id is not None
            mine = Proposal(
                community_id=player.ground.id,
                proposer_id=player.member_id,
                kind="workshop",
                title="自己的提议",
                created_at=now,
            )
            session.add(mine)
            player.own["proposal"] = mine.id
