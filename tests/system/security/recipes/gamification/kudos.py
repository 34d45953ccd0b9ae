from datetime import timedelta
from uuid import UUID

from services.gamification.kudos.models import Kudos
from tests.system.security.recipe import OWN, here, own, recipe, theirs
from tests.system.security.world import World

WORDS = "把大家的问题整理成了清单，新人少走弯路"

RECIPES = [
    recipe("give_kudos", body={"community_id": here(), "receiver_id": theirs(), "text": WORDS}, whose=OWN),
    recipe("list_kudos", query={"community_id": here(), "limit": 100}, shows=theirs("kudos")),
    recipe("list_kudos", query={"community_id": here(), "mine": True}, shows=own("kudos"), people_only=True, whose=OWN),
    recipe("read_kudos", own("kudos"), shows=own("kudos")),
    recipe("remove_kudos", own("kudos")),
]


async def prepare(world: World) -> None:
    # Not today, of which a member has five.
    now = world.harness.clock() - timedelta(days=3)
    async with world.transaction() as session:
        for player in world.members:
            assert player.member_id is not None
            one = Kudos(
                community_id=player.ground.id,
                giver_id=player.member_id,
                # Nobody of the cast, so that each is somebody's alone.
                receiver_id=UUID(int=player.member_id.int ^ 1),
                text=WORDS,
                given_at=now,
                day=now.date(),
                time_zone="Asia/Shanghai",
                began_at=now,
                messages_published=1,
            )
            session.add(one)
            await session.flush()
            player.own["kudos"] = one.id
