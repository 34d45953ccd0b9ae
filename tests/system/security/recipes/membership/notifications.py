from datetime import timedelta

from services.membership.notifications.models import Notification
from tests.system.security.recipe import OWN, Ref, own, recipe
from tests.system.security.world import World

TOMORROW = Ref(lambda world, _case: (world.harness.clock() + timedelta(days=1)).isoformat())

RECIPES = [
    recipe("list_notifications", whose=OWN, shows=own("notification")),
    recipe("count_notifications", whose=OWN),
    recipe("read_notification", own("notification")),
    recipe("snooze_notification", own("notification"), body={"until": TOMORROW}),
    recipe("read_notifications", body={}, whose=OWN),
    recipe("read_notification_preferences", whose=OWN),
    recipe(
        "update_notification_preferences",
        body={"items": [{"category": "replies", "channel": "mail", "setting": "daily"}]},
        whose=OWN,
    ),
]


async def prepare(world: World) -> None:
    """A line for everybody."""
    now = world.harness.clock()
    async with world.transaction() as session:
        for player in world.people:
            line = Notification(
                person_id=player.person_id,
                category="points",
                template="points.awarded",
                params={},
                thread="points",
                created_at=now,
                told_at=now,
            )
            session.add(line)
            player.own["notification"] = line.id
