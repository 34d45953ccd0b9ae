"""Who is let through."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.service.gateway.conftest import Scene
from tests.support.standins import bearer, person, service
from tests.support.waiting import eventually


async def test_nobody_in_particular_passes_and_the_service_decides(scene: Scene):
    assert (await scene.get("/v1/landings/x")).status_code == 200


@pytest.mark.parametrize("authorization", ["Bearer x", "Bearer a.b.c", "Basic YTpi", "Bearer", "nonsense"])
async def test_a_token_that_is_none_is_refused_before_its_service_hears_of_it(scene: Scene, authorization: str):
    answer = await scene.get("/v1/ideas", Authorization=authorization)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert not scene["content"].started


async def test_a_program_that_asks_for_its_token_may_say_who_it_is_by_http_basic(scene: Scene):
    basic = {"Authorization": "Basic YTpi"}
    answer = await scene.send("POST", "/v1/tokens", data={"grant_type": "client_credentials"}, headers=basic)
    assert answer.status_code == 200
    (asked,) = [seen for seen in scene.membership.seen if seen.method == "POST"]
    assert asked.header("authorization") == "Basic YTpi"
    for method, path in (("GET", "/v1/tokens"), ("POST", "/v1/sessions"), ("POST", "/v1/tokens/x")):
        assert (await scene.send(method, path, headers=basic)).status_code == 401


async def test_an_expired_token_says_so(scene: Scene):
    answer = await scene.get("/v1/ideas", **bearer(person(), issued=datetime.now(UTC) - timedelta(hours=1)))
    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")


async def test_while_no_key_is_known_nobody_can_be_judged(scene: Scene):
    scene.membership.answers["/.well-known/jwks.json"] = (503, {}, b"")
    assert (await scene.get("/v1/ideas", person())).status_code == 503


async def test_the_token_of_a_suspended_person_is_refused(scene: Scene):
    caller, other = person(), person()
    assert (await scene.get("/v1/ideas", caller)).status_code == 200
    scene.membership.revoke("person", caller.id, datetime.now(UTC) + timedelta(seconds=1))
    await scene.gateway.runtime.revocations.refresh()
    refused = await scene.get("/v1/ideas", caller)
    assert (refused.status_code, refused.json()["code"]) == (401, "session_revoked")
    assert (await scene.get("/v1/ideas", other)).status_code == 200


async def test_the_token_of_an_ended_session_is_refused_and_that_of_another_is_not(scene: Scene):
    caller = person()
    scene.membership.revoke("session", caller.session_id, datetime.now(UTC) + timedelta(seconds=1))
    await scene.gateway.runtime.revocations.refresh()
    assert (await scene.get("/v1/ideas", caller)).status_code == 401
    assert (await scene.get("/v1/ideas", person())).status_code == 200


async def test_a_token_from_after_the_revocation_is_good(scene: Scene):
    caller = person()
    scene.membership.revoke("person", caller.id, datetime.now(UTC) - timedelta(seconds=5))
    await scene.gateway.runtime.revocations.refresh()
    assert (await scene.get("/v1/ideas", caller)).status_code == 200


async def test_revocations_are_polled_by_themselves(scene: Scene):
    caller = person()
    scene.gateway.runtime.revocations.start()
    scene.membership.revoke("person", caller.id, datetime.now(UTC) + timedelta(seconds=1))

    async def refused() -> bool:
        return (await scene.get("/v1/ideas", caller)).status_code == 401

    await eventually(refused)


async def test_the_next_question_continues_the_last_answer(scene: Scene):
    await scene.gateway.runtime.revocations.refresh()
    await scene.gateway.runtime.revocations.refresh()
    asked = [seen for seen in scene.membership.seen if seen.path == "/v1/revocations"]
    assert [seen.query.startswith(b"after=") for seen in asked] == [False, True]
    assert all(seen.header("authorization") for seen in asked)


async def test_while_revocations_are_unknown_nothing_is_changed_but_all_can_be_read(scene: Scene):
    revocations = scene.gateway.runtime.revocations
    moment = [1000.0]
    revocations._monotonic = lambda: moment[0]
    await revocations.refresh()
    scene.membership.unreachable = True
    moment[0] += 31
    with pytest.raises(httpx.HTTPStatusError):
        await revocations.refresh()
    assert (await scene.get("/v1/ideas", person())).status_code == 200
    refused = await scene.send("POST", "/v1/ideas", person(), json={})
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    scene.membership.unreachable = False
    await revocations.refresh()
    assert (await scene.send("POST", "/v1/ideas", person(), json={})).status_code == 200


async def test_service_accounts_pass_as_well(scene: Scene):
    assert (await scene.get("/v1/ideas", service("articles.read"))).status_code == 200
