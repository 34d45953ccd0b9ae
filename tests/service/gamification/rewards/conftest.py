"""A mall for the tests of rewards."""

from collections.abc import AsyncIterator

import pytest

from chassis.testing import SettableClock
from services.gamification.definition import definition
from tests.service.gamification.rewards.mall import Mall
from tests.service.gamification.stage import NOON


@pytest.fixture
async def mall(start_service) -> AsyncIterator[Mall]:
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        mall = Mall(harness)
        await mall.open()
        yield mall
