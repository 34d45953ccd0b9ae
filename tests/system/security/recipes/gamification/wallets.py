from tests.system.security.recipe import here, own, recipe, theirs
from tests.system.security.world import World

HERE = {"community_id": here()}
AFTER = ["checkins"]

RECIPES = [
    recipe("read_wallet", own()),
    recipe("read_points_expiry", query=HERE),
    recipe("put_points_expiry", query=HERE, body={"kind": "year_end"}),
    recipe("list_ledger_entries", query={"member_id": own()}, shows=own("entry")),
    recipe("list_ledger_entries", query={"community_id": here(), "limit": 100}, shows=own("entry")),
    recipe("reverse_ledger_entry", theirs("entry"), body={"reason": "误发"}),
]


async def prepare(world: World) -> None:
    for player in world.members:
        params = {"member_id": str(player.member_id)}
        entries = await player.ground.owner.get("/v1/ledger-entries", params=params)
        player.own["entry"] = entries.json()["items"][0]["id"]
