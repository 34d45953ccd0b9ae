from tests.system.security.recipe import here, recipe

HERE = {"community_id": here()}

RECIPES = [
    recipe("read_retention", query=HERE | {"cohort": "week"}),
    recipe("read_retention", query=HERE | {"cohort": "month", "count": "rolling", "from": "2024-01-01", "staff": True}),
]
