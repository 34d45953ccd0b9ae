"""What others make of a log-in under way: its state, its code, its tokens, and where it leads."""

import asyncio
import hmac
import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from functools import partial
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc.jwk import RSAKey

from tests.service.membership.providers.company import Browser

NUMBER = {"employee_number": "A7"}


@pytest.fixture(autouse=True)
async def somebody(zhang):
    return zhang


def refused(answer, code):
    assert (answer.status_code, answer.json()["code"]) == ({"login_state_invalid": 400}.get(code, 401), code)
    assert "qunxue_refresh" not in answer.headers.get("set-cookie", "")
    return True


async def test_a_state_comes_back_once(browser, company):
    address = await browser.sent()
    cookies = dict(browser.cookies)
    assert (await browser.back(address, code=company.lets_in(address, "u-1", **NUMBER))).status_code == 303
    browser.cookies = cookies
    assert refused(await browser.back(address, code=company.lets_in(address, "u-1")), "login_state_invalid")
    assert len(company.exchanged()) == 1


async def test_of_two_who_come_back_at_once_with_one_state_one_comes_in(browser, company):
    address = await browser.sent()
    codes = [company.lets_in(address, "u-1", **NUMBER) for _ in range(2)]
    cookies = dict(browser.cookies)
    twins = [Browser(browser.harness, company) for _ in codes]
    for twin in twins:
        twin.cookies = dict(cookies)
    answers = await asyncio.gather(*(twin.back(address, code=code) for twin, code in zip(twins, codes, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [303, 400]


async def test_two_who_log_in_at_once_by_one_account_are_one_person(browser, company, membership, zhang):
    twins = [Browser(browser.harness, company) for _ in range(2)]
    answers = await asyncio.gather(*(twin.logs_in("u-1", claims=NUMBER) for twin in twins))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len((await membership.admin.get(f"/v1/people/{zhang['id']}/identities")).json()["items"]) == 1


async def test_a_log_in_that_somebody_else_began_lets_nobody_in(browser, company):
    attacker = Browser(browser.harness, company)
    address = await attacker.sent()
    code = company.lets_in(address, "attacker", **NUMBER)
    await browser.sent()
    assert refused(await browser.back(address, code=code), "login_state_invalid")
    assert company.exchanged() == []


async def test_the_cookie_of_one_log_in_is_good_for_no_other(browser, company):
    first, second = await browser.sent(), await browser.sent()
    names = list(browser.cookies)
    browser.cookies = {names[1]: browser.cookies[names[0]]}
    assert refused(await browser.back(second, code=company.lets_in(second, "u-1")), "login_state_invalid")
    assert refused(await browser.back(first, code="x"), "login_state_invalid")


async def test_a_cookie_that_somebody_wrote_is_none(browser, company):
    address = await browser.sent()
    kept = dict(browser.cookies)
    for change in (lambda value: "x" + value, lambda value: value[:-2], lambda _: ".", lambda _: "e30.x"):
        browser.cookies = {name: change(value) for name, value in kept.items()}
        assert refused(await browser.back(address, code=company.lets_in(address, "u-1")), "login_state_invalid")


async def test_a_log_in_that_takes_longer_than_ten_minutes_is_begun_again(browser, company, membership):
    address = await browser.sent()
    membership.harness.clock.advance(timedelta(minutes=10))
    assert refused(await browser.back(address, code=company.lets_in(address, "u-1", **NUMBER)), "login_state_invalid")


async def test_a_log_in_by_one_provider_does_not_come_back_from_another(browser, company, membership):
    runtime = membership.harness.runtime
    (corp,) = runtime.settings.providers
    other = corp.model_copy(update={"code": "other"})
    runtime.settings = runtime.settings.model_copy(update={"providers": (corp, other)})
    address = await browser.sent()
    code = company.lets_in(address, "u-1", **NUMBER)
    assert refused(await browser.back(address, code=code, provider="other"), "login_state_invalid")


async def test_the_answer_of_another_issuer_is_not_exchanged(browser, company):
    address = await browser.sent()
    code = company.lets_in(address, "u-1", **NUMBER)
    assert refused(await browser.back(address, code=code, iss="https://elsewhere.example"), "provider_refused")
    assert company.exchanged() == []


async def test_a_provider_that_says_its_issuer_must_always_say_it(browser, company):
    whole = company.document() | {"authorization_response_iss_parameter_supported": True}
    company.shop.answers["/.well-known/openid-configuration"] = whole
    for said, status in ((None, 401), (company.issuer, 303)):
        address = await browser.sent()
        answer = await browser.back(address, code=company.lets_in(address, "u-1", **NUMBER), iss=said)
        assert answer.status_code == status


async def test_a_document_of_another_issuer_is_not_believed(browser, company, membership):
    company.shop.answers["/.well-known/openid-configuration"] = company.document() | {"issuer": "https://elsewhere"}
    answer = await membership.anonymous.post("/v1/providers/corp/authorizations", json={})
    assert answer.json()["code"] == "provider_unavailable"


NOT_OURS = [
    {"nonce": "somebody else's"},
    {"nonce": None},
    {"iss": "https://elsewhere.example"},
    {"iss": None},
    {"aud": "another client"},
    {"aud": ["qunxue", "another"]},
    {"aud": None},
    {"azp": "another"},
    {"exp": 1},
    {"exp": None},
    {"iat": None},
    {"iat": 9999999999},
    {"nbf": 9999999999},
    {"sub": None},
    {"sub": ""},
    {"sub": 7},
    {"sub": "x" * 256},
    {"at_hash": "not of this one"},
]


async def test_a_token_that_is_not_for_this_log_in_lets_nobody_in(browser, company):
    for claims in NOT_OURS:
        company.claims = claims
        assert refused(await browser.logs_in("u-1", claims=NUMBER), "provider_refused"), claims


async def test_a_token_that_no_key_of_the_provider_signed_lets_nobody_in(browser, company):
    def part(said):
        return urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")

    def signed(algorithm, claims):
        now = int(company.clock().timestamp())
        whole = {"iss": company.issuer, "aud": "qunxue", "iat": now, "exp": now + 300} | claims
        text = f"{part({'alg': algorithm, 'kid': 'first'})}.{part(whole)}"
        # What everybody knows, taken for what both know.
        proof = hmac.digest(company.key.as_pem(private=False), text.encode(), "sha256")
        return f"{text}.{urlsafe_b64encode(proof).decode().rstrip('=') if algorithm == 'HS256' else ''}"

    for algorithm in ("none", "HS256", "NONE"):
        company.signed = partial(signed, algorithm)
        assert refused(await browser.logs_in("u-1", claims=NUMBER), "provider_refused")


async def test_a_token_brings_no_key_of_its_own(browser, company):
    own = RSAKey.generate_key(2048, parameters={"kid": "own"})
    company.header = {"kid": "own", "jwk": own.as_dict(private=False)}
    published, company.key = company.key, own
    company.shop.answers["/keys"] = lambda _: {"keys": [published.as_dict(private=False)]}
    assert refused(await browser.logs_in("u-1", claims=NUMBER), "provider_refused")


async def test_a_new_key_of_the_provider_is_fetched_and_unknown_ones_not_again_and_again(browser, company, membership):
    await browser.logs_in("u-1", claims=NUMBER)
    company.key = RSAKey.generate_key(2048, parameters={"kid": "second", "use": "sig"})
    company.header = {"kid": "second"}

    def fetched():
        return len([seen for seen in company.shop.seen if seen.path == "/keys"])

    assert fetched() == 1
    membership.harness.clock.advance(timedelta(seconds=31))
    assert (await browser.logs_in("u-1")).status_code == 303
    assert fetched() == 2
    company.header = {"kid": "nobody's"}
    for _ in range(3):
        assert refused(await browser.logs_in("u-1"), "provider_refused")
    assert fetched() == 2


async def test_a_code_is_exchanged_once_and_what_the_provider_refuses_lets_nobody_in(browser, company):
    address = await browser.sent()
    code = company.lets_in(address, "u-1", **NUMBER)
    assert (await browser.back(address, code=code)).status_code == 303
    again = await browser.sent()
    assert refused(await browser.back(again, code=code), "provider_refused")


ELSEWHERE = [
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/%2fevil.example",
    "/%2F/evil.example",
    "/%5cevil.example",
    "/\t/evil.example",
    "/%09/evil.example",
    "/x//evil.example",
    "/..//evil.example",
    "/%2e%2e/evil",
    "/a/../..//evil",
    "javascript:alert(1)",
    "/home#token",
    "/home\r\nSet-Cookie: a=b",
    "/home%0d%0aSet-Cookie:%20a=b",
    "home",
    "@evil.example",
    "/" + "x" * 512,
    "",
]


async def test_nobody_is_sent_anywhere_but_into_the_app(membership, company):
    for where in ELSEWHERE:
        answer = await membership.anonymous.post("/v1/providers/corp/authorizations", json={"return_to": where})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/return_to"), where


async def test_an_abandoned_log_in_leaves_few_cookies(browser):
    for _ in range(12):
        await browser.sent()
    assert len(browser.cookies) <= 6


async def test_what_is_under_way_is_in_a_cookie_that_no_script_reads_and_other_sites_bring_only_by_link(
    membership, company
):
    answer = await membership.anonymous.post("/v1/providers/corp/authorizations", json={})
    cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/v1/providers", "Max-Age=600"))
    state = dict(parse_qsl(urlsplit(answer.json()["authorization_url"]).query))["state"]
    assert len(state) == 43
