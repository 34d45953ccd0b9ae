from tests.system.security.recipe import recipe

RECIPES = [
    recipe("list_providers"),
]
