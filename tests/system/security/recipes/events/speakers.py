from services.events.activities.models import Speaker
from services.events.speakers.models import SpeakerContact
from tests.system.security.recipe import Whose, own, recipe, theirs
from tests.system.security.world import World

AFTER = ["activities"]
RUNS: tuple[Whose, ...] = ("assigned", "other")
"""Who made an activity has no more than who runs it."""
GUEST = {"name": "李娜", "email": "li.na@example.com"}

RECIPES = [
    recipe("list_speakers", own("activity run"), whose=RUNS, shows=own("speaker")),
    recipe("invite_speaker", own("activity run"), body={"member_id": theirs()}, whose=RUNS),
    recipe("invite_speaker", own("activity run"), body=GUEST, whose=RUNS),
    recipe("read_speaker", own("activity run"), own("speaker"), whose=RUNS, shows=own("speaker")),
    recipe("withdraw_speaker", own("activity run"), own("speaker"), whose=RUNS),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        for player in world.members:
            run = player.own["activity run"]
            one = Speaker(community_id=player.ground.id, activity_id=run, name="王强", invited_at=now)
            session.add(one)
            await session.flush()
            session.add(SpeakerContact(speaker_id=one.id, activity_id=run, email="wang.qiang@example.com"))
            player.own["speaker"] = player.assigned["speaker"] = one.id
