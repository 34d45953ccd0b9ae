from tests.system.security.recipe import here, own, recipe, theirs

RECIPES = [
    recipe("read_ladder", query={"community_id": here()}),
    recipe(
        "put_ladder",
        query={"community_id": here()},
        body={
            "items": [
                {"code": "sprout", "name_zh": "新芽", "name_en": "Sprout", "xp": 0},
                {"code": "tree", "name_zh": "大树", "name_en": "Tree", "xp": 100, "tenure_days": 30},
            ]
        },
    ),
    recipe("read_promotion_progress", query={"member_id": own()}),
    recipe(
        "decide_promotion",
        body={"member_id": theirs(), "level": "mentor", "reason": "带教三期"},
        also={"everyone": 409},
        why="nobody in this world has the xp of that level",
    ),
]
