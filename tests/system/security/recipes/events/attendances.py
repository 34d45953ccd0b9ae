from datetime import timedelta
from uuid import UUID

from services.events.attendances.codes import code_of, ticket_for
from services.events.attendances.models import Attendance
from tests.system.security.casts.activities import an_activity
from tests.system.security.casts.following import NOON
from tests.system.security.recipe import OTHER, OWN, Whose, here, import_recipes, own, recipe, thing
from tests.system.security.world import World

AFTER = ["activities"]
RUNS: tuple[Whose, ...] = ("assigned", "other")

RECIPES = [
    recipe("show_door_code", own("activity run"), whose=RUNS),
    recipe("exchange_code", body={"code": thing("code")}, public="who stands at the door has not logged in yet"),
    recipe("check_in_at_door", body={"ticket": here("ticket"), "walk_in": True}, whose=OWN),
    recipe(
        "record_attendance",
        body={"activity_id": here("activity now"), "member_id": here("organiser")},
        whose=OTHER,
    ),
    recipe("list_attendances", query={"activity_id": here("activity")}),
    recipe("list_bursts", query={"activity_id": own("activity run")}, whose=RUNS),
    recipe("list_attendances", query={"activity_id": here("activity out")}, shows=own("attendance"), whose=OWN),
    recipe(
        "read_attendance",
        own("attendance"),
        shows=own("attendance"),
        whose=OWN,
        row="attendances.check_in",
        why="their own",
    ),
    recipe("check_out_at_door", own("attendance"), whose=OWN),
    recipe("revoke_attendance", here("attendance")),
    recipe("complete_activity", here("activity over"), version=1),
    *import_recipes(
        "attendance_list",
        start="import_attendances",
        template="read_attendance_list_template",
        query={"community_id": here()},
        started_in={"activity_id": here("activity over")},
        csv="employee_no,attended\nE-neighbour,yes",
    ),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    key = world.harness.runtime.address_secret
    world.things["code"] = code_of(key, "AAAAAA", NOON)
    async with world.transaction() as session:

        def going_on(community_id: UUID, door: str, hours: int, check_out: str = "none") -> UUID:
            one = an_activity(
                community_id,
                now,
                title="进行中" if hours > 0 else "已结束",
                starts_at=now - timedelta(hours=3),
                ends_at=now + timedelta(hours=hours),
                check_out=check_out,
                door=door,
            )
            session.add(one)
            return one.id

        def came(community_id: UUID, activity_id: UUID, member_id: UUID | None) -> UUID:
            assert member_id is not None
            one = Attendance(
                community_id=community_id, activity_id=activity_id, member_id=member_id, method="hand", in_at=now
            )
            session.add(one)
            return one.id

        for number, ground in enumerate(world.grounds.values()):
            door = f"NOW{number:03d}"
            ground.ids["activity now"] = going_on(ground.id, door, 5)
            ground.ids["activity out"] = going_on(ground.id, f"OUT{number:03d}", 5, "required")
            ground.ids["activity over"] = going_on(ground.id, f"END{number:03d}", -1)
            ground.ids["ticket"] = ticket_for(key, door, NOON)
            ground.ids["attendance"] = came(ground.id, ground.ids["activity over"], ground.ids["organiser"])
        await session.flush()
        for player in world.members:
            player.own["attendance"] = came(player.ground.id, player.ground.ids["activity out"], player.member_id)
    await world.jobs_of_everybody("attendance_list", "attendances.import", of_community=True)
