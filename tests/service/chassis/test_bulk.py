"""Many rows in one statement: what arrives, in which order, and what an error looks like."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from chassis.database.base import new_row
from chassis.database.bulk import insert_many
from chassis.database.errors import is_transient
from chassis.ids import new_id
from chassis.messaging.outbox import Outgoing, emit_many
from tests.service.chassis.workshop_things import Thing, ThingMade

NUMBERS = [1, 10, 120]
"""Rows that go as parameters, as arrays and, on PostgreSQL, by COPY."""
MANY = 120

things: Any = Thing.__table__  # type: ignore[attr-defined]


def rows(number: int) -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    return [
        {
            "id": new_id(),
            "community_id": new_id(),
            "member_id": new_id() if n % 2 else None,
            "name": f"第 {n} 件\t\\N \"'",
            "weight": n,
            "status": "open",
            "version": 1,
            "seats": 0,
            "messages_published": 0,
            "made_at": now,
        }
        for n in range(number)
    ]


@pytest.mark.parametrize("number", NUMBERS)
async def test_every_row_arrives_as_it_was(shop, number):
    made = rows(number)
    async with shop.runtime.database.transaction() as session:
        await insert_many(session, things, made)
    async with shop.runtime.database.reading() as session:
        found = (await session.execute(select(things).order_by(things.c.weight))).mappings().all()
    assert [{name: row[name] for name in made[0]} for row in found] == made


@pytest.mark.parametrize("number", NUMBERS)
async def test_an_error_takes_them_all_back(shop, number):
    async def fail() -> None:
        async with shop.runtime.database.transaction() as session:
            await insert_many(session, things, rows(number))
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        await fail()
    assert await shop.rows(select(func.count()).select_from(things)) == [(0,)]


@pytest.mark.parametrize("number", NUMBERS)
async def test_a_key_that_exists_is_an_integrity_error(shop, number):
    async def add_twice() -> None:
        made = rows(number)
        async with shop.runtime.database.transaction() as session:
            await session.execute(insert(things).values(made[-1]))
            await insert_many(session, things, made)

    with pytest.raises(IntegrityError) as refused:
        await add_twice()
    assert not is_transient(refused.value)
    assert await shop.rows(select(func.count()).select_from(things)) == [(0,)]


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
@pytest.mark.postgres
async def test_a_value_of_the_wrong_type_is_no_reason_to_try_again(shop):
    made = rows(MANY)
    made[7]["weight"] = "heavy"

    async def add() -> None:
        async with shop.runtime.database.transaction() as session:
            await insert_many(session, things, made)

    with pytest.raises(TypeError) as refused:
        await add()
    assert not is_transient(refused.value)
    assert await shop.rows(select(func.count()).select_from(things)) == [(0,)]


@pytest.mark.parametrize("number", NUMBERS)
async def test_a_moment_without_a_time_zone_is_refused(shop, number):
    made = rows(number)
    made[-1]["made_at"] = made[-1]["made_at"].replace(tzinfo=None)

    async def add() -> None:
        async with shop.runtime.database.transaction() as session:
            await insert_many(session, things, made)

    with pytest.raises((ValueError, StatementError), match=r"time ?zone"):
        await add()
    assert await shop.rows(select(func.count()).select_from(things)) == [(0,)]


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
@pytest.mark.postgres
async def test_a_lost_connection_is_a_reason_to_try_again(shop):
    async def lose_it() -> None:
        async with shop.runtime.database.transaction() as session:
            connection = await session.connection()
            driver: Any = (await connection.get_raw_connection()).driver_connection
            driver.terminate()
            await insert_many(session, things, rows(MANY))

    with pytest.raises(DBAPIError) as refused:
        await lose_it()
    assert is_transient(refused.value)
    # The pool has forgotten it.
    async with shop.runtime.database.transaction() as session:
        await insert_many(session, things, rows(MANY))
    assert await shop.rows(select(func.count()).select_from(things)) == [(MANY,)]


@pytest.mark.parametrize("number", NUMBERS)
async def test_messages_leave_in_the_order_in_which_they_were_written(shop, number):
    messages = [
        Outgoing(ThingMade(thing_id=new_id(), community_id=new_id(), name=f"thing {n}"), 1, datetime.now(UTC))
        for n in range(number)
    ]
    outbox = shop.runtime.service.tables.messaging.outbox
    async with shop.runtime.database.transaction() as session:
        await emit_many(session, messages)
    async with shop.runtime.database.reading() as session:
        found = (await session.execute(select(outbox.c.aggregateid).order_by(outbox.c.seq))).scalars().all()
    assert found[-number:] == [message.event.subject() for message in messages]


def test_a_row_without_an_object_has_what_the_object_would_have():
    values = {
        name: value for name, value in rows(1)[0].items() if name not in {"version", "seats", "messages_published"}
    }
    assert new_row(Thing, **values) == Thing(**values).model_dump()
    first, second = (new_row(Thing, **{name: value for name, value in values.items() if name != "id"}) for _ in "ab")
    assert first["id"] != second["id"]


@pytest.mark.parametrize("values", [{}, {"colour": "red"}])
def test_a_row_without_an_object_lacks_no_column_and_has_no_other(values):
    with pytest.raises(TypeError, match="missing or unknown"):
        new_row(Thing, **values)
