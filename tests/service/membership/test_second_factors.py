"""Apps that give codes: set up, asked for at log-in, lost and replaced; and what thieves try with them."""

import asyncio
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import jwt
import pyotp
import pytest
from sqlmodel import select

from services.membership.keys.service import issuers
from services.membership.second_factors.models import RecoveryCode, SecondFactor
from tests.service.membership.conftest import ADMIN_EMAIL, ADMIN_PASSWORD, PASSWORD

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
async def zhang(membership):
    """Somebody with a second factor."""
    return await Zhang(membership).arrive()


class Zhang:
    """Somebody with an app, who knows what it shows."""

    def __init__(self, membership):
        self.membership, self.harness = membership, membership.harness

    async def arrive(self):
        self.id = (await self.membership.activated("张伟", employee_no="A7", email="zhang@example.com"))["id"]
        self.client = await self.membership.entered("a7")
        self.secret, answer = await set_up(self.client, self.harness)
        self.recovery_codes = answer["recovery_codes"]
        self.harness.clock.advance(30 * SECOND)
        return self

    def code(self, *, steps: int = 0) -> str:
        """What the app shows now, or so many steps of 30 seconds from now."""
        return pyotp.TOTP(self.secret).at(self.harness.clock(), counter_offset=steps)

    async def log_in(self, code=None, password=PASSWORD):
        body = {"login": "a7", "password": password} | ({"code": code} if code is not None else {})
        return await self.membership.anonymous.post("/v1/sessions", json=body)

    async def step_up(self, code):
        return await self.client.post("/v1/sessions/current/step-up", json={"code": code})


async def set_up(client, harness):
    """An app, confirmed by its first code: its secret, and what was answered."""
    made = await client.post("/v1/second-factors")
    assert made.status_code == 201, made.text
    secret = made.json()["secret"]
    confirmed = await client.post(
        f"/v1/second-factors/{made.json()['id']}/confirm", json={"code": pyotp.TOTP(secret).at(harness.clock())}
    )
    assert confirmed.status_code == 200, confirmed.text
    return secret, confirmed.json()


def said(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def claims(answer):
    return jwt.decode(answer.json()["access_token"], options={"verify_signature": False})


async def test_an_app_is_set_up_by_a_picture_or_by_what_it_says(membership):
    await membership.activated("张伟", email="zhang@example.com")
    client = await membership.entered("zhang@example.com")
    made = (await client.post("/v1/second-factors")).json()
    address = urlsplit(made["address"])
    assert (address.scheme, address.netloc, address.path) == ("otpauth", "totp", "/Qunxue:zhang%40example.com")
    assert parse_qs(address.query) == {"secret": [made["secret"]], "issuer": ["Qunxue"]}
    assert len(made["secret"]) == 32
    assert "<svg" in made["qr_svg"]


async def test_until_a_code_has_come_log_in_asks_for_none(membership):
    await membership.activated("张伟", employee_no="A7")
    client = await membership.entered("a7")
    made = (await client.post("/v1/second-factors")).json()
    assert (await membership.log_in("a7")).status_code == 201
    wrong = await client.post(f"/v1/second-factors/{made['id']}/confirm", json={"code": "000000"})
    assert said(wrong) == (422, "code_invalid")
    listed = (await client.get("/v1/second-factors")).json()
    assert [one["confirmed_at"] for one in listed["items"]] == [None]
    assert listed["recovery_codes_left"] == 0


async def test_what_was_not_confirmed_within_an_hour_is_forgotten(membership):
    await membership.activated("张伟", employee_no="A7")
    client = await membership.entered("a7")
    made = (await client.post("/v1/second-factors")).json()
    async with membership.harness.runtime.database.transaction() as session:
        await membership.harness.runtime.service.timers.set_periodic(session, membership.harness.clock())
    membership.harness.clock.advance(60 * MINUTE)
    client = await membership.entered("a7")
    code = pyotp.TOTP(made["secret"]).at(membership.harness.clock())
    late = await client.post(f"/v1/second-factors/{made['id']}/confirm", json={"code": code})
    assert late.status_code == 404
    assert (await client.get("/v1/second-factors")).json()["items"] == []
    membership.harness.clock.advance(60 * MINUTE)
    await membership.harness.run_timers()
    async with membership.harness.runtime.database.reading() as session:
        assert (await session.execute(select(SecondFactor))).first() is None


async def test_secrets_and_recovery_codes_are_in_no_table_as_they_are(zhang):
    async with zhang.harness.runtime.database.reading() as session:
        (factor,) = (await session.execute(select(SecondFactor))).scalars()
        hashes = set((await session.execute(select(RecoveryCode.code_hash))).scalars())
    assert zhang.secret.encode() not in factor.sealed_secret
    assert len(hashes) == len(zhang.recovery_codes) == 10
    assert all(re.fullmatch(r"[0-9a-f]{64}", one) for one in hashes)


async def test_the_right_password_alone_lets_nobody_in_who_has_a_second_factor(zhang):
    assert said(await zhang.log_in()) == (401, "second_factor_needed")
    assert said(await zhang.log_in("000000")) == (401, "second_factor_failed")
    let_in = await zhang.log_in(zhang.code())
    assert let_in.status_code == 201
    assert claims(let_in)["amr"] == ["mfa", "otp", "pwd"]
    assert "wants_code" not in claims(let_in)


async def test_a_wrong_password_says_nothing_of_a_second_factor(zhang):
    assert said(await zhang.log_in(password="wrong")) == (401, "login_failed")
    assert said(await zhang.log_in(zhang.code(), password="wrong")) == (401, "login_failed")
    assert (await zhang.log_in(zhang.code())).status_code == 201


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 201), (0, 201), (1, 201), (2, 401)])
async def test_a_phone_may_be_one_step_behind_or_ahead(zhang, steps, status):
    zhang.harness.clock.advance(5 * MINUTE)
    assert (await zhang.log_in(zhang.code(steps=steps))).status_code == status


async def test_full_width_digits_and_spaces_are_what_was_meant(zhang):
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in zhang.code())
    assert (await zhang.log_in(f"{wide[:3]} {wide[3:]}")).status_code == 201


async def test_a_code_counts_once_and_none_before_it_afterwards(zhang):
    code, before = zhang.code(), zhang.code(steps=-1)
    assert (await zhang.log_in(code)).status_code == 201
    assert said(await zhang.log_in(code)) == (401, "second_factor_failed")
    assert said(await zhang.log_in(before)) == (401, "second_factor_failed")
    assert said(await zhang.step_up(code)) == (401, "second_factor_failed")
    assert (await zhang.log_in(zhang.code(steps=1))).status_code == 201


async def test_the_code_that_confirmed_an_app_lets_nobody_in(membership):
    await membership.activated("张伟", employee_no="A7")
    client = await membership.entered("a7")
    secret, _ = await set_up(client, membership.harness)
    code = pyotp.TOTP(secret).at(membership.harness.clock())
    answer = await membership.anonymous.post("/v1/sessions", json={"login": "a7", "password": PASSWORD, "code": code})
    assert said(answer) == (401, "second_factor_failed")


async def test_of_many_who_send_one_code_at_once_one_comes_in(zhang):
    code = zhang.code()
    answers = await asyncio.gather(*(zhang.log_in(code) for _ in range(4)), *(zhang.step_up(code) for _ in range(3)))
    assert sum(answer.is_success for answer in answers) == 1


async def test_of_many_who_send_one_recovery_code_at_once_one_comes_in(zhang):
    code = zhang.recovery_codes[3]
    answers = await asyncio.gather(*(zhang.log_in(code) for _ in range(4)), *(zhang.step_up(code) for _ in range(3)))
    assert sum(answer.is_success for answer in answers) == 1


async def test_guesses_of_all_log_ins_and_sessions_wait_together_and_never_for_ever(zhang):
    sessions = [zhang.client]
    for _ in range(2):
        tokens = await zhang.log_in(zhang.code(steps=len(sessions) - 1))
        another = zhang.membership.anonymous
        another.headers["Authorization"] = f"Bearer {tokens.json()['access_token']}"
        sessions.append(another)
    for number in range(5):
        guess = {"code": f"00000{number}"}
        assert said(await sessions[number % 3].post("/v1/sessions/current/step-up", json=guess)) == (
            401,
            "second_factor_failed",
        )
    for client in sessions:
        early = await client.post("/v1/sessions/current/step-up", json={"code": zhang.code(steps=1)})
        assert said(early) == (429, "login_must_wait")
        assert 0 < int(early.headers["Retry-After"]) <= 16
    assert said(await zhang.log_in(zhang.code(steps=1))) == (429, "login_must_wait")
    zhang.harness.clock.advance(60 * SECOND)
    assert (await zhang.log_in(zhang.code())).status_code == 201


async def test_guesses_sent_at_once_are_all_counted(zhang):
    answers = await asyncio.gather(*(zhang.log_in(f"{number:06}") for number in range(12)))
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {401, 429}
    assert statuses.count(401) == 5


async def test_who_guesses_codes_does_not_keep_the_owner_from_proving_a_password_elsewhere(zhang):
    for number in range(6):
        await zhang.log_in(f"00000{number}")
    change = {"old_password": PASSWORD, "new_password": "another good long one"}
    assert (await zhang.client.post("/v1/people/me/password", json=change)).status_code == 204


async def test_a_recovery_code_counts_once_however_it_is_typed(zhang):
    code = zhang.recovery_codes[0]
    assert (await zhang.log_in(code.lower().replace("-", " ").replace("0", "o"))).status_code == 201
    assert said(await zhang.log_in(code)) == (401, "second_factor_failed")
    assert (await zhang.client.get("/v1/second-factors")).json()["recovery_codes_left"] == 9
    assert (await zhang.log_in(zhang.recovery_codes[1])).status_code == 201


async def test_a_recovery_code_of_somebody_else_is_worth_nothing(zhang):
    await zhang.membership.activated("李娜", employee_no="B8")
    other = await zhang.membership.entered("b8")
    _, theirs = await set_up(other, zhang.harness)
    assert said(await zhang.log_in(theirs["recovery_codes"][0])) == (401, "second_factor_failed")
    body = {"login": "b8", "password": PASSWORD, "code": theirs["recovery_codes"][0]}
    assert (await zhang.membership.anonymous.post("/v1/sessions", json=body)).status_code == 201


async def test_new_recovery_codes_void_those_before(zhang):
    made = await zhang.client.post("/v1/second-factors/recovery-codes")
    assert made.status_code == 201
    assert not set(made.json()["recovery_codes"]) & set(zhang.recovery_codes)
    assert said(await zhang.log_in(zhang.recovery_codes[0])) == (401, "second_factor_failed")
    assert (await zhang.log_in(made.json()["recovery_codes"][9])).status_code == 201


async def test_without_a_second_factor_there_are_no_recovery_codes(membership):
    await membership.activated("张伟", employee_no="A7")
    client = await membership.entered("a7")
    assert said(await client.post("/v1/second-factors/recovery-codes")) == (409, "no_second_factor")


async def test_another_phone_takes_the_place_of_the_one_before_with_its_first_code(zhang):
    old = zhang.secret
    made = (await zhang.client.post("/v1/second-factors")).json()
    assert (await zhang.log_in(zhang.code())).status_code == 201
    zhang.secret = made["secret"]
    path = f"/v1/second-factors/{made['id']}/confirm"
    confirmed = await zhang.client.post(path, json={"code": zhang.code()})
    assert confirmed.json()["recovery_codes"] is None
    zhang.harness.clock.advance(60 * SECOND)
    assert said(await zhang.log_in(pyotp.TOTP(old).at(zhang.harness.clock()))) == (401, "second_factor_failed")
    assert (await zhang.log_in(zhang.code())).status_code == 201
    assert (await zhang.log_in(zhang.recovery_codes[0])).status_code == 201


async def test_who_removes_their_app_logs_in_by_password_again_and_has_no_recovery_codes(zhang):
    (item,) = (await zhang.client.get("/v1/second-factors")).json()["items"]
    assert (await zhang.client.delete(f"/v1/second-factors/{item['id']}")).status_code == 204
    assert claims(await zhang.log_in())["amr"] == ["pwd"]
    assert (await zhang.client.get("/v1/second-factors")).json() == {
        "items": [],
        "recovery_codes_left": 0,
        "required_by": None,
    }


async def test_nobody_sees_confirms_or_removes_what_is_somebody_elses(zhang):
    (item,) = (await zhang.client.get("/v1/second-factors")).json()["items"]
    await zhang.membership.activated("李娜", employee_no="B8")
    other = await zhang.membership.entered("b8")
    assert (await other.get("/v1/second-factors")).json()["items"] == []
    assert (await other.delete(f"/v1/second-factors/{item['id']}")).status_code == 404
    confirm = await other.post(f"/v1/second-factors/{item['id']}/confirm", json={"code": zhang.code()})
    assert confirm.status_code == 404


# --- proving again who one is ----------------------------------------------------------------------------------------


async def test_five_minutes_after_log_in_one_proves_again_who_one_is(membership):
    await membership.activated("张伟", employee_no="A7")
    client = await membership.entered("a7")
    membership.harness.clock.advance(5 * MINUTE + SECOND)
    asked = await client.post("/v1/second-factors")
    assert said(asked) == (401, "step_up_required")
    assert (asked.json()["max_age"], asked.json()["wanted"]) == (300, "password")
    assert 'error="insufficient_user_authentication"' in asked.headers["WWW-Authenticate"]
    assert "max_age=300" in asked.headers["WWW-Authenticate"]
    fresh = await client.post("/v1/sessions/current/step-up", json={"password": PASSWORD})
    assert fresh.status_code == 200
    assert fresh.headers["Cache-Control"] == "no-store"
    client.headers["Authorization"] = f"Bearer {fresh.json()['access_token']}"
    assert (await client.post("/v1/second-factors")).status_code == 201


async def test_a_refreshed_token_says_when_one_proved_who_one_is_and_not_when_it_was_made(membership):
    await membership.activated("张伟", employee_no="A7")
    first = await membership.log_in("a7")
    membership.harness.clock.advance(6 * MINUTE)
    body = {"refresh_token": first.json()["refresh_token"]}
    second = await membership.anonymous.post("/v1/sessions/refresh", json=body)
    assert claims(second)["auth_time"] == claims(first)["auth_time"]
    client = membership.anonymous
    client.headers["Authorization"] = f"Bearer {second.json()['access_token']}"
    assert said(await client.post("/v1/second-factors")) == (401, "step_up_required")
    stepped = await client.post("/v1/sessions/current/step-up", json={"password": PASSWORD})
    body = {"refresh_token": second.json()["refresh_token"]}
    third = await membership.anonymous.post("/v1/sessions/refresh", json=body)
    assert claims(third)["auth_time"] == claims(stepped)["auth_time"] > claims(first)["auth_time"]
    assert claims(third)["sid"] == claims(first)["sid"]


async def test_who_has_a_second_factor_proves_it_by_a_code_and_not_by_their_password(zhang):
    zhang.harness.clock.advance(6 * MINUTE)
    again = "/v1/sessions/current/step-up"
    assert said(await zhang.client.post(again, json={"password": PASSWORD})) == (401, "second_factor_needed")
    stepped = await zhang.step_up(zhang.code())
    assert stepped.status_code == 200
    assert claims(stepped)["amr"] == ["mfa", "otp", "pwd"]


async def test_a_wrong_password_that_is_proved_again_counts_as_a_failed_log_in(membership):
    await membership.activated("张伟", employee_no="A7")
    client = await membership.entered("a7")
    again = "/v1/sessions/current/step-up"
    for _ in range(5):
        assert said(await client.post(again, json={"password": "wrong"})) == (401, "login_failed")
    assert said(await client.post(again, json={"password": PASSWORD})) == (429, "login_must_wait")
    assert (await membership.log_in("a7")).status_code == 429


async def test_nothing_to_prove_it_by_is_named(membership):
    await membership.activated("张伟", employee_no="A7")
    client = await membership.entered("a7")
    answer = await client.post("/v1/sessions/current/step-up", json={})
    assert said(answer) == (422, "invalid")
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/password"]


async def test_a_session_that_was_ended_is_not_proved_again(membership):
    await membership.activated("张伟", employee_no="A7")
    client = await membership.entered("a7")
    await client.delete("/v1/sessions/current")
    answer = await client.post("/v1/sessions/current/step-up", json={"password": PASSWORD})
    assert said(answer) == (401, "session_revoked")


async def test_a_stolen_session_changes_nothing_about_second_factors(zhang):
    zhang.harness.clock.advance(6 * MINUTE)
    (item,) = (await zhang.client.get("/v1/second-factors")).json()["items"]
    for method, path in (
        ("POST", "/v1/second-factors"),
        ("POST", f"/v1/second-factors/{item['id']}/confirm"),
        ("POST", "/v1/second-factors/recovery-codes"),
        ("DELETE", f"/v1/second-factors/{item['id']}"),
    ):
        body = {"code": zhang.code()} if path.endswith("confirm") else None
        assert said(await zhang.client.request(method, path, json=body)) == (401, "step_up_required")


async def test_a_session_from_before_the_second_factor_proves_it_before_it_does_harm(membership):
    """Two sessions: the app is set up in one, and the other has been stolen a minute ago."""
    await membership.activated("张伟", employee_no="A7")
    own, stolen = await membership.entered("a7"), await membership.log_in("a7")
    await set_up(own, membership.harness)
    body = {"refresh_token": stolen.json()["refresh_token"]}
    refreshed = await membership.anonymous.post("/v1/sessions/refresh", json=body)
    assert claims(refreshed)["wants_code"] is True
    client = membership.anonymous
    client.headers["Authorization"] = f"Bearer {refreshed.json()['access_token']}"
    refused = await client.post("/v1/second-factors/recovery-codes")
    assert (*said(refused), refused.json()["wanted"]) == (401, "step_up_required", "code")
    assert (await client.get("/v1/people/me")).status_code == 200


async def test_a_token_of_an_earlier_release_says_nothing_and_is_not_enough(membership):
    await membership.activated("张伟", employee_no="A7")
    tokens = await membership.log_in("a7")
    issuer = await _issuer(membership)
    old = claims(tokens)
    for name in ("auth_time", "amr"):
        del old[name]
    token = jwt.encode(old, issuer.key, algorithm="EdDSA", headers={"kid": issuer.key_id, "typ": "at+jwt"})
    client = membership.anonymous
    client.headers["Authorization"] = f"Bearer {token}"
    assert (await client.get("/v1/second-factors")).status_code == 200
    assert said(await client.post("/v1/second-factors")) == (401, "step_up_required")


async def _issuer(membership):
    runtime = membership.harness.runtime
    async with runtime.database.reading() as session:
        return await issuers.issuer(session, runtime)


# --- lost, and given back --------------------------------------------------------------------------------------------


async def test_a_password_reset_keeps_the_second_factor(zhang):
    issued = await zhang.membership.admin.post(f"/v1/people/{zhang.id}/password-reset-code")
    body = {"code": issued.json()["code"], "password": "another good long one"}
    assert (await zhang.membership.anonymous.post("/v1/password-resets/confirm", json=body)).status_code == 204
    assert said(await zhang.log_in(password="another good long one")) == (401, "second_factor_needed")
    assert (await zhang.log_in(zhang.code(), password="another good long one")).status_code == 201


async def test_an_administrator_resets_what_somebody_lost_and_their_sessions_end(zhang):
    tokens = (await zhang.log_in(zhang.code())).json()
    path = f"/v1/people/{zhang.id}/second-factor-reset"
    assert (await zhang.membership.admin.post(path)).status_code == 204
    body = {"refresh_token": tokens["refresh_token"]}
    assert (await zhang.membership.anonymous.post("/v1/sessions/refresh", json=body)).status_code == 401
    assert claims(await zhang.log_in())["amr"] == ["pwd"]
    assert said(await zhang.membership.admin.post(path)) == (409, "no_second_factor")
    entries = zhang.harness.runtime.service.tables.chassis.audit_entries
    async with zhang.harness.runtime.database.reading() as session:
        rows = (await session.execute(select(entries).where(entries.c.action == "second_factor.reset"))).mappings()
        assert [row["actor"] for row in rows] == [f"person:{zhang.membership.admin_id}"]


async def test_nobody_resets_their_own_nor_does_who_is_no_administrator(zhang):
    admin = zhang.membership.admin
    await set_up(admin, zhang.harness)
    own = f"/v1/people/{zhang.membership.admin_id}/second-factor-reset"
    assert said(await admin.post(own)) == (403, "conflict_of_interest")
    assert (await zhang.client.post(own)).status_code == 403


async def test_an_administrator_steps_up_before_a_reset(zhang):
    zhang.harness.clock.advance(6 * MINUTE)
    path = f"/v1/people/{zhang.id}/second-factor-reset"
    assert said(await zhang.membership.admin.post(path)) == (401, "step_up_required")
    admin = await zhang.membership.entered(ADMIN_EMAIL, ADMIN_PASSWORD)
    assert (await admin.post(path)).status_code == 204


async def test_what_others_log_in_with_is_changed_by_who_proved_lately_who_they_are(membership):
    person = await membership.person("李雷", employee_no="B8")
    admin = await membership.entered(ADMIN_EMAIL, ADMIN_PASSWORD)
    membership.harness.clock.advance(6 * MINUTE)

    async def changed(**fields):
        return await admin.patch(f"/v1/people/{person['id']}", json=fields, headers={"If-Match": "*"})

    for fields in (
        {"email": "thief@example.com"},
        {"phone": "13800138000"},
        {"employee_no": None, "email": "x@y.example"},
    ):
        assert said(await changed(**fields)) == (401, "step_up_required")
    assert said(await admin.post(f"/v1/people/{person['id']}/activation")) == (401, "step_up_required")
    assert (await changed(title="组长")).status_code == 200
    assert (await changed(employee_no="B8", title=None)).status_code == 200
    proved = await admin.post("/v1/sessions/current/step-up", json={"password": ADMIN_PASSWORD})
    admin.headers["Authorization"] = f"Bearer {proved.json()['access_token']}"
    assert (await changed(email="li@example.com")).status_code == 200
    assert (await admin.post(f"/v1/people/{person['id']}/activation")).status_code == 201


async def test_with_another_secret_of_the_installation_a_recovery_code_still_helps(zhang):
    async with zhang.harness.runtime.database.transaction() as session:
        (factor,) = (await session.execute(select(SecondFactor))).scalars()
        factor.sealed_secret = bytes(len(factor.sealed_secret))
    assert said(await zhang.log_in(zhang.code())) == (401, "second_factor_failed")
    assert (await zhang.log_in(zhang.recovery_codes[0])).status_code == 201
