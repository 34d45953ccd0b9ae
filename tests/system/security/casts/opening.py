"""Opens the world of a service: the service alone in this process, who calls it, and what every feature's recipes name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr

from chassis.settings import Settings
from chassis.testing import Harness
from gateway.routing import GATEWAY
from qunxue.installed import service as installed
from tests.support.light import lightened
from tests.system.security import features
from tests.system.security.casts import following, gateway, membership
from tests.system.security.frozen import Frozen
from tests.system.security.world import World

SECRET = "only-for-tests-only-for-tests"


@asynccontextmanager
async def world_of(service: str, folder: Path) -> AsyncIterator[World]:
    """On SQLite, put back by `world.frozen` to what it was. The gateway's is membership's, with the gateway before it."""
    settings = Settings(data_dir=folder, secret_key=SecretStr(SECRET), mode="embedded")
    behind = "membership" if service == GATEWAY else service
    file = folder / f"{behind}.sqlite"
    clock = membership.clock() if behind == "membership" else following.clock()
    url = f"sqlite:///{file}"
    made = Harness(installed(behind), settings, database_url=url, clock=clock)
    lightened(made.runtime.database)
    async with made as harness:
        world = await set_up(harness)
        world.frozen = Frozen(file)
        if service == GATEWAY:
            async with gateway.before(world, settings) as fronted:
                await features.prepare(fronted, GATEWAY)
                yield fronted
        else:
            yield world
        world.frozen.close()


async def set_up(harness: Harness) -> World:
    """Everything recipes name, in a service that is running and empty, on whichever database."""
    name = harness.runtime.name
    if name == "membership":
        world = await membership.cast(harness)
        await features.prepare(world, name)
    else:
        world = await following.cast(harness)
        await features.prepare(world, name)
        await following.settle(world)
    return world
