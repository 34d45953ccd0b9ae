from tests.system.security.recipe import here, recipe

RECIPES = [recipe("list_audit", query={"community_id": here()})]
