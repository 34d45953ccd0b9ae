from tests.system.security.recipe import OWN, here, recipe

RECIPES = [
    recipe("read_home", query={"community_id": here()}, whose=OWN),
    recipe("list_my_tasks", whose=OWN),
]
