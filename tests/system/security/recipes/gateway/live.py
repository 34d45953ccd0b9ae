from tests.system.security.recipe import OWN, recipe

RECIPES = [
    recipe("open_stream", whose=OWN),
    recipe("create_stream_ticket", whose=OWN),
]
