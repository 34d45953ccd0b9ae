"""The scene of certificates."""

import pytest

from chassis.testing import SettableClock
from services.gamification.definition import definition
from tests.service.gamification.certificates.scene import Scene
from tests.service.gamification.stage import NOON


@pytest.fixture
async def scene(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        scene = Scene(harness)
        await scene.set_up()
        yield scene
