"""Tokens that nobody issued, tokens for something else, and tokens whose time is over; through the gateway and past it."""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chassis.security.tokens import public_jwk
from services.membership.keys.service import issuers
from tests.support.waiting import eventually
from tests.system.security.front import ADMIN_EMAIL, ADMIN_PASSWORD, PASSWORD, front

REACHED_WITHIN = 5.0
"""Seconds after which a suspended person must be refused at the gateway."""


class Forge:
    """Somebody's own good token, the public key, and (which no attacker has) the key that signs."""

    def __init__(self, token: str, key: Ed25519PrivateKey) -> None:
        self.token = token
        self.header: dict[str, Any] = jwt.get_unverified_header(token)
        self.claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
        self.key = key

    def signed(self, *, key: Ed25519PrivateKey | None = None, without: str = "", **header: Any) -> str:
        """The token made anew; without a claim, or by another key, or with other headers."""
        claims = {name: value for name, value in self.claims.items() if name != without}
        return jwt.encode(claims, key or self.key, algorithm="EdDSA", headers=self.header | header)

    def saying(self, **claims: Any) -> str:
        """The token made anew with other claims, and signed by the right key."""
        return jwt.encode(self.claims | claims, self.key, algorithm="EdDSA", headers=self.header)

    def raw(self, header: dict[str, Any], signature: Callable[[bytes], bytes], **claims: Any) -> str:
        """A token of any header, which no library would make."""
        parts = b".".join(_b64(orjson.dumps(part)) for part in (header, self.claims | claims))
        return (parts + b"." + _b64(signature(parts))).decode()

    def with_the_public_key_as_secret(self, secret: bytes) -> str:
        header = {"alg": "HS256", "typ": "at+jwt", "kid": self.header["kid"]}
        return self.raw(header, lambda data: hmac.new(secret, data, hashlib.sha256).digest())

    @property
    def public(self) -> Ed25519PublicKey:
        return self.key.public_key()


def _b64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _own_jwk(key: Ed25519PrivateKey) -> dict[str, str]:
    return public_jwk("mine", key.public_key())


MINE = Ed25519PrivateKey.generate()


def _without(claim: str) -> Callable[[Forge], str]:
    return lambda f: f.signed(without=claim)


FORGERIES: dict[str, Callable[[Forge], str]] = {
    "none": lambda f: f.raw({"alg": "none", "typ": "at+jwt", "kid": f.header["kid"]}, lambda _: b""),
    "none without kid": lambda f: f.raw({"alg": "none", "typ": "at+jwt"}, lambda _: b""),
    "nOnE": lambda f: f.raw({"alg": "nOnE", "typ": "at+jwt", "kid": f.header["kid"]}, lambda _: b""),
    "HS256 with the raw public key": lambda f: f.with_the_public_key_as_secret(f.public.public_bytes_raw()),
    "HS256 with the public key as PEM": lambda f: f.with_the_public_key_as_secret(
        f.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    ),
    "HS256 with the JWK's x": lambda f: f.with_the_public_key_as_secret(public_jwk("k", f.public)["x"].encode()),
    "another key under the right kid": lambda f: f.signed(key=MINE),
    "a key of their own by jwk": lambda f: f.signed(key=MINE, jwk=_own_jwk(MINE)),
    "a key of their own by jwk, unknown kid": lambda f: f.signed(key=MINE, jwk=_own_jwk(MINE), kid="mine"),
    "a key of their own by jku": lambda f: f.signed(key=MINE, jku="http://127.0.0.1:9/keys", kid="mine"),
    "a key of their own by x5u": lambda f: f.signed(key=MINE, x5u="http://127.0.0.1:9/cert", kid="mine"),
    "kid is a path": lambda f: f.signed(kid="../../../../dev/null"),
    "kid is SQL": lambda f: f.signed(kid="' OR '1'='1"),
    "kid is empty": lambda f: f.signed(kid=""),
    "kid is long": lambda f: f.signed(kid="k" * 10_000),
    "kid is an address": lambda f: f.signed(kid="http://127.0.0.1:9/keys"),
    "typ of an id token": lambda f: f.signed(typ="JWT"),
    "another audience": lambda f: f.saying(aud="another"),
    "several audiences, none ours": lambda f: f.saying(aud=["another", "third"]),
    "another issuer": lambda f: f.saying(iss="https://evil.example"),
    "issued in the future": lambda f: f.saying(iat=int(time.time()) + 3600),
    "expiry that is text": lambda f: f.saying(exp="tomorrow"),
    "expiry without end": lambda f: f.saying(exp=1e400),
    "another kind": lambda f: f.saying(kind="root"),
    "scope that is a list": lambda f: f.saying(scope=["platform:admin"]),
    "subject that is none": lambda f: f.saying(sub="admin"),
    "a changed claim": lambda f: _with_claims(f.token, f.claims | {"scope": "platform:admin platform:hr"}),
    "no signature": lambda f: f.token.rsplit(".", 1)[0] + ".",
    "two parts": lambda f: f.token.rsplit(".", 1)[0],
    "garbage": lambda _f: "x.y.z",
    **{f"no {claim}": _without(claim) for claim in ("iss", "aud", "exp", "iat", "jti", "sub", "sid", "kind", "scope")},
}


def _with_claims(token: str, claims: dict[str, Any]) -> str:
    header, _, signature = token.split(".")
    return f"{header}.{_b64(orjson.dumps(claims)).decode()}.{signature}"


@pytest.fixture
async def before(tmp_path):
    async with front(tmp_path) as opened:
        yield opened


async def test_no_forged_token_is_anybody_at_the_gateway_or_at_the_service(before):
    token = (await before.tokens())["access_token"]
    async with before.harness.runtime.database.reading() as session:
        issuer = await issuers.issuer(session, before.harness.runtime)
    forge = Forge(token, issuer.key)
    admitted = []
    for name, make in FORGERIES.items():
        forged = make(forge)
        past_the_gateway = before.harness.anonymous()
        past_the_gateway.headers["Authorization"] = f"Bearer {forged}"
        for where, client in (("gateway", before.client(forged)), ("service", past_the_gateway)):
            answer = await client.get("/v1/people/me")
            refused = answer.status_code == 401 and "invalid_token" in answer.headers.get("www-authenticate", "")
            if not refused:
                admitted.append(f"{name} at the {where}: {answer.status_code} {answer.text[:200]}")
    assert admitted == []
    assert (await before.client(forge.signed()).get("/v1/people/me")).status_code == 200, "the forge itself works"


async def test_a_token_whose_time_is_over_is_refused_where_it_was_good_before(before):
    client = before.harness.anonymous()
    client.headers["Authorization"] = f"Bearer {(await before.tokens())['access_token']}"
    assert (await client.get("/v1/people/me")).status_code == 200
    before.clock.advance(timedelta(minutes=15, seconds=1))
    answer = await client.get("/v1/people/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")


async def test_a_refresh_token_is_no_access_token_and_an_access_token_refreshes_nothing(before):
    tokens = await before.tokens()
    used_as_access = await before.client(tokens["refresh_token"]).get("/v1/people/me")
    assert (used_as_access.status_code, used_as_access.json()["code"]) == (401, "token_invalid")
    used_as_refresh = await before.refresh(tokens["access_token"])
    assert (used_as_refresh.status_code, used_as_refresh.json()["code"]) == (401, "refresh_invalid")


async def test_a_token_in_the_address_or_in_a_cookie_is_not_looked_at(before):
    token = (await before.tokens())["access_token"]
    client = before.client()
    client.cookies.set("access_token", token)
    client.cookies.set("Authorization", f"Bearer {token}")
    for path in ("/v1/people/me", f"/v1/people/me?access_token={token}", f"/v1/people/me?token={token}"):
        assert (await client.get(path)).status_code == 401


async def test_two_refreshes_at_once_both_give_tokens_that_work(before):
    old = (await before.tokens())["refresh_token"]
    first, second = await asyncio.gather(before.refresh(old), before.refresh(old))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["refresh_token"] != second.json()["refresh_token"]
    for answer in (first, second):
        assert (await before.client(answer.json()["access_token"]).get("/v1/people/me")).status_code == 200
        assert (await before.refresh(answer.json()["refresh_token"])).status_code == 200


async def test_a_refresh_token_used_again_after_31_s_ends_the_session_and_the_person_is_told(before):
    tokens = await before.tokens()
    successor = (await before.refresh(tokens["refresh_token"])).json()["refresh_token"]
    before.clock.advance(timedelta(seconds=31))
    reused = await before.refresh(tokens["refresh_token"])
    assert (reused.status_code, reused.json()["code"]) == (401, "refresh_reused")
    thief_or_owner = await before.refresh(successor)
    assert thief_or_owner.status_code == 401
    after = before.harness.anonymous()
    again = await after.post("/v1/sessions", json={"login": ADMIN_EMAIL, "password": ADMIN_PASSWORD})
    after.headers["Authorization"] = f"Bearer {again.json()['access_token']}"
    sessions = (await after.get("/v1/sessions")).json()["items"]
    ended = {one["id"]: one["ended_because"] for one in sessions}
    assert ended[tokens["session_id"]] == "reused"


async def test_a_suspended_person_is_refused_at_the_gateway_within_5_s_on_paths_of_any_service(before):
    person = await before.person("00042")
    token = (await before.tokens("00042", PASSWORD))["access_token"]
    theirs = before.client(token)
    assert (await theirs.get("/v1/people/me")).status_code == 200
    revocations = before.gateway.runtime.revocations
    revocations.start()
    try:
        await eventually(lambda: not revocations.stale, what="the gateway has asked once")
        admin = before.client((await before.tokens())["access_token"])
        before.clock.advance(timedelta(seconds=2))  # the clock stands still, and nobody is suspended while they log in
        assert (await admin.post(f"/v1/people/{person['id']}/suspend")).status_code == 200

        async def refused() -> bool:
            # A path whose service does not even run here: it is the gateway that refuses.
            answer = await theirs.get("/v1/wallets/00000000-0000-7000-8000-000000000000")
            return answer.status_code == 401 and answer.json()["code"] == "session_revoked"

        await eventually(refused, timeout=REACHED_WITHIN, what="the gateway refuses a suspended person")
        assert (await theirs.get("/v1/people/me")).status_code == 401
        assert (await before.log_in("00042", PASSWORD)).status_code in {401, 403}
    finally:
        await revocations.stop()
