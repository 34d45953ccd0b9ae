"""Access tokens: every way of making one that we did not make ends in 401."""

import asyncio
import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chassis.problems import TOKEN_EXPIRED, TOKEN_INVALID, UNAUTHENTICATED, UNAVAILABLE, Problem
from chassis.security.caller import Caller
from chassis.security.keys import KeySet
from chassis.security.tokens import REQUIRED_CLAIMS, TokenIssuer, TokenVerifier, from_jwk, public_jwk
from chassis.testing import SettableClock

KEY, OTHER_KEY = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
NOW = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)
PERSON = Caller("person", uuid4(), uuid4(), frozenset({"platform:admin"}))


asked: list[str] = []


async def keys(key_id):
    asked.append(key_id)
    return KEY.public_key() if key_id == "good" else None


@pytest.fixture
def clock():
    asked.clear()
    return SettableClock(NOW)


@pytest.fixture
def verifier(clock):
    return TokenVerifier(issuer="qunxue", audience="qunxue", keys=keys, clock=clock)


def claims(**changes):
    made = {
        "iss": "qunxue",
        "aud": "qunxue",
        "exp": int((NOW + timedelta(minutes=15)).timestamp()),
        "iat": int(NOW.timestamp()),
        "jti": str(uuid4()),
        "sub": str(uuid4()),
        "sid": str(uuid4()),
        "kind": "person",
        "scope": "",
    } | changes
    return {name: value for name, value in made.items() if value is not ...}


def signed(body=None, *, key=KEY, algorithm="EdDSA", **header):
    header = {"kid": "good", "typ": "at+jwt"} | header
    return jwt.encode(claims() if body is None else body, key, algorithm=algorithm, headers=header)


def by_hand(header, body, sign=lambda message: b""):
    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=")

    message = part(json.dumps(header).encode()) + b"." + part(json.dumps(body).encode())
    return (message + b"." + part(sign(message))).decode()


async def refused(verifier, token, expected=TOKEN_INVALID):
    with pytest.raises(Problem) as raised:
        await verifier.verify(token)
    assert raised.value.type == expected
    assert raised.value.headers["WWW-Authenticate"].startswith('Bearer error="invalid_token"')


async def test_a_token_that_was_issued_names_its_caller(verifier):
    issuer = TokenIssuer("qunxue", "qunxue", "good", KEY)
    account = Caller("service", uuid4(), uuid4(), frozenset({"members.import"}), frozenset({uuid4()}))
    guest = Caller("guest", uuid4(), uuid4(), activity_id=uuid4())
    for caller in (PERSON, account, Caller("service", uuid4(), uuid4(), frozenset(), None), guest):
        token, expires_at = issuer.issue(caller, now=NOW)
        assert await verifier.verify(token) == caller
        assert expires_at == NOW + timedelta(minutes=15)
        assert jwt.get_unverified_header(token)["typ"] == "at+jwt"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
async def test_a_token_signed_by_nobody(verifier, algorithm):
    await refused(verifier, by_hand({"alg": algorithm, "kid": "good", "typ": "at+jwt"}, claims()))


@pytest.mark.parametrize(
    "secret",
    [
        KEY.public_key().public_bytes_raw(),
        KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        base64.urlsafe_b64encode(KEY.public_key().public_bytes_raw()).rstrip(b"="),
    ],
    ids=["raw", "pem", "jwk"],
)
async def test_a_token_signed_with_the_public_key_as_a_secret(verifier, secret):
    forged = by_hand(
        {"alg": "HS256", "kid": "good", "typ": "at+jwt"},
        claims(),
        lambda message: hmac.digest(secret, message, hashlib.sha256),
    )
    await refused(verifier, forged)


async def test_a_token_signed_with_another_key(verifier):
    await refused(verifier, signed(key=OTHER_KEY))


async def test_a_token_whose_claims_were_changed_afterwards(verifier):
    head, _, signature = signed().split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims(scope="platform:admin")).encode()).rstrip(b"=").decode()
    await refused(verifier, f"{head}.{body}.{signature}")


def test_the_claims_of_the_conventions_are_all_required():
    assert sorted(REQUIRED_CLAIMS) == sorted(["iss", "aud", "exp", "iat", "jti", "sub", "sid", "kind", "scope"])


@pytest.mark.parametrize("claim", REQUIRED_CLAIMS)
async def test_a_token_without_one_of_its_claims(verifier, claim):
    await refused(verifier, signed(claims(**{claim: ...})))


@pytest.mark.parametrize("claim", REQUIRED_CLAIMS)
async def test_a_token_with_an_empty_claim(verifier, claim):
    header = {"alg": "EdDSA", "kid": "good", "typ": "at+jwt"}
    await refused(verifier, by_hand(header, claims(**{claim: None}), KEY.sign))


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another"},
        {"aud": ["another"]},
        {"iss": "another"},
        {"kind": "god"},
        {"sub": "not-a-uuid"},
        {"sid": "../../etc/passwd"},
        {"scope": ["platform:admin"]},
        {"exp": "soon"},
        {"iat": int((NOW + timedelta(minutes=5)).timestamp())},
        {"kind": "service", "communities": "all"},
        {"kind": "service", "communities": 1},
        {"kind": "guest"},
        {"kind": "guest", "activity_id": None},
        {"kind": "guest", "activity_id": "all"},
    ],
)
async def test_a_token_that_claims_nonsense(verifier, changes):
    await refused(verifier, signed(claims(**changes)))


async def test_a_service_account_without_communities_has_none(verifier):
    caller = await verifier.verify(signed(claims(kind="service")))
    assert caller.community_ids == frozenset()


@pytest.mark.parametrize("key_id", ["../../keys/good", "good\0", "' OR 1=1 --", "x" * 65, "", None, 7, ["good"]])
async def test_a_key_id_that_is_an_injection(verifier, key_id):
    header = {"alg": "EdDSA", "typ": "at+jwt"} | ({} if key_id is None else {"kid": key_id})
    await refused(verifier, by_hand(header, claims(), OTHER_KEY.sign))


@pytest.mark.parametrize(
    "header",
    [
        {"jku": "https://evil.example/jwks.json"},
        {"x5u": "https://evil.example/chain.pem"},
        {"jwk": public_jwk("evil", OTHER_KEY.public_key())},
        {"jwk": public_jwk("good", OTHER_KEY.public_key()), "kid": "good"},
    ],
    ids=["jku", "x5u", "jwk", "jwk of a known id"],
)
async def test_a_token_that_brings_its_own_key(verifier, header):
    await refused(verifier, signed(key=OTHER_KEY, **header))
    assert set(asked) <= {"good"}


@pytest.mark.parametrize("typ", ["JWT", "rt+jwt", "", "at+jwt+x"])
async def test_a_token_of_another_type(verifier, typ):
    await refused(verifier, signed(typ=typ))


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a.b.c", "x" * 10_000, "é.é.é", signed()[:-2], signed() + "A"],
    ids=["empty", "dot", "dots", "letters", "long", "not ascii", "cut", "longer"],
)
async def test_what_is_no_token_at_all(verifier, token):
    await refused(verifier, token)


async def test_a_token_is_good_until_it_expires_and_not_a_second_longer(verifier, clock):
    token = signed()
    clock.now = NOW + timedelta(minutes=14, seconds=59)
    await verifier.verify(token)
    clock.now = NOW + timedelta(minutes=15)
    await refused(verifier, token, TOKEN_EXPIRED)


async def test_a_token_seen_for_the_first_time_at_its_end_has_expired(verifier, clock):
    clock.now = NOW + timedelta(minutes=15)
    await refused(verifier, signed(), TOKEN_EXPIRED)


async def test_a_remembered_token_expires_too(verifier, clock):
    token = signed()
    await verifier.verify(token)
    await verifier.verify(token)
    assert asked == ["good"]
    clock.now = NOW + timedelta(minutes=15)
    await refused(verifier, token, TOKEN_EXPIRED)
    await refused(verifier, token, TOKEN_EXPIRED)


async def test_a_bad_token_is_not_remembered_as_a_good_one(verifier):
    for _ in range(2):
        await refused(verifier, signed(key=OTHER_KEY))


async def test_a_clock_a_little_ahead_of_ours_is_forgiven(verifier):
    await verifier.verify(signed(claims(iat=int(NOW.timestamp()) + 4)))
    await refused(verifier, signed(claims(iat=int(NOW.timestamp()) + 6)))


async def test_no_more_tokens_are_remembered_than_there_is_room_for(verifier, monkeypatch):
    monkeypatch.setattr("chassis.security.tokens.REMEMBERED", 3)
    for _ in range(10):
        await verifier.verify(signed())
    assert len(verifier.remembered) == 3


@pytest.mark.parametrize("header", ["Basic dXNlcjpwYXNz", "Bearer", "Bearer ", "token abc", ""])
async def test_only_bearer_tokens_are_accepted(verifier, header):
    with pytest.raises(Problem) as raised:
        await verifier.authenticate(header)
    assert raised.value.type in {UNAUTHENTICATED, TOKEN_INVALID}


async def test_without_a_header_there_is_no_caller(verifier):
    assert await verifier.authenticate(None) is None
    assert await verifier.authenticate(f"bearer {signed()}")


# --- the keys ---


class Issuer:
    """Membership's JWKS, with a clock that a test moves."""

    def __init__(self, *key_ids):
        self.key_ids = list(key_ids)
        self.fetched = 0
        self.seconds = 0.0
        self.reachable = True
        self.document = None

    async def fetch(self):
        self.fetched += 1
        await asyncio.sleep(0)
        if not self.reachable:
            raise OSError("nobody there")
        return self.document or {"keys": [public_jwk(key_id, KEY.public_key()) for key_id in self.key_ids]}

    def keys(self):
        return KeySet(self.fetch, monotonic=lambda: self.seconds)


async def test_an_unknown_key_is_asked_for_once_in_thirty_seconds():
    issuer = Issuer("good")
    known = issuer.keys()
    assert await known("good") is not None
    for _ in range(100):
        assert await known("forged") is None
    assert issuer.fetched == 1
    issuer.seconds = 30
    issuer.key_ids.append("rotated")
    assert await known("rotated") is not None
    assert await known("forged") is None
    assert issuer.fetched == 2


async def test_requests_that_come_together_fetch_once():
    issuer = Issuer("good")
    known = issuer.keys()
    assert None not in await asyncio.gather(*(known("good") for _ in range(50)))
    assert issuer.fetched == 1


async def test_without_any_key_a_token_cannot_be_judged():
    issuer = Issuer("good")
    issuer.reachable = False
    known = issuer.keys()
    for _ in range(20):
        with pytest.raises(Problem) as raised:
            await known("good")
        assert raised.value.type == UNAVAILABLE
    assert issuer.fetched == 1
    issuer.reachable, issuer.seconds = True, 1.0
    assert await known("good") is not None


async def test_known_keys_stay_good_while_their_issuer_is_away():
    issuer = Issuer("good")
    known = issuer.keys()
    await known("good")
    issuer.reachable, issuer.seconds = False, 60
    assert await known("unknown") is None
    assert await known("good") is not None


@pytest.mark.parametrize(
    "document",
    [{}, {"keys": []}, {"keys": [{"kty": "RSA"}]}, {"keys": [{"kty": "OKP", "crv": "Ed25519"}]}, {"keys": 1}],
)
async def test_a_document_that_is_no_key_set_is_no_key(document):
    issuer = Issuer()
    issuer.document = document
    with pytest.raises(Problem):
        await issuer.keys()("good")


def test_a_key_travels_as_a_jwk():
    key_id, key = from_jwk(public_jwk("good", KEY.public_key()))
    assert (key_id, key.public_bytes_raw()) == ("good", KEY.public_key().public_bytes_raw())
    with pytest.raises(ValueError):
        from_jwk({"kty": "OKP", "crv": "Ed25519", "kid": "x", "x": "AA"})
