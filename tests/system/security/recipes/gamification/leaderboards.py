from tests.system.security.recipe import here, own, recipe

RECIPES = [
    recipe("read_leaderboard", query={"community_id": here(), "period": "all_time", "limit": 100}, shows=own()),
]
