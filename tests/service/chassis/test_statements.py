"""Statements built once, beside the ORM's: what their rows are, what they see of each other, and what an error looks like."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Float, cast, func, insert, select, update
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel import select as select_model

from chassis.database.statements import Prepared, Spelling, bindparam, rows_of
from chassis.ids import new_id
from tests.service.chassis.workshop_things import Thing, seats_taken, tables

things: Any = Thing.__table__  # type: ignore[attr-defined]
entries = tables.chassis.audit_entries

THING = Prepared(select_model(Thing).where(col(Thing.id) == bindparam("thing_id")))
NAME = Prepared(select_model(Thing.name).where(col(Thing.id) == bindparam("thing_id")))
BY_WEIGHT = Prepared(
    select_model(Thing.name, Thing.weight)
    .where(col(Thing.status).in_(("open", "closed")), col(Thing.weight) < bindparam("below"))
    .order_by(col(Thing.weight))
)
WITH_COUNT = Prepared(select_model(Thing, func.count(seats_taken.c.id)).outerjoin(seats_taken).group_by(col(Thing.id)))
AMONG = Prepared(lambda on: select_model(Thing.name).where(on.among(things.c.id, "ids")).order_by(col(Thing.weight)))
ADD = Prepared(insert(things))
RENAME = Prepared(
    update(things).where(things.c.id == bindparam("thing_id")).values(name=bindparam("to")).returning(things.c.weight)
)


def _put(on: Spelling) -> Any:
    added = on.insert(things).values({name: bindparam(name) for name in a_thing()})
    return added.on_conflict_do_update(index_elements=[things.c.id], set_={"name": added.excluded.name})


PUT = Prepared(_put)


def a_thing(**values: Any) -> dict[str, Any]:
    return {
        "id": new_id(), "community_id": new_id(), "member_id": None, "name": "轮子", "weight": 1, "status": "open", "version": 1,
        "seats": 0, "messages_published": 0, "made_at": datetime.now(UTC), **values,
    }  # fmt: skip


async def test_a_row_of_an_entity_reads_like_it_and_cannot_be_changed(shop):
    made = a_thing()
    async with shop.runtime.database.transaction() as session:
        await ADD.run(session, **made)
    async with shop.runtime.database.reading() as session:
        row = await THING.one(session, thing_id=made["id"])
        entity = await session.get(Thing, made["id"])
    assert {name: getattr(row, name) for name in made} == made == {name: getattr(entity, name) for name in made}
    assert row.model_dump() == entity.model_dump()
    with pytest.raises(AttributeError):
        row.name = "changed"
    with pytest.raises(AttributeError):
        row.bump()


async def test_what_an_outer_join_did_not_find_is_none(shop):
    made = a_thing()
    other = select_model(Thing).subquery()
    nobody = aliased(Thing, other)
    joined = select_model(Thing, nobody).outerjoin(nobody, col(nobody.id) != col(Thing.id))
    async with shop.runtime.database.transaction() as session:
        await ADD.run(session, **made)
        [(thing, missing)] = await rows_of(session, joined)
    assert thing.name == "轮子"
    assert missing is None


async def test_one_column_is_its_value_and_several_have_names(shop):
    made = [a_thing(name=f"n{weight}", weight=weight) for weight in (3, 1, 2)]
    async with shop.runtime.database.transaction() as session:
        await ADD.run_many(session, made)
        assert await NAME.first(session, thing_id=made[0]["id"]) == "n3"
        assert await NAME.first(session, thing_id=new_id()) is None
        with pytest.raises(NoResultFound):
            await NAME.one(session, thing_id=new_id())
        rows = await BY_WEIGHT.all(session, below=3)
        counted = await WITH_COUNT.all(session)
    assert rows == [("n1", 1), ("n2", 2)]
    assert [row.name for row in rows] == ["n1", "n2"]
    assert sorted((thing.name, number) for thing, number in counted) == [("n1", 0), ("n2", 0), ("n3", 0)]


@pytest.mark.parametrize("number", [0, 1, 700])
async def test_a_list_of_any_length_is_one_statement(shop, number):
    made = [a_thing(name=f"n{weight}", weight=weight) for weight in range(number)]
    async with shop.runtime.database.transaction() as session:
        await ADD.run_many(session, [*made, a_thing(weight=-1)])
        found = await AMONG.all(session, ids=[thing["id"] for thing in made])
    assert found == [f"n{weight}" for weight in range(number)]


async def test_values_of_every_kind_are_what_the_orm_gives(shop):
    async with shop.runtime.database.transaction() as session:
        entry = {
            "id": new_id(), "at": datetime.now(UTC), "actor": "system", "action": "thing.make", "object_kind": "thing",
            "changes": {"名": ["a", None], "n": [1, 2.5]},
        }  # fmt: skip
        await Prepared(insert(entries)).run(session, **entry)
        length = func.length(entries.c.actor)
        built = select(entries, func.avg(length), cast(length, Float), func.count().label("number"))
        built = built.group_by(*entries.c)
        [ours] = await Prepared(built).all(session)
        [theirs] = (await session.execute(built)).all()
    assert ours == tuple(theirs)
    assert ours.changes == entry["changes"]
    assert ours.at == entry["at"]


async def test_an_upsert_is_spelt_for_each_database(shop):
    made = a_thing()
    async with shop.runtime.database.transaction() as session:
        await PUT.run(session, **made)
        await PUT.run(session, **made | {"name": "again"})
        assert await RENAME.all(session, thing_id=made["id"], to="third") == [1]
        assert await RENAME.run(session, thing_id=made["id"], to="fourth") == 1
        assert await RENAME.run(session, thing_id=new_id(), to="none") == 0
        assert await NAME.one(session, thing_id=made["id"]) == "fourth"


async def test_it_sees_what_the_orm_has_changed_and_the_orm_what_it_wrote(shop):
    async with shop.runtime.database.transaction() as session:
        thing = Thing(**a_thing(name="first"))
        session.add(thing)
        assert await NAME.one(session, thing_id=thing.id) == "first"
        thing.name = "second"
        assert await NAME.one(session, thing_id=thing.id) == "second"
        await RENAME.run(session, thing_id=thing.id, to="third")
        await session.refresh(thing)
        assert thing.name == "third"
        thing.name = "fourth"
    assert await shop.names() == ["fourth"]


@pytest.mark.parametrize("orm_first", [True, False])
async def test_what_both_wrote_is_undone_together(shop, orm_first):
    async def fail() -> None:
        async with shop.runtime.database.transaction() as session:
            if orm_first:
                session.add(Thing(**a_thing()))
                await session.flush()
            await ADD.run(session, **a_thing())
            session.add(Thing(**a_thing()))
            await session.flush()
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        await fail()
    assert await shop.names() == []


async def test_its_errors_are_those_of_the_orm(shop):
    made = a_thing()
    async with shop.runtime.database.transaction() as session:
        await ADD.run(session, **made)

    async def twice() -> None:
        async with shop.runtime.database.transaction() as session:
            await ADD.run(session, **made)

    with pytest.raises(IntegrityError) as refused:
        await twice()
    assert "轮子" not in str(refused.value)
    async with shop.runtime.database.transaction() as session:
        assert await NAME.one(session, thing_id=made["id"]) == "轮子"


async def test_parameters_that_are_missing_or_unknown_are_refused(shop):
    async with shop.runtime.database.reading() as session:
        with pytest.raises(TypeError, match="thing_id"):
            await NAME.all(session)
        with pytest.raises(TypeError, match="thin_id"):
            await NAME.all(session, thing_id=new_id(), thin_id=new_id())
        with pytest.raises(TypeError, match="among"):
            await Prepared(select(things.c.id).where(things.c.id.in_(bindparam("ids")))).all(session, ids=[])


async def test_a_statement_made_for_one_call_is_of_a_kind_and_keeps_its_own_values(shop):
    made = [a_thing(name=f"n{weight}", weight=weight, status=["open", "closed"][weight % 2]) for weight in range(6)]

    def among(ids: list[Any], status: str, below: int) -> Any:
        found = select_model(Thing).where(col(Thing.id).in_(ids), col(Thing.status) == status)
        return found.where(col(Thing.weight) < below).order_by(col(Thing.weight)).limit(below)

    ids = [thing["id"] for thing in made]
    async with shop.runtime.database.transaction() as session:
        await ADD.run_many(session, made)
        for asked, status, below in [(ids, "open", 5), (ids[:2], "closed", 9), ([], "open", 9), (ids[1:], "open", 3)]:
            statement = among(asked, status, below)
            rows = await rows_of(session, statement)
            assert [row.name for row in rows] == [thing.name for thing in await session.exec(statement)]
        assert await rows_of(session, select(func.count()).select_from(things)) == [6]
        both = await rows_of(session, select_model(Thing, Thing.name).where(col(Thing.id) == ids[3]))
        assert [(thing.weight, name) for thing, name in both] == [(3, "n3")]
