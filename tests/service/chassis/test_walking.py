"""A walk over all rows of a statement gives each once, in the order of its key, however few are read at a time."""

import pytest
from sqlalchemy import select
from sqlmodel import col

from chassis.database import walking
from chassis.database.bulk import insert_many
from chassis.database.walking import walk
from tests.service.chassis.test_bulk import rows, things
from tests.service.chassis.workshop_things import Thing

FEW = 3
KEYS = {"one column": (col(Thing.id),), "two columns": (col(Thing.status), col(Thing.id))}


@pytest.mark.parametrize("number", [0, FEW - 1, FEW, FEW + 1, 3 * FEW])
@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
async def test_each_row_comes_once_and_in_order(shop, monkeypatch, number, key):
    monkeypatch.setattr(walking, "ROWS", FEW)
    made = rows(number)
    for place, row in enumerate(made):
        row["status"] = ("open", "closed")[place % 2]
    async with shop.runtime.database.transaction() as session:
        await insert_many(session, things, made)
    names = [column.key for column in key]
    async with shop.runtime.database.reading() as session:
        found = [
            (tuple(getattr(thing, name) for name in names), weight)
            async for thing, weight in walk(session, select(Thing, col(Thing.weight)), *key)
        ]
    assert found == sorted((tuple(row[name] for name in names), row["weight"]) for row in made)


async def test_what_the_statement_leaves_out_is_not_walked_over(shop, monkeypatch):
    monkeypatch.setattr(walking, "ROWS", FEW)
    async with shop.runtime.database.transaction() as session:
        await insert_many(session, things, rows(3 * FEW))
    heavy = select(Thing).where(col(Thing.weight) >= FEW)
    async with shop.runtime.database.reading() as session:
        found = {thing.weight async for (thing,) in walk(session, heavy, col(Thing.id))}
    assert found == set(range(FEW, 3 * FEW))
