from tests.system.security.recipe import recipe

RECIPES = [recipe("read_key_set", public="public keys")]
