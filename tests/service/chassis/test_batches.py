"""Batches: what 500 things in one request cost, and what becomes of each."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import select
from sqlmodel import col

from chassis.database.engine import Database
from chassis.ids import new_id
from chassis.problems import OUTCOME_UNKNOWN
from chassis.web import batch
from tests.service.chassis.shop import ON_SQLITE, code_of
from tests.service.chassis.workshop_things import Thing

CLOSE = "/v1/things/batch"


async def close(client, ids):
    answer = await client.post(CLOSE, json={"ids": [str(one) for one in ids]})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


@pytest.fixture
def transactions(shop, monkeypatch):
    """How many transactions were begun."""
    begun, genuine = [], Database.transaction

    @asynccontextmanager
    async def counted(self, **options):
        begun.append(options)
        async with genuine(self, **options) as session:
            yield session

    monkeypatch.setattr(Database, "transaction", counted)
    return begun


async def test_each_thing_is_answered_in_the_order_asked_and_one_named_twice_once(shop):
    owner = await shop.member("owner")
    things = [await shop.thing() for _ in range(3)]
    nobody = new_id()
    items = await close(owner, [things[0], nobody, things[1], things[0], things[2]])
    assert [(item["id"], item["status"]) for item in items] == [
        (str(things[0]), 200),
        (str(nobody), 404),
        (str(things[1]), 200),
        (str(things[2]), 200),
    ]
    assert [item["status"] for item in await close(owner, things)] == [409] * 3


async def test_what_is_not_there_is_found_out_with_one_look(shop, transactions):
    owner = await shop.member("owner")
    transactions.clear()
    items = await close(owner, [new_id() for _ in range(batch.MAX_ITEMS)])
    assert {item["status"] for item in items} == {404}
    assert len(transactions) == 1


async def test_a_refused_thing_undoes_nothing_of_those_committed_with_it(shop):
    owner = await shop.member("owner")
    things = [await shop.thing(), await shop.thing(status="closed"), await shop.thing()]
    assert [item["status"] for item in await close(owner, things)] == [200, 409, 200]
    assert await shop.rows(select(col(Thing.status))) == [("closed",)] * 3


async def test_a_long_batch_lets_others_write_in_between(shop, monkeypatch):
    monkeypatch.setattr(batch, "TOGETHER_SECONDS", 0.0)
    owner, member = await shop.member("owner"), await shop.member()
    things = [await shop.thing() for _ in range(20)]
    closing = asyncio.create_task(close(owner, things))
    body = {"community_id": str(shop.community_id), "name": "in between"}
    assert (await member.post("/v1/things", json=body)).status_code == 201
    assert not closing.done()
    assert {item["status"] for item in await closing} == {200}


@ON_SQLITE  # on PostgreSQL each has a commit of its own
async def test_what_was_lost_with_the_commit_is_the_answer_of_all_that_was_in_it(shop, monkeypatch):
    owner = await shop.member("owner")
    things = [await shop.thing() for _ in range(3)]
    genuine, begun = Database.transaction, 0

    @asynccontextmanager
    async def losing_the_second(self, **options):
        nonlocal begun
        begun += 1
        mine = begun
        async with genuine(self, **options) as session:
            yield session
        if mine == 2:  # the first was the look at what there is
            raise OUTCOME_UNKNOWN()

    monkeypatch.setattr(Database, "transaction", losing_the_second)
    monkeypatch.setattr(batch, "TOGETHER_SECONDS", 60.0)
    assert [item["problem"]["code"] for item in await close(owner, things)] == ["outcome_unknown"] * 3


async def test_of_one_caller_one_batch_runs_and_further_ones_wait_their_turn(shop, monkeypatch):
    monkeypatch.setattr(shop.runtime.batches, "_wait_seconds", 0.05)
    owner, other = await shop.member("owner"), await shop.member("owner")
    thing = await shop.thing()
    async with shop.runtime.batches.turn(f"person:{owner.person_id}"):
        refused = await owner.post(CLOSE, json={"ids": [str(thing)]})
        assert code_of(refused) == (429, "rate_limited")
        assert (await close(other, [thing]))[0]["status"] == 200
    assert (await close(owner, [thing]))[0]["status"] == 409
