from tests.system.security.recipe import OWN, recipe

RECIPES = [
    recipe("open_stream", whose=OWN),
]
