from tests.system.security.recipe import OWN, here, import_recipes, own, recipe
from tests.system.security.world import World

DAYS = [f"2024-04-{day:02}" for day in range(24, 31)] + ["2024-05-01", "2024-05-02", "2024-05-04"]
"""Days that everyone has checked in on; the last before today is missed, and may be made up."""
HERE = {"community_id": here()}

RECIPES = [
    recipe("create_checkin", body=HERE, whose=OWN),
    recipe("make_up_checkin", body=HERE | {"day": "2024-05-05"}, whose=OWN),
    recipe("list_checkins", query={"member_id": own()}, shows=own("checkin")),
    recipe("list_checkins", query=HERE | {"limit": 100}, shows=own("checkin")),
    recipe("list_checkins", query={"mine": True}, people_only=True, shows=own("checkin"), whose=OWN),
    recipe("read_checkin_calendar", query={"member_id": own()}),
    recipe("read_checkin", own("checkin")),
    *import_recipes(
        "checkins_import",
        start="import_checkins",
        template="read_checkins_template",
        query=HERE,
        csv="employee_no,occurred_at\nE-neighbour,2024-03-01T04:00:00Z",
    ),
]


async def prepare(world: World) -> None:
    for ground in (world.home, world.twin.ground):
        rows = [
            f"E-{player.column},{day}T04:00:00Z"
            for player in world.members
            if player.ground is ground
            for day in DAYS
        ]  # fmt: skip
        started = await ground.owner.post(
            "/v1/checkins/imports",
            params={"community_id": str(ground.id)},
            content="\n".join(["employee_no,occurred_at", *rows]),
            headers={"Content-Type": "text/csv"},
        )
        await world.harness.run_jobs()
        job = (await ground.owner.get(started.headers["Location"])).json()
        assert (job["state"], job["failed"]) == ("succeeded", 0), job
    for player in world.members:
        found = await player.ground.owner.get("/v1/checkins", params={"member_id": str(player.member_id)})
        player.own["checkin"] = found.json()["items"][0]["id"]
    await world.jobs_of_everybody("checkins_import", "checkins.import", of_community=True)
