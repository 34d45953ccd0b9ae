from tests.system.security.recipe import here, own, recipe, theirs

RECIPES = [
    recipe("read_ladder", query={"community_id": here()}),
    recipe("read_promotion_progress", query={"member_id": own()}),
    recipe(
        "decide_promotion",
        body={"member_id": theirs(), "level": "mentor", "reason": "带教三期"},
        also={"everyone": 409},
        why="nobody in this world has the xp of that level",
    ),
]
