from tests.system.security.recipe import here, recipe

RECIPES = [recipe("read_desk", query={"community_id": here()})]
