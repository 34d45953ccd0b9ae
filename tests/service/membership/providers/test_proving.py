"""What a provider's log-in proves, and when: what it says itself, of what the host has said that means it."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pyotp
import pytest

from services.membership.bootstrap import bootstrap
from services.membership.providers.oidc import OidcProvider
from tests.service.membership.providers.company import APP, Browser, corp
from tests.service.membership.providers.conftest import set_up

NUMBER = {"employee_number": "A7"}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def at(membership):
    """A moment as tokens have it, so long before now."""
    return lambda ago=timedelta(0): int((membership.harness.clock() - ago).timestamp())


@pytest.fixture
async def li(membership, browser):
    """Somebody who came in by their company account and has neither a password nor an app."""
    person = await membership.person("李雷", employee_no="B8")
    client = await browser.enters("u-li", employee_number="B8")
    return person, client


async def refreshed(membership, client):
    """The same client with its next token."""
    answer = await membership.anonymous.post(
        "/v1/sessions/refresh", json={"refresh_token": client.headers["X-Refresh"]}
    )
    assert answer.status_code == 200, answer.text
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    client.headers["X-Refresh"] = answer.json()["refresh_token"]
    return client


async def is_fresh(client):
    """Whether the client may do what asks for a recent proof."""
    answer = await client.post("/v1/second-factors")
    assert answer.status_code in (201, 401), answer.text
    return answer.status_code == 201


async def proves(browser, client, subject, **claims):
    """They go to the provider and come back."""
    address = await browser.sent(client=client, path="step-up", return_to="/settings")
    return await browser.back(address, code=browser.company.lets_in(address, subject, **claims))


async def test_a_log_in_counts_from_when_the_provider_asked_and_not_from_when_they_came(browser, zhang, at):
    assert await is_fresh(await browser.enters("u-1", auth_time=at(), **NUMBER))
    assert await is_fresh(await browser.enters("u-1", auth_time=at(4 * MINUTE)))
    assert not await is_fresh(await browser.enters("u-1", auth_time=at(6 * MINUTE)))


async def test_what_is_not_said_or_not_as_it_must_be_is_no_proof(browser, zhang, at):
    for said in (None, at() + 3600, float(at()), True, -1):
        assert not await is_fresh(await browser.enters("u-1", auth_time=said, **NUMBER)), said
    for said in (str(at()), [at()]):
        assert (await browser.logs_in("u-1", claims={"auth_time": said})).json()["code"] == "provider_refused"


async def test_people_prove_again_by_the_provider_who_they_are(membership, browser, li, at):
    _, client = li
    assert not await is_fresh(client)
    address = await browser.sent(client=client, path="step-up", return_to="/settings")
    query = dict(parse_qsl(urlsplit(address).query))
    assert (query["prompt"], query["max_age"]) == ("login", "60")
    answer = await browser.back(address, code=browser.company.lets_in(address, "u-li", auth_time=at()))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{APP}/settings?proved=corp")
    assert "qunxue_refresh" not in browser.cookies
    assert await is_fresh(await refreshed(membership, client))
    membership.harness.clock.advance(6 * MINUTE)
    assert not await is_fresh(await refreshed(membership, client))


async def test_a_provider_that_did_not_ask_again_has_proved_nothing(membership, browser, li, at):
    _, client = li
    for said in (None, at(2 * MINUTE), str(at())):
        answer = await proves(browser, client, "u-li", auth_time=said)
        assert (answer.status_code, answer.json()["code"]) == (401, "provider_refused"), said
    assert not await is_fresh(await refreshed(membership, client))


async def test_nobody_proves_who_they_are_by_another_account(membership, browser, li, zhang, at):
    _, client = li
    await Browser(browser.harness, browser.company).enters("u-1", **NUMBER)
    for subject in ("u-1", "nobody's"):
        answer = await proves(browser, client, subject, auth_time=at())
        assert (answer.status_code, answer.json()["code"]) == (401, "identity_unknown"), subject
    assert not await is_fresh(await refreshed(membership, client))


async def test_a_session_that_was_ended_meanwhile_is_not_proved(browser, li, at):
    _, client = li
    address = await browser.sent(client=client, path="step-up")
    await client.delete("/v1/sessions/current")
    answer = await browser.back(address, code=browser.company.lets_in(address, "u-li", auth_time=at()))
    assert answer.json()["code"] == "login_state_invalid"


async def test_one_session_is_proved_and_no_other_of_the_same_person(membership, browser, li, at):
    _, client = li
    other = await Browser(browser.harness, browser.company).enters("u-li")
    assert (await proves(browser, client, "u-li", auth_time=at())).status_code == 303
    assert not await is_fresh(await refreshed(membership, other))


async def test_who_has_an_app_is_asked_for_more_than_the_providers_password(membership, browser, company, li, at):
    _, client = li
    await proves(browser, client, "u-li", auth_time=at())
    made = (await (await refreshed(membership, client)).post("/v1/second-factors")).json()
    code = pyotp.TOTP(made["secret"]).at(membership.harness.clock())
    assert (await client.post(f"/v1/second-factors/{made['id']}/confirm", json={"code": code})).status_code == 200
    membership.harness.clock.advance(6 * MINUTE)
    answer = await proves(browser, client, "u-li", auth_time=at())
    assert (answer.status_code, answer.json()["code"]) == (401, "second_factor_needed")
    assert not await is_fresh(await refreshed(membership, client))
    set_up(membership.harness.runtime, corp(company, second_factor_amr=("otp",)))
    assert (await proves(browser, client, "u-li", auth_time=at(), amr=["pwd", "otp"])).status_code == 303
    assert await is_fresh(await refreshed(membership, client))


@pytest.fixture
async def officer(membership, browser):
    """Somebody of HR, whose fortnight is over, and who has no app here."""
    runtime = membership.harness.runtime
    runtime.settings = runtime.settings.model_copy(update={"second_factor": "required"})
    await bootstrap(runtime)
    person = await membership.person("韩梅", employee_no="C9")
    await browser.enters("u-han", employee_number="C9")
    granted = await membership.admin.post(f"/v1/people/{person['id']}/platform-roles", json={"role": "hr"})
    assert granted.status_code in (200, 201), granted.text
    membership.harness.clock.advance(timedelta(days=15))
    return person


async def is_awake(client):
    return (await client.get("/v1/people")).status_code == 200


@pytest.mark.parametrize("said", [{"amr": ["pwd", "mfa"]}, {"acr": "urn:two"}])
async def test_a_second_factor_of_the_provider_counts_where_the_host_says_what_means_it(
    membership, browser, company, officer, said
):
    assert not await is_awake(await browser.enters("u-han", **said))
    meant = corp(company, second_factor_amr=("otp", "mfa"), second_factor_acr=("urn:two",))
    set_up(membership.harness.runtime, meant)
    client = await browser.enters("u-han", **said)
    assert await is_awake(client)
    assert await is_awake(await refreshed(membership, client))
    assert (await client.get("/internal/tasks")).json() == []


async def test_what_does_not_say_it_wakes_nobody(membership, browser, company, officer):
    set_up(membership.harness.runtime, corp(company, second_factor_amr=("mfa",), second_factor_acr=("urn:two",)))
    for said in ({}, {"amr": ["pwd"]}, {"amr": [["mfa"]]}, {"amr": ["urn:two"]}, {"acr": "mfa"}, {"acr": ["urn:two"]}):
        assert not await is_awake(await browser.enters("u-han", **said)), said
    for methods in ("mfa", {"mfa": 1}):
        assert (await browser.logs_in("u-han", claims={"amr": methods})).json()["code"] == "provider_refused"


async def test_staff_wake_by_proving_a_second_factor_at_the_provider(membership, browser, company, officer, at):
    set_up(membership.harness.runtime, corp(company, second_factor_acr=("urn:two", "urn:three")))
    client = await browser.enters("u-han")
    assert not await is_awake(client)
    address = await browser.sent(client=client, path="step-up")
    assert dict(parse_qsl(urlsplit(address).query))["acr_values"] == "urn:two urn:three"
    answer = await browser.back(address, code=company.lets_in(address, "u-han", auth_time=at(), acr="urn:two"))
    assert answer.status_code == 303
    assert await is_awake(await refreshed(membership, client))


async def test_where_nobody_says_when_they_proved_it_coming_counts_for_who_has_nothing_else(
    membership, browser, zhang, monkeypatch
):
    """As with messengers: without a password they could never set up an app."""
    monkeypatch.setattr(OidcProvider, "proves_again", False)
    client = await browser.enters("u-1", **NUMBER)
    assert await is_fresh(client)
    asked = await client.post("/v1/providers/corp/step-up", json={})
    assert (asked.status_code, asked.json()["code"]) == (409, "provider_proves_nothing")
    await membership.activated("李雷", employee_no="B8")
    assert not await is_fresh(await browser.enters("u-2", employee_number="B8"))


async def test_a_log_in_page_knows_by_what_people_can_prove_again_who_they_are(membership, company):
    (shown,) = (await membership.anonymous.get("/v1/providers")).json()["items"]
    assert shown["steps_up"] is True
