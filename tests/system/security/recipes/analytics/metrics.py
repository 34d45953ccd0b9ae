from tests.system.security.recipe import here, recipe

DAYS = {"community_id": here(), "from": "2024-01-01", "to": "2024-03-31"}

RECIPES = [
    recipe("list_metrics", query={"community_id": here()}),
    recipe("read_metric", "active_members", query=DAYS | {"grain": "month", "group_by": "department"}),
    recipe("read_metric_values", query=DAYS | {"codes": "members,activity_rate", "compare": "previous"}),
]
