"""What is counted or capped is decided under the lock of its parent row; locks are taken in one order.

SQLite has one writer, so nothing but this shows there that a lock is missing.
"""

from typing import Any

import pytest

from chassis.database.sessions import Session
from chassis.database.statements import Prepared


@pytest.fixture
def locks(monkeypatch) -> list[str]:
    """The tables of which rows were locked, in order."""
    taken: list[str] = []

    def note(statement: Any) -> None:
        if getattr(statement, "_for_update_arg", None) is not None:
            taken.append(statement.get_final_froms()[0].description)

    async def one_built_once(self: Prepared[Any], session: Any, /, **parameters: Any) -> Any:
        note(self._statement)
        return await plain(self, session, **parameters)

    async def any_other(self: Session, statement: Any, *arguments: Any, **options: Any) -> Any:
        note(statement)
        return await execute(self, statement, *arguments, **options)

    plain, execute = Prepared.all, Session.execute
    monkeypatch.setattr(Prepared, "all", one_built_once)
    monkeypatch.setattr(Session, "execute", any_other)
    return taken


@pytest.fixture
async def campaign(scene):
    return await scene.campaign(await scene.community())


async def test_a_decision_holds_its_campaign_then_the_application_then_the_member(scene, campaign, locks):
    application = await scene.apply("小明", campaign)
    locks.clear()
    await scene.decide(application, "accepted")
    assert list(dict.fromkeys(locks)) == ["campaigns", "applications", "members"]
