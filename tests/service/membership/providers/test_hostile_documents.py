"""What a provider publishes of itself, or somebody in its place: too much, too late, or of addresses that are nobody's business."""

import asyncio
import json
from datetime import timedelta

import pytest

from chassis import outgoing
from services.membership.providers import oidc
from tests.service.membership.providers.conftest import set_up

NUMBER = {"employee_number": "A7"}
DOCUMENT = "/.well-known/openid-configuration"


@pytest.fixture(autouse=True)
async def somebody(zhang):
    return zhang


async def begins(membership):
    answer = await membership.anonymous.post("/v1/providers/corp/authorizations", json={})
    return answer.status_code, answer.json().get("code")


UNAVAILABLE = (503, "provider_unavailable")


def padded(document):
    return 200, {"content-type": "application/json"}, json.dumps(document | {"x": "x" * outgoing.MOST_BYTES}).encode()


async def test_a_document_without_end_is_not_read_to_its_end(membership, company):
    company.shop.answers[DOCUMENT] = padded(company.document())
    assert await begins(membership) == UNAVAILABLE


async def test_keys_without_end_let_nobody_in(browser, company):
    keys = company.shop.answers["/keys"](None)
    company.shop.answers["/keys"] = padded(keys)
    assert (await browser.logs_in("u-1", claims=NUMBER)).json()["code"] == "provider_unavailable"


async def test_a_document_that_does_not_come_keeps_only_the_first_waiting(membership, company, monkeypatch):
    asked = []

    async def never(url, *_, **__):
        asked.append(url)
        raise TimeoutError

    monkeypatch.setattr(oidc, "get", never)
    answers = await asyncio.gather(*(begins(membership) for _ in range(4)))
    assert answers == 4 * [UNAVAILABLE]
    assert len(asked) == 1


INSIDE = [
    "http://169.254.169.254/latest/meta-data",
    "http://[fd00:ec2::254]/keys",
    "http://[::ffff:169.254.169.254]/keys",
    "http://100.100.100.200/keys",
    "http://0/keys",
    "http://2852039166/keys",
    "https://who:secret@login.example/keys",
]


async def test_a_document_leads_nowhere_inside_whatever_the_host_allows(membership, browser, company, monkeypatch):
    not_called = []

    def noted(call):
        async def asked(url, *rest, **options):
            try:
                return await call(url, *rest, **options)
            except outgoing.AddressRefusedError:
                not_called.append(url)
                raise

        return asked

    for call in (outgoing.get, outgoing.post):
        monkeypatch.setattr(oidc, call.__name__, noted(call))
    providers = membership.harness.runtime.settings.providers
    for name in ("token_endpoint", "jwks_uri"):
        for where in INSIDE:
            set_up(membership.harness.runtime, *providers, provider_networks=("0.0.0.0/0", "::/0"))
            company.shop.answers[DOCUMENT] = company.document() | {name: where}
            answer = await browser.logs_in("u-1", claims=NUMBER)
            assert (answer.status_code, answer.json()["code"]) == UNAVAILABLE, where
    assert not_called == 2 * INSIDE


async def test_a_provider_that_sends_elsewhere_is_not_followed(membership, company):
    company.shop.answers[DOCUMENT] = (302, {"location": f"{company.issuer}/moved"}, b"")
    company.shop.answers["/moved"] = company.document()
    assert await begins(membership) == UNAVAILABLE
    assert [seen.path for seen in company.shop.seen] == [DOCUMENT]


async def test_people_and_programs_are_sent_to_web_addresses_alone(membership, company):
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        for where in ("javascript:alert(1)//", "file:///etc/passwd", "//keys", "/keys", 7, None):
            company.shop.answers[DOCUMENT] = company.document() | {name: where}
            assert await begins(membership) == UNAVAILABLE, where


async def test_keys_that_are_away_let_nobody_in_and_are_asked_for_again_soon(membership, browser, company):
    keys = company.shop.answers["/keys"]
    company.shop.answers["/keys"] = (503, {}, b"")
    assert (await browser.logs_in("u-1", claims=NUMBER)).json()["code"] == "provider_unavailable"
    company.shop.answers["/keys"] = keys
    membership.harness.clock.advance(timedelta(seconds=5))
    assert (await browser.logs_in("u-1", claims=NUMBER)).status_code == 303
