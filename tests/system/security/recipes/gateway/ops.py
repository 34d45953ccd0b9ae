from tests.system.security.recipe import recipe

RECIPES = [recipe("read_status"), recipe("read_metrics")]
