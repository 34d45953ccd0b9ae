"""What was so of people and members at a moment is kept with its date, whatever comes first."""

from datetime import timedelta
from importlib import import_module

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import delete
from sqlmodel import col, select

from chassis.projections.history import calendars_of, statuses_of
from chassis.testing import SettableClock, received
from contracts.membership import MemberRoleChanged, MemberSnapshot
from services.analytics.base import history
from services.analytics.definition import definition
from services.analytics.facts.models import MemberStand, PersonPlace, RollupGeneration
from tests.service.stage import JOINED, NOON, Stage


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        await stage.open()
        yield stage


async def rows(stage, statement):
    async with stage.harness.runtime.database.reading() as session:
        return [tuple(row) for row in await session.execute(statement)]


def state_of(stage, one, **changed):
    return {
        "community_id": stage.community_id,
        "member_id": one.id,
        "person_id": one.person_id,
        "display_name": "孙丽",
        "person_kind": "employee",
        "roles": ("member",),
        "status": "active",
        "joined_at": JOINED,
        "via": "open",
    } | changed


async def test_whoever_becomes_operator_runs_the_community_from_then_on(stage):
    one = await stage.member()
    data = MemberRoleChanged(**state_of(stage, one, roles=("member", "operator")))
    await stage.harness.deliver(received(data, occurred_at=NOON, version=7), times=2)
    stands = (
        select(col(MemberStand.at), col(MemberStand.staff))
        .where(col(MemberStand.member_id) == one.id)
        .order_by(col(MemberStand.version))
    )
    assert await rows(stage, stands) == [(JOINED, False), (NOON, True)]


async def test_whoever_is_first_known_by_a_snapshot_has_been_what_they_are_since_joining(stage):
    one = await stage.member()
    other = state_of(stage, one, member_id=one.person_id, person_id=one.id, roles=("owner",))
    await stage.harness.deliver(received(MemberSnapshot(**other), occurred_at=NOON, version=3))
    stands = select(col(MemberStand.at), col(MemberStand.staff)).where(col(MemberStand.member_id) == one.person_id)
    assert await rows(stage, stands) == [(JOINED, True)]


async def test_it_is_kept_where_somebody_worked_when(stage):
    one = await stage.member()
    stage.harness.clock.now = NOON + timedelta(days=1)
    await stage.works(one, department_code="D2", job_grade="P6", site="上海")
    places = select(
        col(PersonPlace.at), col(PersonPlace.department_code), col(PersonPlace.job_grade), col(PersonPlace.site)
    )
    assert await rows(stage, places.order_by(col(PersonPlace.version))) == [
        (JOINED, "D1", None, None),
        (NOON + timedelta(days=1), "D2", "P6", "上海"),
    ]


async def test_one_generation_of_rollups_is_read_from_the_beginning(stage):
    assert await rows(stage, select(col(RollupGeneration.reading), col(RollupGeneration.building))) == [(1, None)]


async def test_an_installation_that_ran_before_knows_of_each_what_is_so_now(stage):
    one, two = await stage.member(roles=("member", "owner")), await stage.member()
    await stage.leave(two)
    kept = (MemberStand, PersonPlace, history.statuses, history.calendars)
    before = [await rows(stage, select(col(MemberStand.member_id), col(MemberStand.staff)).distinct())]
    async with stage.harness.runtime.database.transaction() as session:
        for table in kept:
            await session.execute(delete(table))
    migration = import_module("services.analytics.migrations.0008_facts")

    def upgrade(connection):
        with Operations.context(MigrationContext.configure(connection)):
            migration._date_what_is_known()

    async with stage.harness.runtime.database.writer.begin() as connection:
        await connection.run_sync(upgrade)
    stands = select(col(MemberStand.member_id), col(MemberStand.staff)).order_by(col(MemberStand.staff))
    assert await rows(stage, stands) == [(two.id, False), (one.id, True)]
    assert sorted(before[0]) == sorted([(two.id, False), (one.id, True)])
    async with stage.harness.runtime.database.reading() as session:
        statuses = await statuses_of(session, [one.id, two.id])
        calendars = await calendars_of(session, [stage.community_id])
    assert [change.status for change in statuses[one.id]] == ["active"]
    assert [change.status for change in statuses[two.id]] == ["active", "left"]
    assert [each.time_zone for each in calendars[stage.community_id].versions] == ["Asia/Shanghai"]
    assert await rows(stage, select(col(PersonPlace.department_code)).distinct()) == [("D1",)]
