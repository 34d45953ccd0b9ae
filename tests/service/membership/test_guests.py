"""What events vouches for, membership signs: links of speakers from outside become tokens of guests. Events is a stand-in here."""

from datetime import timedelta
from typing import Any

import jwt
import orjson
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chassis.ids import new_id
from chassis.secrets import hash_of

SECRET = "qxi_" + "a" * 43
ACTIVITY, INVITATION, LINK = new_id(), new_id(), new_id()


class Events:
    """Vouches for one link."""

    def __init__(self, membership: Any) -> None:
        self.asked: list[bytes] = []
        self.until = membership.harness.clock() + timedelta(days=1)
        self.status = 200
        peers = membership.harness.runtime.peers
        peers.apps = {"membership": membership.harness.app, "events": self}

    async def __call__(self, scope, receive, send):
        body = await Request(scope, receive).body()
        self.asked.append(body)
        await self._answer(scope["path"], body)(scope, receive, send)

    def _answer(self, path: str, body: bytes) -> Response:
        if self.status != 200:
            return Response(status_code=self.status)
        if path != "/internal/invitations/vouch" or orjson.loads(body) != {"secret_hash": hash_of(SECRET)}:
            return Response(status_code=404)
        vouched = {"invitation_id": INVITATION, "link_id": LINK, "activity_id": ACTIVITY, "until": self.until}
        return JSONResponse(orjson.loads(orjson.dumps(vouched)))


@pytest.fixture
async def events(membership):
    return Events(membership)


async def exchange(membership, invitation=SECRET, **more):
    return await membership.anonymous.post("/v1/tokens", json={"invitation": invitation, **more})


async def test_a_link_is_exchanged_for_a_token_of_one_activity(membership, events):
    answer = await exchange(membership)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["token_type"], body["scope"], body["activity_id"]) == ("Bearer", "", str(ACTIVITY))
    assert body["expires_in"] == 900
    assert answer.headers["cache-control"] == "no-store"
    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert (claims["kind"], claims["sub"], claims["sid"]) == ("guest", str(INVITATION), str(LINK))
    assert (claims["activity_id"], claims["scope"]) == (str(ACTIVITY), "")


async def test_a_link_can_be_exchanged_again(membership, events):
    first, second = await exchange(membership), await exchange(membership)
    assert first.json()["access_token"] != second.json()["access_token"]
    assert (first.status_code, second.status_code) == (200, 200)


async def test_events_is_told_the_hash_of_a_link_and_never_what_opens_the_door(membership, events):
    await exchange(membership)
    assert events.asked
    assert all(SECRET.encode() not in asked for asked in events.asked)


async def test_a_token_ends_with_the_invitation(membership, events):
    events.until = membership.harness.clock() + timedelta(seconds=90)
    answer = await exchange(membership)
    assert answer.json()["expires_in"] == 90
    events.until = membership.harness.clock()
    over = await exchange(membership)
    assert (over.status_code, over.json()["code"]) == (401, "invitation_refused")


async def test_a_link_that_nobody_gave_out_is_refused(membership, events):
    answer = await exchange(membership, "qxi_" + "b" * 43)
    assert (answer.status_code, answer.json()["code"]) == (401, "invitation_refused")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "guess", ["x", "qxi_", "qxi_" + "a" * 42, "qxi_" + "a" * 44, "qxs_" + "a" * 43, "qxi_" + "ä" * 43]
)
async def test_events_is_not_asked_about_what_is_no_link(membership, events, guess):
    answer = await exchange(membership, guess)
    assert (answer.status_code, answer.json()["code"]) == (401, "invitation_refused")
    assert events.asked == []


async def test_while_events_is_away_nobody_is_told_that_their_link_is_wrong(membership, events):
    events.status = 503
    answer = await exchange(membership)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    membership.harness.runtime.peers.apps = {"membership": membership.harness.app}
    await membership.harness.runtime.peers.close()
    nowhere = await exchange(membership)
    assert nowhere.status_code == 503


@pytest.mark.parametrize("more", [{"client_id": str(new_id())}, {"client_secret": "s"}, {"scope": "people.read"}])
async def test_an_invitation_stands_alone(membership, events, more):
    answer = await exchange(membership, **more)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == (f"/{next(iter(more))}", "not_together")
    assert events.asked == []


async def test_without_an_invitation_an_account_proves_itself_as_ever(membership, events):
    for body, missing in (({}, "client_id"), ({"client_id": str(new_id())}, "client_secret")):
        answer = await membership.anonymous.post("/v1/tokens", json=body)
        assert answer.status_code == 422
        assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(f"/{missing}", "missing")]


async def test_oauths_form_knows_no_invitations(membership, events):
    answer = await membership.anonymous.post("/v1/tokens", data={"invitation": SECRET})
    assert answer.status_code == 422
    assert events.asked == []


async def test_a_guest_opens_nothing_in_membership(membership, events):
    client = membership.harness.anonymous()
    client.headers["Authorization"] = f"Bearer {(await exchange(membership)).json()['access_token']}"
    for path in ("/v1/people/me", "/v1/communities", "/v1/sessions", "/v1/people", "/internal/tasks"):
        assert (await client.get(path)).status_code in {403, 404}, path


async def test_with_a_guests_token_one_is_nobody_where_nobody_needs_to_log_in(membership, events):
    await membership.activated("李雷", email="li@example.com")
    token = (await exchange(membership)).json()["access_token"]
    body = {"login": "li@example.com", "password": "correct horse battery"}
    answer = await membership.anonymous.post("/v1/sessions", json=body, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 201
