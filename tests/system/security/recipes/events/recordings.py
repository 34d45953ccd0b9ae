from services.events.activities.models import Speaker
from services.events.registrations.models import Registration
from tests.system.security.casts.activities import an_activity
from tests.system.security.recipe import OWN, Whose, here, own, recipe
from tests.system.security.world import World

AFTER = ["activities", "speakers"]
RUNS: tuple[Whose, ...] = ("assigned", "other")
"""Who made an activity has no more than who runs it."""

RECIPES = [
    recipe("read_recording_consent", here("activity"), shows=here("activity")),
    recipe("put_recording_consent", own("activity recorded"), body={"given": True}, whose=OWN),
    recipe("put_speaker_consent", own("activity filmed"), own("speaker filmed"), body={"given": True}, whose=RUNS),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        for player in world.members:
            assert player.member_id is not None
            recorded = an_activity(player.ground.id, now, recording_consent=True, confirmed=1)
            filmed = an_activity(player.ground.id, now, recording_consent=True, organiser_ids=[str(player.member_id)])
            session.add_all([recorded, filmed])
            await session.flush()
            comes = Registration(
                community_id=player.ground.id,
                activity_id=recorded.id,
                member_id=player.member_id,
                status="confirmed",
                registered_at=now,
                seated_at=now,
            )
            guest = Speaker(community_id=player.ground.id, activity_id=filmed.id, name="李娜", invited_at=now)
            session.add_all([comes, guest])
            await session.flush()
            player.own["activity recorded"] = recorded.id
            player.own["activity filmed"] = player.assigned["activity filmed"] = filmed.id
            player.own["speaker filmed"] = player.assigned["speaker filmed"] = guest.id
