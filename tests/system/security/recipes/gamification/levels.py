from tests.system.security.recipe import here, own, recipe

RECIPES = [
    recipe("read_ladder", query={"community_id": here()}),
    recipe("read_promotion_progress", query={"member_id": own()}),
]
