"""What is said, and what goes on, when the network between a service and its database loses something."""

import asyncio
import functools
import itertools
import random
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlmodel import col

from chassis.database.lines import TURNS
from chassis.messaging.local_log import LocalLog
from chassis.messaging.relay import Relay
from tests.service.chassis import workshop as of
from tests.service.chassis.shop import Workshop, code_of
from tests.service.chassis.workshop_things import Thing, tables
from tests.support.messaging import running
from tests.support.network import Network
from tests.support.postgres import PostgresServer
from tests.support.scale import scaled, seed
from tests.support.waiting import eventually

POOL = 10
LOST_PIECES = scaled(10, reduced=2)
numbers = itertools.count()

pytestmark = [pytest.mark.postgres, pytest.mark.fault(22)]


@pytest.fixture
def short_row_waits(monkeypatch):
    """The bound of a whole statement stays: on a busy machine two that end so close together are one."""
    monkeypatch.setattr("chassis.database.engine.ROW_WAIT_SECONDS", 0.5)


@pytest.fixture
def short_waits(monkeypatch, short_row_waits):
    monkeypatch.setattr("chassis.database.engine.STATEMENT_SECONDS", 1.0)


@asynccontextmanager
async def behind_a_network(settings) -> AsyncIterator[tuple[Workshop, Network]]:
    with PostgresServer(in_memory=True) as server:
        url = make_url(server.create_database("workshop"))
        async with Network(to_port=server.port).running() as network:
            through = url.set(host="127.0.0.1", port=network.port).render_as_string(hide_password=False)
            async with Workshop(of.workshop, settings, database_url=through) as shop:
                yield shop, network


def a_thing(shop: Workshop, name: str) -> dict[str, str]:
    return {"community_id": str(shop.community_id), "name": name}


async def names(shop: Workshop) -> set[str]:
    return {row[0] for row in await shop.rows(select(col(Thing.name)))}


async def test_a_connection_lost_with_the_answer_to_commit_is_not_called_undone(settings, switches):
    async with behind_a_network(settings) as (shop, network):
        owner = await shop.member("owner")
        assert (await owner.post("/v1/things", json=a_thing(shop, "first"))).status_code == 201
        network.cut_after = lambda data: b"COMMIT" in data
        answer = await owner.post("/v1/things", json=a_thing(shop, "second"), headers={"Idempotency-Key": "k"})
        network.cut_after = None
        assert network.cuts == 1
        assert code_of(answer) == (504, "outcome_unknown")
        again = await owner.post("/v1/things", json=a_thing(shop, "second"), headers={"Idempotency-Key": "k"})
        assert again.status_code == 201
        assert sorted(await names(shop)) == ["first", "second"]
        assert len(await shop.published("thing.made")) == 2


async def test_a_connection_lost_before_the_commit_means_that_nothing_was_done(settings, switches):
    async with behind_a_network(settings) as (shop, network):
        owner = await shop.member("owner")
        network.cut_after = lambda data: b"INSERT INTO things" in data
        assert code_of(await owner.post("/v1/things", json=a_thing(shop, "lost"))) == (503, "unavailable")
        network.cut_after = None
        assert await names(shop) == set()


@pytest.mark.slow
async def test_half_a_second_more_for_each_answer_loses_and_doubles_nothing(settings, switches):
    async with behind_a_network(settings) as (shop, network):
        owner = await shop.member("owner")
        network.delay = 0.25
        began = time.monotonic()
        sent = [
            owner.post("/v1/things", json=a_thing(shop, f"thing {n}"), headers={"Idempotency-Key": f"key {n}"})
            for n in (1, 2, 3, 1, 2, 3)
        ]
        answers = await asyncio.gather(*sent)
        # Some twelve answers of the database each, one after the other, and the first ones of a new connection.
        assert time.monotonic() - began < 20
        network.delay = 0.0
        assert {code_of(answer) for answer in answers if answer.status_code != 201} <= {
            (409, "idempotency_in_progress")
        }
        for n in (1, 2, 3):
            key = {"Idempotency-Key": f"key {n}"}
            assert (await owner.post("/v1/things", json=a_thing(shop, f"thing {n}"), headers=key)).status_code == 201
        assert sorted(await shop.names()) == ["thing 1", "thing 2", "thing 3"]
        assert len(await shop.published("thing.made")) == 3


@pytest.mark.slow
async def test_one_piece_in_a_hundred_that_is_lost_costs_time_alone(settings, switches):
    async with behind_a_network(settings) as (shop, network):
        owner = await shop.member("owner")
        network.chance, network.lost = random.Random(seed()), 0.01
        sent: list[str] = []
        async with asyncio.timeout(300):
            while network.stalls < LOST_PIECES:
                five = [f"thing {len(sent) + n}" for n in range(5)]
                sent += five
                answers = await asyncio.gather(*(owner.post("/v1/things", json=a_thing(shop, name)) for name in five))
                assert [answer.status_code for answer in answers] == [201] * 5
        network.lost = 0.0
        assert sorted(await shop.names()) == sorted(sent)
        assert len(await shop.published("thing.made")) == len(sent)


@pytest.mark.slow
async def test_connections_that_fall_silent_are_let_go_and_new_ones_made(settings, switches, short_waits):
    async with behind_a_network(settings) as (shop, network):
        owner = await shop.member("owner")
        things = f"/v1/things?community_id={shop.community_id}"
        # Several connections of both pools, all of which fall silent.
        await asyncio.gather(*(owner.post("/v1/things", json=a_thing(shop, f"one {n}")) for n in range(6)))
        await asyncio.gather(*(owner.get(things) for _ in range(6)))
        network.freeze()
        began = time.monotonic()
        during = await asyncio.gather(
            *(owner.post("/v1/things", json=a_thing(shop, f"two {n}")) for n in range(3)),
            *(owner.get(things) for _ in range(3)),
        )
        assert {answer.status_code for answer in during} <= {200, 201, 503}
        # Bounded by the limit of a statement, with the wait for its end: not by how long the network stays silent.
        assert time.monotonic() - began < 20
        assert (await owner.post("/v1/things", json=a_thing(shop, "after"))).status_code == 201
        assert (await owner.get(things)).status_code == 200


@pytest.mark.slow
async def test_a_relay_whose_connection_falls_silent_goes_on_with_another(
    settings, switches, short_waits, tmp_path, monkeypatch
):
    monkeypatch.setattr("chassis.messaging.outlet.LEASE_SECONDS", 1)
    async with behind_a_network(settings) as (shop, network):
        owner = await shop.member("owner")
        log = LocalLog(tmp_path / "log.sqlite")

        async def written(name: str) -> bool:
            read = await owner.get(f"/v1/things?community_id={shop.community_id}")
            return read.status_code == 200 and (
                (await owner.post("/v1/things", json=a_thing(shop, name))).status_code == 201
            )

        async def all_sent() -> bool:
            return await shop.rows(select(tables.messaging.outbox.c.seq)) == []

        async with running(Relay(shop.runtime.database, log, service="workshop", topics=["qunxue.workshop"])):
            for name in ("first", "second"):
                await eventually(functools.partial(written, name))
                await eventually(all_sent, what="sent")
                network.freeze()
        await log.close()


async def test_a_row_that_somebody_holds_is_waited_for_shortly_and_refuses_its_callers_alone(
    settings, switches, short_row_waits, postgres_server
):
    async with Workshop(of.workshop, settings, database_url=postgres_server.create_database("rows")) as shop:
        member, thing = await shop.member(), await shop.thing(seats=5)
        other = await shop.thing(seats=5)
        async with shop.runtime.database.transaction() as session:
            await session.execute(select(Thing).where(col(Thing.id) == thing).with_for_update())
            held = await member.post(f"/v1/things/{thing}/seats")
            free = await member.post(f"/v1/things/{other}/seats")
        assert code_of(held) == (503, "unavailable")
        assert "changing the same" in held.json()["detail"]
        assert held.headers["Retry-After"] == "1"
        assert free.status_code == 201
        assert (await member.post(f"/v1/things/{thing}/seats")).status_code == 201


@pytest.fixture
def long_waits(monkeypatch):
    monkeypatch.setattr("chassis.database.engine.ROW_WAIT_SECONDS", 60.0)
    monkeypatch.setattr("chassis.database.lines.STILL_SECONDS", 60.0)
    monkeypatch.setattr("chassis.patience.PATIENCE_SECONDS", 60.0)
    monkeypatch.setattr("chassis.database.engine.STATEMENT_SECONDS", 60.0)


def of_one_row(shop: Workshop, member: httpx.AsyncClient, thing: UUID) -> Awaitable[httpx.Response]:
    return member.post(f"/v1/things/{thing}/seats")


def of_one_key(shop: Workshop, member: httpx.AsyncClient, thing: UUID) -> Awaitable[httpx.Response]:
    return member.post(f"/v1/things/{thing}/seats", headers={"Idempotency-Key": "the same for all"})


def of_one_foreign_key(shop: Workshop, member: httpx.AsyncClient, thing: UUID) -> Awaitable[httpx.Response]:
    """Nobody locks the thing: that the row which names it waits is up to the database."""
    number = next(numbers)
    return member.post(
        "/v1/labels", json={"code": str(number), "thing_id": str(thing), "place": number, "colour": str(number)}
    )


@pytest.mark.parametrize("wants", [of_one_row, of_one_key, of_one_foreign_key])
async def test_many_that_want_one_row_keep_two_connections_at_most_and_all_get_it_in_the_end(
    settings, switches, long_waits, postgres_server, wants
):
    async with Workshop(
        of.workshop, settings, database_url=postgres_server.create_database(f"rows_{wants.__name__}")
    ) as shop:
        members = [await shop.member() for _ in range(1 if wants is of_one_key else 3 * POOL)]
        members *= 3 * POOL // len(members)
        thing, other = await shop.thing(seats=3 * POOL), await shop.thing(seats=1)
        turns = 1 if wants is of_one_key else TURNS
        pool = shop.runtime.database.writer.pool
        assert isinstance(pool, AsyncAdaptedQueuePool)
        async with shop.runtime.database.transaction() as session:
            await session.execute(select(Thing).where(col(Thing.id) == thing).with_for_update())
            waiting = [asyncio.ensure_future(wants(shop, member, thing)) for member in members]

            async def all_in_line() -> bool:
                behind = sum(len(line.behind) for line in shop.runtime.lines.of.values())
                return behind == len(waiting) - turns and pool.checkedout() == 1 + turns

            await eventually(all_in_line)
            assert (await members[0].post(f"/v1/things/{other}/seats")).status_code == 201
        answers = await asyncio.gather(*waiting)
        assert {answer.status_code for answer in answers} == {201}
        if wants is not of_one_foreign_key:
            positions = [answer.json()["position"] for answer in answers]
            assert sorted(positions) == (
                [1] * len(answers) if wants is of_one_key else list(range(1, len(answers) + 1))
            )
        assert shop.runtime.lines.of == {}


async def test_a_row_that_does_not_come_free_refuses_its_whole_line_and_nobody_else(
    settings, switches, short_row_waits, postgres_server
):
    async with Workshop(of.workshop, settings, database_url=postgres_server.create_database("rows_kept")) as shop:
        members = [await shop.member() for _ in range(3 * POOL)]
        thing, other = await shop.thing(seats=3 * POOL), await shop.thing(seats=1)
        async with shop.runtime.database.transaction() as session:
            await session.execute(select(Thing).where(col(Thing.id) == thing).with_for_update())
            waiting = [asyncio.ensure_future(of_one_row(shop, member, thing)) for member in members]
            assert (await members[0].post(f"/v1/things/{other}/seats")).status_code == 201
            refused = await asyncio.gather(*waiting)
        assert {code_of(answer) for answer in refused} == {(503, "unavailable")}
        assert {answer.headers["Retry-After"] for answer in refused} == {"1"}
        assert (await of_one_row(shop, members[0], thing)).status_code == 201


async def test_an_error_of_the_database_names_no_parameters(settings, switches, postgres_server):
    async with Workshop(of.workshop, settings, database_url=postgres_server.create_database("hidden")) as shop:
        with pytest.raises(Exception, match="things") as failed:
            await shop.rows(select(col(Thing.id)).where(col(Thing.name).op("~")("secret-[name")))
        assert "secret-[name" not in str(failed.value).partition("[SQL")[2]
