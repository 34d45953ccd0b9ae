"""A community whose owner has an endpoint."""

import pytest

from tests.support.standins import listening

INSIDE = "127.0.0.0/8"
TYPES = ["qunxue.membership.community.updated.v1", "qunxue.membership.member.joined.v1"]


@pytest.fixture
def inside(scene):
    """This machine may be called, as in a network that the operator allows."""
    runtime = scene.harness.runtime
    runtime.settings = runtime.settings.model_copy(update={"webhook_networks": (INSIDE,)})


@pytest.fixture
async def community(scene, inside):
    return await scene.community()


@pytest.fixture
async def endpoint(scene, community):
    """The owner's, with its secret; nothing listens there."""
    return await scene.send(scene.again("owner"), "/v1/webhooks", body(community))


def body(community, **fields):
    """An endpoint as it is asked for."""
    where = {} if community is None else {"community_id": community["id"]}
    return where | {"url": "http://127.0.0.1:9/hook", "types": TYPES} | fields


@pytest.fixture
async def told(scene, community):
    """The owner's endpoint, where somebody listens."""
    # Imported here: it needs what this module says.
    from tests.service.membership.webhooks.receiving import Receiver, Told

    receiver = Receiver()
    harness = scene.harness
    async with harness.runtime.database.transaction() as session:
        await harness.runtime.service.timers.set_periodic(session, harness.clock())
    async with listening(receiver) as port:
        told = Told(scene, community, receiver, port)
        told.hook = await told.listen()
        yield told
