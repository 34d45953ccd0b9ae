from tests.system.security.recipe import here, own, recipe

HERE = {"community_id": here()}
RULE = {"trigger": "checkin.recorded", "points": 7, "xp": 7}

RECIPES = [
    recipe("list_earning_rules", query=HERE),
    # With what is left of a member's caps; a service account would need both scopes.
    recipe("list_earning_rules", query={"member_id": own()}, within="earning_outcomes.read", people_only=True),
    recipe("list_earning_rule_versions", "checkin", query=HERE),
    recipe("put_earning_rule", "a_new_rule", query=HERE, body=RULE),
    recipe("put_earning_rule", "a_new_rule", query=HERE | {"dry_run": True}, body=RULE),
    recipe("list_earning_outcomes", query={"member_id": own()}),
]
