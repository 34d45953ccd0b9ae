"""A camp for the tests of check-in plans."""

from collections.abc import AsyncIterator

import pytest

from chassis.testing import SettableClock
from services.gamification.definition import definition
from tests.service.gamification.plans.camp import Camp
from tests.service.gamification.stage import NOON


@pytest.fixture
async def camp(start_service) -> AsyncIterator[Camp]:
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        camp = Camp(harness)
        await camp.open()
        yield camp
