from typing import Any
from uuid import UUID

from chassis.ids import new_id
from services.events.activities.models import Speaker
from services.events.invitations.models import SpeakerLink
from tests.system.security.casts.activities import an_activity
from tests.system.security.recipe import Whose, own, recipe
from tests.system.security.world import World

AFTER = ["activities"]
RUNS: tuple[Whose, ...] = ("assigned", "other")
INVITED: tuple[Whose, ...] = ("assigned",)

RECIPES = [
    recipe("read_activity", own("invited to"), shows=own("invited to"), whose=INVITED),
    recipe("create_speaker_link", own("activity run"), own("outsider there"), whose=RUNS),
    recipe("delete_speaker_link", own("activity run"), own("outsider there"), whose=RUNS),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:

        async def speaks(community_id: UUID, activity_id: UUID, *, speaker_id: UUID, link_id: UUID) -> None:
            of_it: dict[str, Any] = {"community_id": community_id, "activity_id": activity_id}
            session.add(Speaker(id=speaker_id, name="李娜", invited_at=now, **of_it))
            await session.flush()
            of_it |= {"link_id": link_id, "secret_hash": speaker_id.hex * 2, "made_at": now}
            session.add(SpeakerLink(speaker_id=speaker_id, **of_it))

        for player in world.members:
            speaker_id = new_id()
            await speaks(player.ground.id, player.own["activity run"], speaker_id=speaker_id, link_id=new_id())
            player.own["outsider there"] = player.assigned["outsider there"] = speaker_id
        guest = world.players["G"]
        assert guest.caller is not None
        assert guest.caller.activity_id is not None
        session.add(an_activity(world.home.id, now, id=guest.caller.activity_id, title="the guest's"))
        await session.flush()
        await speaks(
            world.home.id,
            guest.caller.activity_id,
            speaker_id=guest.caller.id,
            link_id=guest.caller.session_id,
        )
        guest.assigned["invited to"] = guest.caller.activity_id
