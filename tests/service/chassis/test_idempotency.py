"""One `Idempotency-Key`: one effect, one answer, whatever is repeated and when."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from chassis.housekeeping import housekeeping
from tests.service.chassis.shop import ON_POSTGRES, code_of
from tests.service.chassis.workshop_things import known, tables
from tests.support.waiting import eventually

KEY = {"Idempotency-Key": "one-and-the-same"}


def a_thing(shop, name="wheel"):
    return {"community_id": str(shop.community_id), "name": name}


@pytest.mark.fault(15)
async def test_fifty_requests_at_once_have_one_effect_and_one_answer(shop):
    owner = await shop.member("owner")
    answers = await asyncio.gather(*(owner.post("/v1/things", json=a_thing(shop), headers=KEY) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 49
    assert await shop.names() == ["wheel"]
    assert len(await shop.published("thing.made")) == 1


async def test_a_repetition_says_that_it_is_one(shop):
    owner = await shop.member("owner")
    first = await owner.post("/v1/things", json=a_thing(shop), headers=KEY)
    again = await owner.post("/v1/things", json=a_thing(shop), headers=KEY)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert (again.status_code, again.content, again.headers["location"]) == (
        first.status_code,
        first.content,
        first.headers["location"],
    )


async def test_the_key_with_another_body_is_refused(shop):
    owner = await shop.member("owner")
    await owner.post("/v1/things", json=a_thing(shop), headers=KEY)
    other = await owner.post("/v1/things", json=a_thing(shop, "axle"), headers=KEY)
    assert code_of(other) == (422, "idempotency_key_reused")
    assert await shop.names() == ["wheel"]


async def test_a_body_that_is_not_valid_is_told_so_whatever_its_key(shop):
    owner = await shop.member("owner")
    await owner.post("/v1/things", json=a_thing(shop), headers=KEY)
    assert code_of(await owner.post("/v1/things", json={}, headers=KEY)) == (422, "invalid")


async def test_a_key_belongs_to_its_caller_and_operation(shop):
    one, other = await shop.member("owner"), await shop.member("owner")
    thing = await shop.thing(seats=5)
    made = await one.post("/v1/things", json=a_thing(shop), headers=KEY)
    assert (await other.post("/v1/things", json=a_thing(shop), headers=KEY)).json()["id"] != made.json()["id"]
    assert (await one.post(f"/v1/things/{thing}/seats", headers=KEY)).json() == {"position": 1}


async def test_a_repetition_is_answered_only_to_one_who_may_still_do_it(shop):
    owner = await shop.member("owner")
    await owner.post("/v1/things", json=a_thing(shop), headers=KEY)
    await shop.write(update(known.members).where(known.members.c.person_id == owner.person_id).values(status="muted"))
    assert code_of(await owner.post("/v1/things", json=a_thing(shop), headers=KEY)) == (403, "forbidden")


async def test_a_refused_request_leaves_no_key(shop):
    owner = await shop.member("owner")
    url = f"/v1/failures/refused?community_id={shop.community_id}"
    assert code_of(await owner.post(url, headers=KEY)) == (412, "precondition_failed")
    assert await shop.rows(select(func.count()).select_from(tables.chassis.idempotency_keys)) == [(0,)]


async def test_a_refusal_that_is_kept_leaves_the_key_free(shop):
    owner = await shop.member("owner")
    url = f"/v1/failures/declined?community_id={shop.community_id}"
    assert [(await owner.post(url, headers=KEY)).status_code for _ in range(2)] == [409, 409]
    assert await shop.names() == ["left by declined"] * 2


async def test_a_commit_that_fails_leaves_no_key(shop):
    owner = await shop.member("owner")
    url = f"/v1/failures/at_commit?community_id={shop.community_id}"
    for _ in range(2):
        assert code_of(await owner.post(url, headers=KEY)) == (500, "internal_error")


async def test_a_repetition_that_no_rule_answered_is_undone_and_answered_all_the_same(shop):
    owner = await shop.member("owner")
    url = f"/v1/failures/none?community_id={shop.community_id}"
    first, again = await owner.post(url, headers=KEY), await owner.post(url, headers=KEY)
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert await shop.names() == ["left by none"]


async def test_a_duplicate_waits_for_the_first_and_then_says_that_it_still_runs(shop, switches, database, monkeypatch):
    monkeypatch.setattr("chassis.database.lines.STILL_SECONDS", 1)
    monkeypatch.setattr("chassis.database.engine.WRITER_WAIT_SECONDS", 1)
    owner = await shop.member("owner")
    switches.hold = asyncio.Event()
    first = asyncio.create_task(owner.post("/v1/things", json=a_thing(shop), headers=KEY))
    await switches.entered_event.wait()
    second = await owner.post("/v1/things", json=a_thing(shop), headers=KEY)
    # SQLite's one writer is busy with the first, whatever the second is about.
    assert code_of(second) == ((409, "idempotency_in_progress") if database == "postgres" else (503, "unavailable"))
    assert second.headers["retry-after"] == "1"
    switches.hold.set()
    assert (await first).status_code == 201
    assert (await owner.post("/v1/things", json=a_thing(shop), headers=KEY)).headers["idempotency-replayed"]


async def test_a_repetition_is_answered_before_the_new_state_could_refuse_it(shop):
    owner = await shop.member("owner")
    thing = await shop.thing()
    first = await owner.post(f"/v1/things/{thing}/close", headers=KEY)
    again = await owner.post(f"/v1/things/{thing}/close", headers=KEY)
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)
    assert code_of(await owner.post(f"/v1/things/{thing}/close")) == (409, "illegal_transition")


@ON_POSTGRES  # SQLite has one writer: the second begins when the first has ended
async def test_when_the_first_fails_the_one_that_waited_has_the_effect(shop, switches):
    owner = await shop.member("owner")
    switches.hold = asyncio.Event()
    first = asyncio.create_task(owner.post("/v1/things", json=a_thing(shop), headers=KEY))
    await switches.entered_event.wait()
    second = asyncio.create_task(owner.post("/v1/things", json=a_thing(shop), headers=KEY))

    async def waits():
        return any(line.behind for line in shop.runtime.lines.of.values())

    await eventually(waits)
    first.cancel()
    await asyncio.wait([first])
    switches.hold.set()
    answer = await second
    assert (answer.status_code, "idempotency-replayed" in answer.headers) == (201, False)
    assert await shop.names() == ["wheel"]


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
async def test_a_key_that_is_none_is_refused(shop, key):
    owner = await shop.member("owner")
    answer = await owner.post("/v1/things", json=a_thing(shop), headers={"Idempotency-Key": key})
    assert code_of(answer) == (422, "invalid")
    assert answer.json()["errors"][0]["pointer"] == "#/header/idempotency-key"


async def test_an_upload_is_repeated_like_any_other_request(shop):
    owner = await shop.member("owner")
    send = {
        "url": f"/v1/things/imports?community_id={shop.community_id}",
        "content": b"one\ntwo\n",
        "headers": KEY | {"content-type": "text/csv"},
    }
    first, again = await owner.post(**send), await owner.post(**send)
    assert (first.status_code, again.status_code) == (202, 202)
    assert (first.headers["location"], first.content) == (again.headers["location"], again.content)
    await shop.run_jobs()
    assert await shop.names() == ["one", "two"]


async def test_a_chunked_upload_reaches_the_endpoint_whole(shop):
    async def chunks():
        for name in ("one", "two", "three"):
            yield f"{name}\n".encode()

    owner = await shop.member("owner")
    for _ in range(2):
        answer = await owner.post(
            f"/v1/things/imports?community_id={shop.community_id}",
            content=chunks(),
            headers=KEY | {"content-type": "text/csv"},
        )
        assert answer.status_code == 202
    await shop.run_jobs()
    assert await shop.names() == ["one", "two", "three"]


async def test_a_key_is_forgotten_after_a_day(shop):
    owner = await shop.member("owner")
    async with shop.runtime.database.transaction() as session:
        await housekeeping.set_periodic(session, shop.clock())
    await owner.post("/v1/things", json=a_thing(shop), headers=KEY)
    for hours, left in ((23, 1), (2, 0)):
        await shop.caught_up(shop.clock.advance(timedelta(hours=hours)))
        await housekeeping.run_due(shop.runtime)
        assert await shop.rows(select(func.count()).select_from(tables.chassis.idempotency_keys)) == [(left,)]
    assert "idempotency-replayed" not in (await owner.post("/v1/things", json=a_thing(shop), headers=KEY)).headers


async def test_what_says_so_is_remembered_longer(shop, monkeypatch):
    (route,) = [
        one for router in shop.runtime.service.routers for one in router.routes if one.operation_id == "make_thing"
    ]
    monkeypatch.setattr(route, "operation", replace(route.operation, remembered=timedelta(days=7)))
    owner = await shop.member("owner")
    async with shop.runtime.database.transaction() as session:
        await housekeeping.set_periodic(session, shop.clock())
    made = await owner.post("/v1/things", json=a_thing(shop), headers=KEY)
    for hours, replayed in ((7 * 24 - 1, True), (2, False)):
        await shop.caught_up(shop.clock.advance(timedelta(hours=hours)))
        await housekeeping.run_due(shop.runtime)
        again = await owner.post("/v1/things", json=a_thing(shop), headers=KEY)
        assert ("idempotency-replayed" in again.headers, again.json() == made.json()) == (replayed, replayed)


async def test_operations_that_open_their_own_sessions_do_not_promise_keys(shop):
    document = (await shop.anonymous().get("/openapi.json")).json()

    def takes_key(path):
        return any(one["name"] == "Idempotency-Key" for one in document["paths"][path]["post"].get("parameters", []))

    assert takes_key("/v1/things")
    assert not takes_key("/v1/things/batch")


async def test_a_repetition_is_answered_with_the_callers_own_first_answer(shop):
    callers = [await shop.member("owner") for _ in range(3)]
    first = [await caller.post("/v1/things", json=a_thing(shop), headers=KEY) for caller in callers]
    again = [await caller.post("/v1/things", json=a_thing(shop), headers=KEY) for caller in callers]
    assert [answer.content for answer in again] == [answer.content for answer in first]
    assert len({answer.json()["id"] for answer in again}) == 3


async def test_a_repetition_is_answered_with_the_first_answer_of_its_own_operation(shop):
    owner = await shop.member("owner")
    thing = await shop.thing(seats=5)
    requests = [{"url": f"/v1/things/{thing}/seats"}, {"url": "/v1/things", "json": a_thing(shop)}]
    first = [await owner.post(**request, headers=KEY) for request in requests]
    again = [await owner.post(**request, headers=KEY) for request in requests]
    assert [answer.content for answer in again] == [answer.content for answer in first]


async def test_the_key_with_another_query_is_refused(shop):
    owner = await shop.member("owner")
    url = f"/v1/failures/none?community_id={shop.community_id}"
    await owner.post(url, headers=KEY)
    assert code_of(await owner.post(f"{url}&", headers=KEY)) == (422, "idempotency_key_reused")
