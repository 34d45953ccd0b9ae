"""A trace that comes with a request goes on in what the service calls and says; what is no trace goes nowhere."""

import asyncio

import pytest
from sqlalchemy import select

from chassis.ids import new_id
from tests.service.chassis.workshop_things import tables

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
OTHER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"


async def traces(shop) -> list[str | None]:
    outbox = tables.messaging.outbox
    return [trace for (trace,) in await shop.rows(select(outbox.c.traceparent).order_by(outbox.c.seq))]


def a_thing(shop) -> dict[str, str]:
    return {"community_id": str(shop.community_id), "name": "a thing"}


async def test_the_trace_of_a_request_is_that_of_its_messages(shop):
    owner = await shop.member("owner")
    for headers in ({"traceparent": TRACE}, {}, {"traceparent": OTHER}):
        assert (await owner.post("/v1/things", json=a_thing(shop), headers=headers)).status_code == 201
    assert await traces(shop) == [TRACE, None, OTHER]


async def test_requests_at_the_same_time_keep_their_traces_apart(shop):
    owner = await shop.member("owner")
    sent = [f"00-{number:032x}-{number:016x}-01" for number in range(1, 21)]

    async def make(trace: str) -> None:
        body = a_thing(shop) | {"name": trace}
        assert (await owner.post("/v1/things", json=body, headers={"traceparent": trace})).status_code == 201

    await asyncio.gather(*(make(trace) for trace in sent))
    assert sorted(str(trace) for trace in await traces(shop)) == sent


@pytest.mark.parametrize(
    "header",
    [
        "x" * 200,
        TRACE + "-" + "0" * 60,
        TRACE.upper(),
        f"ff{TRACE[2:]}",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        "'; drop table outbox",
        "",
    ],
)
async def test_what_is_no_trace_hinders_nothing_and_is_said_to_nobody(shop, header):
    owner = await shop.member("owner")
    answer = await owner.post("/v1/things", json=a_thing(shop), headers={"traceparent": header})
    assert answer.status_code == 201
    assert await traces(shop) == [None]


async def test_a_question_to_another_service_is_of_the_same_trace(shop):
    person = new_id()
    shop.answer(person, shop.community_id, roles=["owner"])
    answer = await shop.as_person(person).post("/v1/things", json=a_thing(shop), headers={"traceparent": TRACE})
    assert answer.status_code == 201
    assert shop.membership.traces == [TRACE]
