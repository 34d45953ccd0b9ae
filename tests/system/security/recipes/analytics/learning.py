from datetime import timedelta

from chassis.ids import new_id
from services.analytics.learning.models import LearningActivity, LearningRecord
from tests.system.security.recipe import OWN, here, own, recipe
from tests.system.security.world import World

RECIPES = [
    recipe("list_learning_records", query={"community_id": here()}, shows=own("learning record"), people_only=True),
    recipe("list_learning_records", query={"community_id": here()}, shows=here("learning record")),
    recipe("list_learning_records", people_only=True, shows=own("learning record"), whose=OWN),
    recipe(
        "list_learning_records",
        query={"person_id": own("person")},
        people_only=True,
        shows=own("learning record"),
        whose=OWN,
    ),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        for player in world.members:
            assert player.member_id is not None
            began = now - timedelta(days=1)
            activity = LearningActivity(
                id=new_id(),
                community_id=player.ground.id,
                version=1,
                title="读书会",
                starts_at=began,
                ends_at=began + timedelta(hours=2),
                hours=2.0,
            )
            record = LearningRecord(
                id=new_id(),
                community_id=player.ground.id,
                member_id=player.member_id,
                person_id=player.person_id,
                activity_id=activity.id,
                hours=2.0,
                taught_hours=0.0,
                share=1.0,
                minutes=120,
                at=began,
                undone=False,
            )
            session.add_all([activity, record])
            player.own["learning record"] = record.id
            player.ground.ids["learning record"] = record.id
