from tests.system.security.recipe import OWN, recipe

RECIPES = [
    recipe("read_me", whose=OWN),
    recipe("update_my_profile", body={"locale": "en"}, version=1, whose=OWN),
]
