"""A community with six members, in the middle of May."""

import pytest

from chassis.testing import SettableClock
from services.gamification.definition import definition
from tests.service.gamification.stage import NOON
from tests.service.gamification.stars.naming import Stars


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stars(harness)
        await stage.open()
        yield stage


@pytest.fixture
async def members(stage):
    return await stage.members(6)
