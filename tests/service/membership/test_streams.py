"""Tickets by which streams are opened, and which sessions still last."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import jwt
import pytest
from sqlalchemy import select

from chassis.ids import new_id
from chassis.timers import Timer
from services.membership.sessions.models import LoginSession
from services.membership.streams.models import StreamTicket
from services.membership.streams.sweeping import forget_old_tickets
from tests.service.membership.scene import Scene

TICKETS = "/internal/stream-tickets"


async def a_session(scene: Scene, name: str = "小明") -> tuple[UUID, UUID]:
    """Somebody who has logged in: who they are, and the session."""
    await scene.client(name)
    person_id, now = scene.people[name], scene.harness.clock()
    row = LoginSession(person_id=person_id, started_at=now, last_used_at=now, proved_at=now, transport="body")
    session_id = row.id
    async with scene.harness.runtime.database.transaction() as session:
        session.add(row)
    return person_id, session_id


def gateway(scene: Scene) -> httpx.AsyncClient:
    return scene.harness.as_service("internal")


async def ticket_for(scene: Scene, person_id: UUID, session_id: UUID) -> httpx.Response:
    return await gateway(scene).post(TICKETS, json={"person_id": str(person_id), "session_id": str(session_id)})


async def redeemed(scene: Scene, ticket: str) -> httpx.Response:
    return await gateway(scene).post(f"{TICKETS}/redemptions", json={"ticket": ticket})


async def tickets_kept(scene: Scene) -> Sequence[Any]:
    async with scene.harness.runtime.database.reading() as session:
        return (await session.execute(select(StreamTicket.ticket_hash))).scalars().all()  # type: ignore[call-overload]


async def test_a_ticket_is_redeemed_once_for_whose_it_is(scene: Scene):
    person_id, session_id = await a_session(scene)
    answer = await ticket_for(scene, person_id, session_id)
    assert answer.json()["expires_in"] == 30
    ticket = answer.json()["ticket"]
    assert not [kept for kept in await tickets_kept(scene) if kept in ticket or ticket in kept], "only a hash is kept"
    found = await redeemed(scene, ticket)
    # The harness has keys of its own.
    claims = jwt.decode(found.json()["access_token"], options={"verify_signature": False})
    assert (claims["sub"], claims["sid"]) == (str(person_id), str(session_id))
    assert (await redeemed(scene, ticket)).status_code == 404


async def test_of_many_who_show_a_ticket_at_the_same_time_one_gets_in(scene: Scene):
    ticket = (await ticket_for(scene, *await a_session(scene))).json()["ticket"]
    answers = await asyncio.gather(*(redeemed(scene, ticket) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [404] * 7


async def test_a_ticket_expires_and_leaves_nothing(scene: Scene):
    someone = await a_session(scene)
    ticket = (await ticket_for(scene, *someone)).json()["ticket"]
    scene.harness.clock.advance(timedelta(seconds=31))
    assert (await redeemed(scene, ticket)).status_code == 404
    await ticket_for(scene, *someone)
    assert len(await tickets_kept(scene)) == 1, "the next one cleared it away"
    scene.harness.clock.advance(timedelta(hours=2))
    async with scene.harness.runtime.database.transaction() as session:
        await forget_old_tickets(
            session, Timer(new_id(), "streams.sweep", new_id(), scene.harness.clock(), scene.harness.clock())
        )
    assert await tickets_kept(scene) == []


async def test_a_ticket_of_a_session_that_has_ended_meanwhile_opens_nothing(scene: Scene):
    person_id, session_id = await a_session(scene)
    ticket = (await ticket_for(scene, person_id, session_id)).json()["ticket"]
    await scene.send(scene.admin, f"/v1/people/{person_id}/suspend")
    assert (await redeemed(scene, ticket)).status_code == 404
    assert (await ticket_for(scene, person_id, session_id)).status_code == 404


async def test_nobody_gets_a_ticket_in_the_session_of_another(scene: Scene):
    one, other = await a_session(scene), await a_session(scene, "小红")
    for person_id, session_id in ((one[0], other[1]), (one[0], new_id()), (new_id(), one[1])):
        assert (await ticket_for(scene, person_id, session_id)).status_code == 404


async def test_only_services_ask(scene: Scene):
    person_id, session_id = await a_session(scene)
    body = {"person_id": str(person_id), "session_id": str(session_id)}
    for client in (scene.again("小明"), scene.admin, scene.harness.as_service(), scene.harness.anonymous()):
        assert (await client.post(TICKETS, json=body)).status_code in {401, 404}
        assert (await client.post(f"{TICKETS}/redemptions", json={"ticket": "qxs_"})).status_code in {401, 404}
        assert (await client.post("/internal/sessions/ended", json={"session_ids": []})).status_code in {401, 404}


@pytest.mark.parametrize("how", ["ended_at", "unused", "too_old", "of_the_provider", "nobody's"])
async def test_a_session_is_over_for_whatever_reason(scene: Scene, how: str):
    now = scene.harness.clock()
    _, good = await a_session(scene)
    _, bad = await a_session(scene)
    async with scene.harness.runtime.database.transaction() as session:
        row = await session.get_one(LoginSession, bad)
        match how:
            case "ended_at":
                row.revoked_at = now
            case "unused":
                row.last_used_at = now - timedelta(days=30)
            case "too_old":
                row.started_at = now - timedelta(days=90)
            case "of_the_provider":
                row.ends_at = now
            case _:
                await session.delete(row)
    answer = await gateway(scene).post("/internal/sessions/ended", json={"session_ids": [str(good), str(bad)]})
    assert answer.json() == {"ended": [str(bad)]}
