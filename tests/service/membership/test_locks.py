"""What is counted or capped is decided under the lock of its parent row; locks are taken in one order.

SQLite has one writer, so nothing but this shows there that a lock is missing.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session


@pytest.fixture
def locks() -> Iterator[list[str]]:
    """The tables of which rows were locked, in order."""
    taken: list[str] = []

    def note(state: ORMExecuteState) -> None:
        if getattr(state.statement, "_for_update_arg", None) is not None and state.bind_mapper is not None:
            taken.append(str(state.bind_mapper.local_table.description))

    event.listen(Session, "do_orm_execute", note)
    yield taken
    event.remove(Session, "do_orm_execute", note)


@pytest.fixture
async def campaign(scene):
    return await scene.campaign(await scene.community())


async def test_a_decision_holds_its_campaign_then_the_application_then_the_member(scene, campaign, locks):
    application = await scene.apply("小明", campaign)
    locks.clear()
    await scene.decide(application, "accepted")
    assert list(dict.fromkeys(locks)) == ["campaigns", "applications", "members"]
