from tests.system.security.recipe import here, own, recipe
from tests.system.security.world import World

HERE = {"community_id": here()}
RULE = {"trigger": "checkin.recorded", "points": 7, "xp": 7}

RECIPES = [
    recipe("list_earning_rules", query=HERE),
    # With what is left of a member's caps; a service account would need both scopes.
    recipe("list_earning_rules", query={"member_id": own()}, within="earning_outcomes.read", people_only=True),
    recipe("list_earning_rule_versions", "checkin", query=HERE),
    recipe("put_earning_rule", "a_new_rule", query=HERE, body=RULE),
    recipe("put_earning_rule", "a_new_rule", query=HERE | {"dry_run": True}, body=RULE),
    recipe("try_earning_rule", body=HERE | {"code": "a_new_rule"} | RULE),
    recipe("read_earning_rule_dry_run", own("earning_rule_dry_run"), within="imports.job"),
    recipe("cancel_earning_rule_dry_run", own("earning_rule_dry_run"), within="imports.job"),
    recipe("list_earning_outcomes", query={"member_id": own()}),
]


async def prepare(world: World) -> None:
    await world.jobs_of_everybody("earning_rule_dry_run", "earning.dry-run", of_community=True)
