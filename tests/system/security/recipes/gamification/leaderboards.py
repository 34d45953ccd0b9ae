from tests.system.security.recipe import OWN, here, recipe, theirs

BOARD = {"community_id": here(), "period": "all_time", "limit": 100}

RECIPES = [
    # Whoever runs the community stands on no board: what each sees is somebody else.
    recipe("read_leaderboard", query=BOARD, shows=theirs()),
    recipe("read_leaderboard", query=BOARD, whose=OWN),
    recipe("read_leaderboard", query=BOARD | {"department": "D1"}, whose=OWN),
    recipe("read_leaderboard", query=BOARD | {"cohort_id": "01a21fd4-2c83-7153-9343-088f852b91d5"}, whose=OWN),
    recipe("read_leaderboard", query=BOARD | {"group_id": here("plan_group")}, whose=OWN),
]
