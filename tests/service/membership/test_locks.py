"""What is counted or capped is decided under the lock of its parent row; locks are taken in one order.

SQLite has one writer, so nothing but this shows there that a lock is missing.
"""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from chassis.database.sessions import Session
from chassis.database.statements import Prepared
from services.membership.mentorships.queries import lock_pair
from services.membership.people.occasions import PeopleConcerned
from services.membership.responsibilities.schemas import ResponsibilityCreate
from services.membership.roster.leaving import end_memberships
from services.membership.roster.models import Member
from services.membership.roster.service import require_members
from tests.support.waiting import eventually


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


async def test_an_import_of_groups_waits_for_another_that_may_form_the_same(scene, locks):
    community = await scene.community()
    await scene.member("甲", community)
    started = await scene.again("owner").post(
        "/v1/groups/imports",
        params={"community_id": community["id"]},
        content=f"小组,工号\n一组,{scene.numbers['甲']}\n".encode(),
        headers={"Content-Type": "text/csv"},
    )
    assert started.status_code == 202, started.text
    locks.clear()
    await scene.harness.run_jobs()
    taken = [one for one in dict.fromkeys(locks) if one in {"communities", "member_groups"}]
    assert taken == ["communities", "member_groups"]


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
@pytest.mark.parametrize("by", ["people who leave together", "a pair", "an area and its deputy"])
async def test_several_members_are_locked_in_the_order_of_their_ids_and_no_two_wait_for_each_other(scene, by):
    community = await scene.community()
    ids = {UUID((await scene.member(name, community))["id"]): scene.people[name] for name in ("甲", "乙")}
    first, second = sorted(ids)
    database = scene.harness.runtime.database

    async def both_in_the_other_order():
        async with database.transaction() as session:
            if by == "a pair":
                await lock_pair(session, UUID(community["id"]), second, first)
            elif by == "an area and its deputy":
                area = ResponsibilityCreate(
                    community_id=community["id"], area="海报", holder_id=second, deputy_id=first
                )
                await require_members(session, area.community_id, area, ("holder_id", "deputy_id"))
            else:
                await end_memberships(session, PeopleConcerned([ids[second], ids[first]], scene.harness.clock()))

    async def somebody_waits():
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        async with database.reading() as session:
            return (await session.execute(text(waiting))).scalar_one()

    async with database.transaction() as session:
        await session.execute(_locked(first))
        others = asyncio.create_task(both_in_the_other_order())
        await eventually(somebody_waits)
        async with database.transaction() as another:
            try:
                await another.execute(_locked(second))
            except DBAPIError:
                pytest.fail("who waits for the first holds the second")
    await others


def _locked(member_id):
    return select(Member).where(col(Member.id) == member_id).with_for_update(nowait=True)
