from datetime import date, timedelta

from services.events.activities.models import Activity
from services.events.meetings.models import ActionItem, Meeting
from services.events.registrations.models import Registration
from tests.system.security.casts.activities import an_activity
from tests.system.security.recipe import OTHER, OWN, Whose, here, own, recipe
from tests.system.security.world import World

AFTER = ["activities"]
INVITED: tuple[Whose, ...] = ("assigned", "other")
"""Everybody is invited to the meeting that they are assigned to; nobody owns one."""
DUE = date(2024, 6, 30)

RECIPES = [
    recipe("read_meeting", own("meeting"), whose=INVITED),
    recipe("update_meeting", own("meeting"), body={"agenda": [{"title": "上月回顾"}]}, version=1, whose=INVITED),
    recipe(
        "create_action_item",
        body={
            "activity_id": own("meeting"),
            "title": "联系讲师",
            "owner_id": here("organiser"),
            "due_on": DUE.isoformat(),
        },
        whose=INVITED,
    ),
    recipe("list_action_items", query={"community_id": here()}, whose=OTHER, shows=here("item")),
    recipe(
        "list_action_items",
        people_only=True,
        shows=own("own item"),
        whose=OWN,
        row="action_items.complete",
        why="who is to do it lists it",
    ),
    recipe("read_action_item", own("item"), shows=own("item"), whose=INVITED),
    recipe("update_action_item", own("item"), body={"title": "联系两位讲师"}, version=1, whose=INVITED),
    recipe("close_action_item", own("own item"), body={"status": "done"}),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        ids = {ground.id: ground.ids for ground in world.grounds.values()}
        meetings: list[Activity] = []
        for player in world.members:
            one = an_activity(player.ground.id, now, kind="meeting", title="月会", confirmed=1)
            player.own["meeting"] = player.assigned["meeting"] = one.id
            meetings.append(one)
        session.add_all(meetings)
        await session.flush()
        for player, meeting in zip(world.members, meetings, strict=True):
            assert player.member_id is not None
            for owner, name in ((ids[player.ground.id]["organiser"], "item"), (player.member_id, "own item")):
                item = ActionItem(
                    community_id=player.ground.id,
                    activity_id=meeting.id,
                    title="订会议室",
                    owner_id=owner,
                    due_on=(now + timedelta(days=3)).date(),
                    created_at=now,
                )
                session.add(item)
                player.own[name] = item.id
                player.assigned[name] = item.id
            ids[player.ground.id]["item"] = player.own["item"]
            session.add(Meeting(activity_id=meeting.id, community_id=player.ground.id))
            session.add(
                Registration(
                    community_id=player.ground.id,
                    activity_id=meeting.id,
                    member_id=player.member_id,
                    status="confirmed",
                    registered_at=now,
                    seated_at=now,
                )
            )
