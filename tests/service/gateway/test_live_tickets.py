"""Tickets for the live stream, for pages that cannot say who asks; and whose session is over has no stream for long."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from chassis.security.caller import Caller
from tests.service.gateway.changes import Changes, ids, reading
from tests.service.gateway.conftest import Begin, Scene
from tests.support.standins import Seen, person, token
from tests.support.streaming import Reader
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("beats_often")


@pytest.fixture
async def changes(scene: Scene) -> Changes:
    return Changes(scene)


class Tickets:
    """Membership's tickets, as the gateway asks for them."""

    def __init__(self, scene: Scene) -> None:
        self.of: dict[str, Caller] = {}
        self.asked: list[dict[str, str]] = []
        self.over: set[str] = set()
        answers = scene.membership.answers
        answers["/internal/stream-tickets"] = self._issue
        answers["/internal/stream-tickets/redemptions"] = self._redeem
        answers["/internal/sessions/ended"] = self._ended
        self.callers: dict[str, Caller] = {}

    def _issue(self, seen: Seen) -> Any:
        body = orjson.loads(seen.body)
        self.asked.append(body)
        caller = self.callers.get(body["session_id"])
        if caller is None:
            return 404, {}, b""
        ticket = f"qxs_{len(self.of):043}"
        self.of[ticket] = caller
        return {"ticket": ticket, "expires_in": 30}

    def _redeem(self, seen: Seen) -> Any:
        caller = self.of.pop(orjson.loads(seen.body)["ticket"], None)
        return (404, {}, b"") if caller is None else {"access_token": token(caller)}

    def _ended(self, seen: Seen) -> Any:
        body = orjson.loads(seen.body)
        self.asked.append(body)
        return {"ended": [one for one in body["session_ids"] if one in self.over]}


@pytest.fixture
def tickets(scene: Scene) -> Tickets:
    return Tickets(scene)


async def test_a_ticket_opens_one_stream_of_whose_it_is(scene: Scene, changes: Changes, tickets: Tickets):
    caller = person()
    tickets.callers[str(caller.session_id)] = caller
    answer = await scene.send("POST", "/v1/stream/tickets", caller)
    assert (answer.status_code, answer.json()["expires_in"]) == (201, 30)
    assert answer.headers["cache-control"] == "no-store"
    assert tickets.asked == [{"person_id": str(caller.id), "session_id": str(caller.session_id)}]
    query = f"ticket={answer.json()['ticket']}"
    reader = await Reader(scene.gateway, query).open()
    await reader.until("ready")
    changes.told(person())
    seq = changes.told(caller)
    await reader.until("notification")
    assert ids(reader) == [seq]
    again = await Reader(scene.gateway, query).open(status=401)
    assert '"ticket_invalid"' in again.text
    scene.membership.revoke("session", caller.session_id, datetime.now(UTC) + timedelta(seconds=1))
    await scene.gateway.runtime.revocations.refresh()
    await reader.ended()
    assert reader.named("end")[0].data == {"reason": "session_ended"}


@pytest.mark.parametrize(
    "query",
    [
        "ticket=",
        "ticket=qxs_short",
        "ticket=" + "a" * 47,
        "ticket=qxs_" + "%F0" * 43,
        f"ticket=qxs_{0:043}&ticket=qxs_{0:043}",
    ],
)
async def test_what_is_no_ticket_opens_nothing_and_is_not_asked_about(
    scene: Scene, changes: Changes, tickets: Tickets, query: str
):
    tickets.of[f"qxs_{0:043}"] = person()
    status = 401
    reader = await Reader(scene.gateway, query).open(status=status)
    assert '"ticket_invalid"' in reader.text or '"unauthenticated"' in reader.text
    assert len(tickets.of) == 1


async def test_a_ticket_is_good_for_nothing_but_a_stream(scene: Scene, tickets: Tickets):
    ticket = f"qxs_{0:043}"
    tickets.of[ticket] = person()
    for method, path in (("GET", "/v1/me/tasks"), ("POST", "/v1/stream/tickets"), ("GET", "/v1/stream/tickets")):
        assert (await scene.send(method, f"{path}?ticket={ticket}")).status_code in {401, 405}
    assert (await scene.get("/v1/me/tasks", Authorization=f"Bearer {ticket}")).status_code == 401
    assert tickets.of


async def test_tickets_tried_in_vain_are_counted_by_address_and_good_ones_are_not(
    scene: Scene, changes: Changes, tickets: Tickets, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(scene.gateway.proxy._limits._tickets, "limit", 2)
    for number in range(4):
        tickets.of[f"qxs_{number:043}"] = person()
        good = await Reader(scene.gateway, f"ticket=qxs_{number:043}").open()
        await good.leave()
    statuses = []
    for number in (7, 8, 9):
        reader = Reader(scene.gateway, f"ticket=qxs_{number:043}")
        await reader.open(status=429 if number == 9 else 401)
        statuses.append(reader.status)
    assert statuses == [401, 401, 429]


async def test_whose_session_has_ended_gets_no_ticket(scene: Scene, tickets: Tickets):
    answer = await scene.send("POST", "/v1/stream/tickets", person())
    assert (answer.status_code, answer.json()["code"]) == (401, "session_revoked")


async def test_without_membership_there_are_no_tickets_now(begin: Begin):
    scene = begin(without=("membership",))
    reader = await Reader(scene.gateway, f"ticket=qxs_{0:043}").open(status=503)
    assert int(reader.answered["retry-after"]) > 0


async def test_sessions_are_looked_at_again_and_those_that_are_over_have_no_stream(
    scene: Scene, changes: Changes, tickets: Tickets, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("gateway.live.streams.CHECKED_EACH_SECONDS", 0.0)
    callers = [person() for _ in range(3)]
    readers = [await reading(scene, caller) for caller in callers]
    await eventually(lambda: tickets.asked, what="asked about them")
    assert not any(reader.over for reader in readers)
    scene.membership.answers["/internal/sessions/ended"] = (503, {}, b"")
    tickets.over.add(str(callers[1].session_id))
    await asyncio.sleep(0.3)
    assert not readers[1].over, "it is not known"
    scene.membership.answers["/internal/sessions/ended"] = tickets._ended
    await readers[1].ended()
    assert readers[1].named("end")[0].data == {"reason": "session_ended"}
    for reader in (readers[0], readers[2]):
        assert not reader.over
        await reader.leave()


APP, ELSEWHERE = "https://app.example.com", "https://evil.example.com"


async def test_a_page_of_an_allowed_origin_gets_tickets_and_reads_the_stream_and_no_other(begin: Begin):
    scene = begin(allowed_origins=(APP,))
    changes, tickets, caller = Changes(scene), Tickets(scene), person()
    tickets.callers[str(caller.session_id)] = caller

    async def asks_first(origin: str, method: str, path: str) -> bool:
        asked = {"Origin": origin, "Access-Control-Request-Method": method}
        answer = await scene.send("OPTIONS", path, headers=asked | {"Access-Control-Request-Headers": "authorization"})
        assert answer.status_code == 204
        if "access-control-allow-origin" not in answer.headers:
            assert not [name for name in answer.headers if name.startswith("access-control")]
            return False
        taken = answer.headers["access-control-allow-headers"]
        assert method in answer.headers["access-control-allow-methods"]
        return {"authorization", "last-event-id"} <= set(taken.split(", "))

    for method, path in (("POST", "/v1/stream/tickets"), ("GET", "/v1/stream")):
        assert [await asks_first(origin, method, path) for origin in (APP, ELSEWHERE)] == [True, False]
    assert tickets.asked == changes.asked == [], "nothing has happened yet"

    for origin, allowed in ((APP, APP), (ELSEWHERE, None)):
        answer = await scene.send("POST", "/v1/stream/tickets", caller, headers={"Origin": origin})
        assert (answer.headers.get("access-control-allow-origin"), answer.headers["vary"]) == (allowed, "Origin")
        by_ticket = Reader(scene.gateway, f"ticket={answer.json()['ticket']}", {"Origin": origin})
        for reader in (await by_ticket.open(), await reading(scene, caller, Origin=origin)):
            await reader.until("ready")
            assert (reader.answered.get("access-control-allow-origin"), reader.answered["vary"]) == (allowed, "Origin")
            await reader.leave()
    refused = await Reader(scene.gateway, "ticket=qxs_short", {"Origin": APP}).open(status=401)
    assert refused.answered["access-control-allow-origin"] == APP, "so that the page reads why"
