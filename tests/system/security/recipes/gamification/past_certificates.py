from tests.system.security.recipe import own, recipe
from tests.system.security.world import World

RECIPES = [
    recipe("read_certificate_grant", own("certificate_grant"), within="imports.job"),
    recipe("cancel_certificate_grant", own("certificate_grant"), within="imports.job"),
]


async def prepare(world: World) -> None:
    # After the check-ins, whose own jobs are done while they are prepared.
    await world.jobs_of_everybody("certificate_grant", "certificates.grant", of_community=True)
