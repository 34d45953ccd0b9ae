import asyncio
import re
import unicodedata
from datetime import datetime, timedelta
from uuid import UUID

import jwt
import pytest
from sqlmodel import select

from chassis.database import bulk
from chassis.secrets import account_id, account_secret
from services.membership.credentials.models import LoginFailures
from services.membership.keys.service import add_key
from services.membership.sessions.models import LoginSession, RefreshTokenRow, Revocation
from tests.service.membership.conftest import ADMIN_EMAIL, ADMIN_PASSWORD, PASSWORD

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
async def zhang(membership):
    return await membership.activated("张伟", employee_no="A7", email="zhang@example.com", phone="13800138000")


async def refresh(membership, token):
    return await membership.anonymous.post("/v1/sessions/refresh", json={"refresh_token": token})


@pytest.mark.parametrize("login", ["ZHANG@example.com", "a7", "+86 138-0013-8000"])
async def test_one_logs_in_by_email_number_or_phone(membership, zhang, login):
    answer = await membership.log_in(login)
    assert answer.status_code == 201
    assert answer.json()["person_id"] == zhang["id"]
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_clock_that_was_set_back_to_before_the_key_keeps_nobody_out(membership, zhang):
    membership.harness.clock.advance(-400 * DAY)
    answer = await membership.log_in("a7")
    assert answer.status_code == 201


async def test_an_access_token_says_who_and_what_he_is_on_the_platform_and_nothing_else(membership, zhang):
    answer = await membership.log_in(ADMIN_EMAIL, ADMIN_PASSWORD)
    token = answer.json()["access_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims.keys() == {"iss", "aud", "exp", "iat", "jti", "sub", "sid", "kind", "scope", "auth_time", "amr"}
    assert (claims["kind"], claims["scope"]) == ("person", "platform:admin")
    assert (claims["sub"], claims["sid"]) == (str(membership.admin_id), answer.json()["session_id"])
    assert claims["exp"] - claims["iat"] == 15 * 60 == answer.json()["expires_in"]
    assert jwt.get_unverified_header(token)["typ"] == "at+jwt"
    plain = (await membership.log_in("a7")).json()["access_token"]
    assert jwt.decode(plain, options={"verify_signature": False})["scope"] == ""


async def test_a_wrong_password_and_an_unknown_account_look_the_same(membership, zhang):
    wrong = await membership.log_in("a7", "wrong password")
    unknown = await membership.log_in("nobody@example.com", "wrong password")
    for answer in (wrong, unknown):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    hidden = {"request_id"}
    assert {k: v for k, v in wrong.json().items() if k not in hidden} == {
        k: v for k, v in unknown.json().items() if k not in hidden
    }


@pytest.mark.parametrize("login", ["a7", "nobody@example.com"])
async def test_after_five_failures_even_the_right_password_waits(membership, zhang, login):
    for _ in range(5):
        assert (await membership.log_in(login, "wrong")).status_code == 401
    early = await membership.log_in(login)
    assert (early.status_code, early.json()["code"]) == (429, "login_must_wait")
    assert 0 < int(early.headers["Retry-After"]) <= 16
    membership.harness.clock.advance(16 * SECOND)
    assert (await membership.log_in(login, "wrong")).status_code == 401
    assert int((await membership.log_in(login)).headers["Retry-After"]) > 16


async def test_failures_by_number_count_for_the_email_too(membership, zhang):
    for login in ("a7", "zhang@example.com", "13800138000", "a7", "a7"):
        await membership.log_in(login, "wrong")
    assert (await membership.log_in("zhang@example.com")).status_code == 429


async def test_a_right_password_forgets_the_failures_before_it(membership, zhang):
    for _ in range(3):
        for _ in range(4):
            await membership.log_in("a7", "wrong")
        assert (await membership.log_in("a7")).status_code == 201


async def test_guesses_sent_at_once_are_all_counted(membership, zhang):
    answers = await asyncio.gather(*(membership.log_in("a7", f"guess {n}") for n in range(12)))
    assert {answer.status_code for answer in answers} <= {401, 429}
    async with membership.harness.runtime.database.reading() as session:
        (row,) = await session.exec(select(LoginFailures))
    assert row.failures >= 5
    assert (await membership.log_in("a7")).status_code == 429


async def test_a_refresh_token_is_exchanged_for_new_tokens(membership, zhang):
    first = (await membership.log_in("a7")).json()
    second = await refresh(membership, first["refresh_token"])
    assert second.status_code == 200
    assert second.json()["session_id"] == first["session_id"]
    assert second.json()["refresh_token"] != first["refresh_token"]


async def test_two_refreshes_at_once_both_succeed(membership, zhang):
    token = (await membership.log_in("a7")).json()["refresh_token"]
    answers = await asyncio.gather(*(refresh(membership, token) for _ in range(2)))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len({answer.json()["refresh_token"] for answer in answers}) == 2


async def test_a_refresh_token_used_again_after_31_seconds_ends_the_whole_family(membership, zhang):
    first = (await membership.log_in("a7")).json()
    second = (await refresh(membership, first["refresh_token"])).json()
    membership.harness.clock.advance(31 * SECOND)
    stolen = await refresh(membership, first["refresh_token"])
    assert (stolen.status_code, stolen.json()["code"]) == (401, "refresh_reused")
    assert (await refresh(membership, second["refresh_token"])).status_code == 401
    client = await membership.entered("a7")
    told = [item for item in (await client.get("/v1/sessions")).json()["items"] if item["ended_because"]]
    assert [(item["id"], item["ended_because"]) for item in told] == [(first["session_id"], "reused")]


async def test_a_refresh_token_is_no_access_token_and_the_reverse(membership, zhang):
    tokens = (await membership.log_in("a7")).json()
    client = membership.anonymous
    client.headers["Authorization"] = f"Bearer {tokens['refresh_token']}"
    assert (await client.get("/v1/people/me")).status_code == 401
    assert (await refresh(membership, tokens["access_token"])).status_code == 401


async def test_a_family_ends_after_thirty_idle_days_and_ninety_days_at_all(membership, zhang):
    idle = (await membership.log_in("a7")).json()["refresh_token"]
    busy = (await membership.log_in("a7")).json()["refresh_token"]
    for _ in range(3):
        membership.harness.clock.advance(29 * DAY)
        busy = (await refresh(membership, busy)).json()["refresh_token"]
    assert (await refresh(membership, idle)).status_code == 401
    membership.harness.clock.advance(4 * DAY)
    assert (await refresh(membership, busy)).status_code == 401


async def test_with_the_cookie_transport_the_refresh_token_never_meets_scripts(membership, zhang):
    client = membership.anonymous
    answer = await client.post(
        "/v1/sessions", params={"transport": "cookie"}, json={"login": "a7", "password": PASSWORD}
    )
    assert answer.json()["refresh_token"] is None
    cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=strict", "Path=/v1/sessions"))
    value = cookie.partition("qunxue_refresh=")[2].partition(";")[0]
    again = await membership.anonymous.post("/v1/sessions/refresh", headers={"Cookie": f"qunxue_refresh={value}"})
    assert again.status_code == 200
    assert again.json()["refresh_token"] is None
    assert "qunxue_refresh=qxr_" in again.headers["Set-Cookie"]


async def test_i_see_my_sessions_and_end_them(membership, zhang):
    client = await membership.entered("a7")
    other = (await membership.log_in("a7")).json()
    listed = (await client.get("/v1/sessions")).json()["items"]
    assert sorted(item["current"] for item in listed) == [False, True, False][:2]
    assert (await client.delete(f"/v1/sessions/{other['session_id']}")).status_code == 204
    assert (await refresh(membership, other["refresh_token"])).status_code == 401
    assert (await client.delete("/v1/sessions/current")).status_code == 204
    assert (await client.delete(f"/v1/sessions/{membership.admin_id}")).status_code == 404


async def test_my_sessions_say_what_they_were_begun_with_and_from_nowhere(membership, zhang):
    await membership.log_in(
        "a7", headers={"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) wxwork/4"}
    )
    client = await membership.entered("a7")
    listed = (await client.get("/v1/sessions")).json()["items"]
    phone = next(item for item in listed if not item["current"])
    assert phone["device"] == {"browser": "WeCom", "system": "iOS"}
    assert not [name for name in phone if "address" in name or "ip" in name.split("_")]


async def test_i_log_out_everywhere_else_and_stay(membership, zhang):
    others = [(await membership.log_in("a7")).json() for _ in range(2)]
    mine = (await membership.log_in("a7")).json()
    client = membership.anonymous
    client.headers["Authorization"] = f"Bearer {mine['access_token']}"
    assert (await client.delete("/v1/sessions/others")).status_code == 204
    assert [item["id"] for item in (await client.get("/v1/sessions")).json()["items"]] == [mine["session_id"]]
    assert (await refresh(membership, mine["refresh_token"])).status_code == 200
    assert {(await refresh(membership, one["refresh_token"])).status_code for one in others} == {401}
    async with membership.harness.runtime.database.reading() as session:
        told = {str(one) for one in await session.exec(select(Revocation.subject_id))}
    assert told == {one["session_id"] for one in others}
    assert (await membership.admin.get("/v1/sessions")).status_code == 200


async def test_nobody_ends_somebody_elses_session(membership, zhang):
    admins = (await membership.admin.get("/v1/sessions")).json()["items"][0]["id"]
    client = await membership.entered("a7")
    assert (await client.delete(f"/v1/sessions/{admins}")).status_code == 404


@pytest.mark.parametrize("action", ["suspend", "leave"])
async def test_who_is_suspended_or_leaves_is_nobody(membership, zhang, action):
    tokens = (await membership.log_in("a7")).json()
    client = await membership.entered("a7")
    assert (await membership.admin.post(f"/v1/people/{zhang['id']}/{action}")).status_code == 200
    assert (await refresh(membership, tokens["refresh_token"])).status_code == 401
    assert (await client.get("/v1/people/me")).json()["code"] == "session_revoked"
    refused = await membership.log_in("a7")
    assert (refused.status_code, refused.json()["code"]) == (401, "account_inactive")


@pytest.mark.parametrize(("set_as", "typed_as"), [("NFC", "NFD"), ("NFD", "NFC")])
async def test_a_password_is_the_same_however_a_keyboard_composes_it(membership, set_as, typed_as):
    person = await membership.person("José", email="jose@example.com")
    code = (await membership.admin.post(f"/v1/people/{person['id']}/activation")).json()["code"]
    secret = "contraseña é ü 각"
    body = {"code": code, "password": unicodedata.normalize(set_as, secret)}
    assert (await membership.anonymous.post("/v1/activations", json=body)).status_code == 201
    answer = await membership.log_in("jose@example.com", unicodedata.normalize(typed_as, secret))
    assert answer.status_code == 201


async def test_a_changed_password_ends_every_session(membership, zhang):
    tokens = (await membership.log_in("a7")).json()
    client = await membership.entered("a7")
    body = {"old_password": PASSWORD, "new_password": "another good one"}
    assert (await client.post("/v1/people/me/password", json={**body, "old_password": "x"})).status_code == 401
    assert (await client.post("/v1/people/me/password", json={**body, "new_password": "short"})).status_code == 422
    assert (await client.post("/v1/people/me/password", json=body)).status_code == 204
    assert (await refresh(membership, tokens["refresh_token"])).status_code == 401
    assert (await membership.log_in("a7")).status_code == 401
    assert (await membership.log_in("a7", "another good one")).status_code == 201


async def test_an_activation_code_works_once_and_for_seven_days(membership):
    person = await membership.person(employee_no="1")
    url = f"/v1/people/{person['id']}/activation"
    void = (await membership.admin.post(url)).json()["code"]
    code = (await membership.admin.post(url)).json()["code"]
    redeem = lambda given: membership.anonymous.post(  # noqa: E731
        "/v1/activations", json={"code": given, "password": PASSWORD}
    )
    assert (await redeem(void)).json()["code"] == "code_invalid"
    membership.harness.clock.advance(7 * DAY - MINUTE)
    assert (await redeem(code.lower().replace("-", " "))).status_code == 201
    assert (await redeem(code)).status_code == 422
    again = await membership.log_in(ADMIN_EMAIL, ADMIN_PASSWORD)
    membership.admin.headers["Authorization"] = f"Bearer {again.json()['access_token']}"
    assert (await membership.admin.post(url)).json()["code"] == "already_activated"


async def test_an_activation_code_is_too_old_after_seven_days(membership):
    person = await membership.person(employee_no="1")
    code = (await membership.admin.post(f"/v1/people/{person['id']}/activation")).json()["code"]
    membership.harness.clock.advance(7 * DAY)
    answer = await membership.anonymous.post("/v1/activations", json={"code": code, "password": PASSWORD})
    assert answer.json()["code"] == "code_invalid"


async def test_a_code_redeemed_twice_at_once_sets_one_password(membership):
    person = await membership.person(employee_no="1")
    code = (await membership.admin.post(f"/v1/people/{person['id']}/activation")).json()["code"]
    answers = await asyncio.gather(
        *(
            membership.anonymous.post("/v1/activations", json={"code": code, "password": f"my password {n}"})
            for n in range(4)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422]


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "13800138000", "x" * 129])
async def test_a_password_easily_guessed_is_refused_and_the_code_stays_good(membership, password):
    person = await membership.person(phone="13800138000")
    code = (await membership.admin.post(f"/v1/people/{person['id']}/activation")).json()["code"]
    weak = await membership.anonymous.post("/v1/activations", json={"code": code, "password": password})
    assert (weak.status_code, weak.json()["errors"][0]["pointer"]) == (422, "/password")
    good = await membership.anonymous.post("/v1/activations", json={"code": code, "password": PASSWORD})
    assert good.status_code == 201


async def test_codes_for_many_people_come_in_one_batch(membership, zhang):
    people = [await membership.person(employee_no=f"b{n}") for n in range(3)]
    gone = "01890000-0000-7000-8000-000000000000"
    ids = [person["id"] for person in people] + [zhang["id"], gone]
    answer = await membership.admin.post("/v1/people/batch", json={"action": "activation", "ids": ids})
    items = answer.json()["items"]
    assert [item["status"] for item in items] == [200, 200, 200, 409, 404]
    assert [item["id"] for item in items] == ids
    assert len({item["result"]["code"] for item in items[:3]}) == 3
    assert [item["result"]["employee_no"] for item in items[:3]] == ["b0", "b1", "b2"]
    assert [item["result"]["display_name"] for item in items[:3]] == [person["display_name"] for person in people]
    assert items[3]["problem"]["code"] == "already_activated"
    too_many = await membership.admin.post("/v1/people/batch", json={"action": "activation", "ids": [gone] * 501})
    assert too_many.status_code == 422


async def test_asking_for_a_reset_tells_nobody_whether_the_account_exists(membership, zhang):
    for login in ("a7", "nobody@example.com"):
        answer = await membership.anonymous.post("/v1/password-resets", json={"login": login})
        assert (answer.status_code, answer.content) == (202, b"")
    read = await membership.admin.get(f"/v1/people/{zhang['id']}")
    assert datetime.fromisoformat(read.json()["password_reset_requested_at"])


async def test_whoever_gives_codes_finds_who_asked_for_one_until_it_is_given(membership, zhang):
    async def tasks(client):
        return (await client.get("/internal/tasks")).json()

    assert await tasks(membership.admin) == []
    for _ in range(2):
        await membership.anonymous.post("/v1/password-resets", json={"login": "a7"})
    (task,) = await tasks(membership.admin)
    assert (task["code"], task["count"]) == ("give_password_resets", 1)
    assert await tasks(await membership.entered("a7")) == []
    (listed,) = (await membership.admin.get(task["href"])).json()["items"]
    assert (listed["id"], listed["activated"]) == (zhang["id"], True)
    assert listed["password_reset_requested_at"]
    others = (await membership.admin.get("/v1/people?password_reset_requested=false&limit=100")).json()["items"]
    assert others
    assert zhang["id"] not in {one["id"] for one in others}
    query = {"action": "person.ask_for_reset"}
    entries = (await membership.admin.get("/internal/audit", params=query)).json()["items"]
    assert [(one["object_id"], one["actor"]["kind"]) for one in entries] == [(zhang["id"], "system")]
    await membership.admin.post(f"/v1/people/{zhang['id']}/password-reset-code")
    assert await tasks(membership.admin) == []
    await membership.anonymous.post("/v1/password-resets", json={"login": "a7"})
    membership.harness.clock.advance(timedelta(days=7, seconds=1))
    assert await tasks(await membership.entered(ADMIN_EMAIL, ADMIN_PASSWORD)) == []


async def test_people_are_filtered_by_whether_they_have_set_a_password(membership, zhang):
    await membership.person("李雷", employee_no="b8")
    for activated in (True, False):
        listed = (await membership.admin.get(f"/v1/people?activated={activated}&limit=100")).json()["items"]
        assert {one["activated"] for one in listed} == {activated}
        assert (zhang["id"] in {one["id"] for one in listed}) == activated


async def test_a_reset_code_sets_a_new_password_within_the_hour(membership, zhang):
    tokens = (await membership.log_in("a7")).json()
    url = f"/v1/people/{zhang['id']}/password-reset-code"
    code = (await membership.admin.post(url)).json()["code"]
    activation = await membership.anonymous.post("/v1/activations", json={"code": code, "password": "a new password"})
    assert activation.json()["code"] == "code_invalid"
    body = {"code": code, "password": "a new password"}
    assert (await membership.anonymous.post("/v1/password-resets/confirm", json=body)).status_code == 204
    assert (await refresh(membership, tokens["refresh_token"])).status_code == 401
    assert (await membership.log_in("a7", "a new password")).status_code == 201


async def test_nobody_makes_a_reset_code_for_themselves(membership, zhang):
    await membership.admin.post(f"/v1/people/{zhang['id']}/platform-roles", json={"role": "hr"})
    hr = await membership.entered("a7")
    for client, person_id in ((hr, zhang["id"]), (membership.admin, membership.admin_id)):
        answer = await client.post(f"/v1/people/{person_id}/password-reset-code")
        assert (answer.status_code, answer.json()["code"]) == (403, "conflict_of_interest")


async def test_programs_do_not_reset_passwords(membership, zhang):
    body = {"name": "hr system", "scopes": ["people.write"], "community_ids": []}
    account = (await membership.admin.post("/v1/service-accounts", json=body)).json()
    client = await membership.program(account["id"], account["secret"])
    assert (await client.post(f"/v1/people/{zhang['id']}/password-reset-code")).status_code == 403


async def test_the_gateway_hears_whose_tokens_became_worthless(membership, zhang):
    gateway = await membership.program(
        account_id("gateway"), account_secret(membership.harness.runtime.secret, "gateway")
    )
    client = await membership.entered("a7")
    session_id = (await client.get("/v1/sessions")).json()["items"][0]["id"]
    await client.delete("/v1/sessions/current")
    membership.harness.clock.advance(MINUTE)
    before = (await gateway.get("/v1/revocations")).json()
    assert ("session", session_id) in {(item["kind"], item["id"]) for item in before["items"]}
    membership.harness.clock.advance(MINUTE)
    await membership.admin.post(f"/v1/people/{zhang['id']}/suspend")
    after = (await gateway.get("/v1/revocations", params={"after": before["next"]})).json()
    assert [(item["kind"], item["id"]) for item in after["items"]] == [("person", zhang["id"])]
    assert (await membership.admin.get("/v1/revocations")).status_code == 404


async def test_keys_can_be_changed_while_old_tokens_live_on(membership, zhang):
    old = await membership.entered("a7")
    runtime = membership.harness.runtime
    async with runtime.database.transaction() as session:
        await add_key(session, runtime.secret, runtime.clock())
    assert len((await membership.anonymous.get("/.well-known/jwks.json")).json()["keys"]) == 2
    runtime.keys._fetched_at = -1000.0
    new = await membership.entered("a7")
    assert (await old.get("/v1/people/me")).status_code == 200
    assert (await new.get("/v1/people/me")).status_code == 200
    membership.harness.clock.advance(timedelta(hours=1))
    assert len((await membership.anonymous.get("/.well-known/jwks.json")).json()["keys"]) == 1


async def test_secrets_are_not_in_the_database(membership, zhang):
    token = (await membership.log_in("a7")).json()["refresh_token"]
    async with membership.harness.runtime.database.reading() as session:
        kept = [row.token_hash for row in await session.exec(select(RefreshTokenRow))]
    assert token not in kept
    assert all(re.fullmatch(r"[0-9a-f]{64}", value) for value in kept)


async def test_what_nobody_can_use_any_more_is_forgotten(membership, zhang):
    await membership.log_in("a7")
    await membership.log_in("nobody", "wrong")
    harness = membership.harness
    async with harness.runtime.database.transaction() as session:
        await harness.runtime.service.timers.set_periodic(session, harness.clock())
    harness.clock.advance(130 * DAY)
    assert await harness.run_timers() >= 1
    async with harness.runtime.database.reading() as session:
        assert list(await session.exec(select(LoginSession))) == []
        assert list(await session.exec(select(LoginFailures))) == []


async def test_it_is_forgotten_some_at_a_time(membership, monkeypatch):
    monkeypatch.setattr(bulk, "ROWS_AT_ONCE", 2)
    for name in ("a", "b", "c"):
        await membership.log_in(name, "wrong")
    harness, left = membership.harness, []
    async with harness.runtime.database.transaction() as session:
        await harness.runtime.service.timers.set_periodic(session, harness.clock())
    harness.clock.advance(130 * DAY)
    for _ in range(2):
        await harness.run_timers()
        async with harness.runtime.database.reading() as session:
            left.append(len(list(await session.exec(select(LoginFailures)))))
        harness.clock.advance(DAY)
    assert left == [1, 0]


async def test_the_person_named_is_the_one_whose_token_it_is(membership, zhang):
    client = await membership.entered("a7")
    assert UUID((await client.get("/v1/people/me")).json()["id"]) == UUID(zhang["id"])
