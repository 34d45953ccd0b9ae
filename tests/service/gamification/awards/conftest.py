import pytest

from chassis.testing import SettableClock
from services.gamification.definition import definition
from services.gamification.ledger.verification import verify
from tests.service.gamification.awards.scene import Scene
from tests.service.gamification.stage import NOON


@pytest.fixture
async def scene(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        scene = Scene(harness)
        await scene.open()
        yield scene
        async with harness.runtime.database.reading() as session:
            verdict = await verify(session)
        assert verdict.holds, verdict.faults
