"""Who comes in by company account, who does not, and what becomes of the session."""

from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.service.membership.providers.company import APP, CLIENT, PUBLIC, SECRET, Browser

WHY = "公司更换了账号系统"
NUMBER = {"employee_number": "a7"}


def told(answer):
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


async def test_a_log_in_page_shows_what_there_is_and_nothing_secret(membership, company):
    shown = await membership.anonymous.get("/v1/providers")
    names = {"zh": "公司账号", "en": "Company account"}
    assert shown.json()["items"] == [{"code": "corp", "names": names, "steps_up": True}]


async def test_somebody_who_was_imported_comes_in_by_their_number(membership, browser, zhang):
    answer = await browser.logs_in("u-1", claims=NUMBER, return_to="/home?tab=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{APP}/home?tab=1")
    refreshed = await membership.anonymous.post(
        "/v1/sessions/refresh", headers={"Cookie": f"qunxue_refresh={browser.cookies['qunxue_refresh']}"}
    )
    assert refreshed.json()["person_id"] == zhang["id"]
    assert [name for name in browser.cookies if name.startswith("qunxue_login_")] == []
    again = await Browser(browser.harness, browser.company).logs_in("u-1")
    assert again.status_code == 303


async def test_the_refresh_token_is_in_a_cookie_that_no_script_reads(browser, zhang):
    answer = await browser.logs_in("u-1", claims=NUMBER)
    (cookie,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith("qunxue_refresh=")]
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=strict", "Path=/v1/sessions"))
    assert int(cookie.partition("Max-Age=")[2].partition(";")[0]) <= 12 * 3600
    assert "qxr_" not in answer.headers["Location"]


async def test_an_app_fetches_its_session_once_with_what_it_began_with(membership, browser, zhang):
    answer = await browser.logs_in("u-1", claims=NUMBER, transport="body")
    assert list(told(answer)) == ["login_code"]
    for wrong in ({"verifier": "x" * 43}, {"login_code": "x" * 43}):
        refused = await browser.fetches(answer, **wrong)
        assert (refused.status_code, refused.json()["code"]) == (401, "login_code_invalid")
    fetched = await browser.fetches(answer)
    assert (fetched.status_code, fetched.json()["person_id"]) == (201, zhang["id"])
    assert (await browser.fetches(answer)).status_code == 401


async def test_the_code_of_an_app_is_too_old_after_two_minutes(membership, browser, zhang):
    answer = await browser.logs_in("u-1", claims=NUMBER, transport="body")
    membership.harness.clock.advance(timedelta(minutes=2))
    assert (await browser.fetches(answer)).json()["code"] == "login_code_invalid"


async def test_a_session_says_how_it_was_begun_and_ends_after_twelve_hours_whatever_is_done(membership, browser, zhang):
    client = await browser.enters("u-1", **NUMBER)
    (mine,) = (await client.get("/v1/sessions")).json()["items"]
    lasts = datetime.fromisoformat(mine["ends_at"]) - datetime.fromisoformat(mine["started_at"])
    assert (mine["provider"], lasts) == ("corp", timedelta(hours=12))
    token = client.headers["X-Refresh"]

    async def refreshed():
        return await membership.anonymous.post("/v1/sessions/refresh", json={"refresh_token": token})

    membership.harness.clock.advance(timedelta(hours=11, minutes=44))
    answer = await refreshed()
    assert answer.status_code == 200
    token = answer.json()["refresh_token"]
    membership.harness.clock.advance(timedelta(minutes=2))
    assert (await refreshed()).status_code == 401


async def test_somebody_unknown_is_told_so_and_is_not_found_by_mail_or_phone(membership, browser):
    await membership.person("张伟", email="zhang@example.com", phone="13800138000")
    contact = {"email": "zhang@example.com", "phone_number": "13800138000"}
    for claims in ({}, {"employee_number": "B8"}, contact, contact | {"employee_number": "13800138000"}):
        answer = await browser.logs_in("u-1", claims=claims)
        assert (answer.status_code, answer.json()["code"]) == (401, "identity_unknown")


async def test_a_number_links_nobody_unless_the_host_trusts_the_provider_for_it(membership, browser, zhang):
    runtime = membership.harness.runtime
    (trusted,) = runtime.settings.providers
    untrusted = trusted.model_copy(update={"employee_no_claim": None})
    runtime.settings = runtime.settings.model_copy(update={"providers": (untrusted,)})
    answer = await browser.logs_in("u-1", claims=NUMBER)
    assert answer.json()["code"] == "identity_unknown"


async def test_who_left_stays_out_and_comes_back_as_themselves_only_when_hired_again(membership, browser, zhang):
    client = await browser.enters("u-1", **NUMBER)
    await membership.admin.post(f"/v1/people/{zhang['id']}/leave")
    assert (await client.get("/v1/people/me")).json()["code"] == "session_revoked"
    for claims in (NUMBER, {}):
        answer = await browser.logs_in("u-1", claims=claims)
        assert (answer.status_code, answer.json()["code"]) == (401, "account_inactive")
    await membership.admin.post(f"/v1/people/{zhang['id']}/rehire")
    assert (await browser.logs_in("u-1")).json()["code"] == "identity_unknown"
    assert (await browser.logs_in("u-1", claims=NUMBER)).status_code == 303


async def test_an_account_that_was_somebody_elses_is_not_linked_by_a_number(membership, browser, zhang):
    await browser.enters("u-1", **NUMBER)
    await membership.admin.post(f"/v1/people/{zhang['id']}/leave")
    await membership.person("李雷", employee_no="B8")
    answer = await browser.logs_in("u-1", claims={"employee_number": "B8"})
    assert answer.json()["code"] == "identity_unknown"


async def test_who_is_suspended_stays_out(membership, browser, zhang):
    await browser.enters("u-1", **NUMBER)
    await membership.admin.post(f"/v1/people/{zhang['id']}/suspend")
    assert (await browser.logs_in("u-1")).json()["code"] == "account_inactive"


async def test_a_session_is_not_fetched_by_who_was_suspended_meanwhile(membership, browser, zhang):
    answer = await browser.logs_in("u-1", claims=NUMBER, transport="body")
    await membership.admin.post(f"/v1/people/{zhang['id']}/suspend")
    assert (await browser.fetches(answer)).json()["code"] == "account_inactive"


async def test_the_subject_changes_and_the_person_stays(membership, browser, zhang):
    client = await browser.enters("u-1", **NUMBER)
    (linked,) = (await membership.admin.get(f"/v1/people/{zhang['id']}/identities")).json()["items"]
    changed = await membership.admin.patch(
        f"/v1/identities/{linked['id']}", json={"subject": "u-2", "reason": WHY}, headers={"If-Match": "*"}
    )
    assert changed.status_code == 200
    refused = await membership.anonymous.post(
        "/v1/sessions/refresh", json={"refresh_token": client.headers["X-Refresh"]}
    )
    assert refused.status_code == 401
    assert (await browser.logs_in("u-1")).json()["code"] == "identity_unknown"
    again = await browser.enters("u-2")
    assert (await again.get("/v1/people/me")).json()["id"] == zhang["id"]


async def test_people_link_their_account_while_logged_in(membership, browser):
    person = await membership.activated("李雷", employee_no="B8")
    client = await membership.entered("B8")
    address = await browser.sent(client=client, path="link", return_to="/settings")
    answer = await browser.back(address, code=browser.company.lets_in(address, "u-1"))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{APP}/settings?linked=corp")
    assert "qunxue_refresh" not in browser.cookies
    (mine,) = (await client.get("/v1/identities")).json()["items"]
    assert mine["linked_by"] == "person"
    assert (await (await browser.enters("u-1")).get("/v1/people/me")).json()["id"] == person["id"]


async def test_nobody_links_the_account_of_somebody_else(membership, browser, zhang):
    await browser.enters("u-1", **NUMBER)
    await membership.activated("李雷", employee_no="B8")
    address = await browser.sent(client=await membership.entered("B8"), path="link")
    answer = await browser.back(address, code=browser.company.lets_in(address, "u-1"))
    assert (answer.status_code, answer.json()["code"]) == (409, "identity_taken")


async def test_an_account_is_linked_only_while_the_session_lasts_that_began_it(membership, browser):
    await membership.activated("李雷", employee_no="B8")
    client = await membership.entered("B8")
    address = await browser.sent(client=client, path="link")
    await client.delete("/v1/sessions/current")
    answer = await browser.back(address, code=browser.company.lets_in(address, "u-1"))
    assert answer.json()["code"] == "login_state_invalid"


async def test_people_with_a_role_on_the_platform_are_not_linked_by_number(membership, browser, zhang):
    await membership.admin.post(f"/v1/people/{zhang['id']}/platform-roles", json={"role": "hr"})
    answer = await browser.logs_in("u-1", claims=NUMBER)
    assert (answer.status_code, answer.json()["code"]) == (401, "identity_link_first")


async def test_a_browser_that_is_kept_out_is_sent_back_to_the_app_with_the_reason(browser):
    address = await browser.sent(return_to="/home?tab=1")
    as_browsers_do = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    code = browser.company.lets_in(address, "u-1")
    for expected in ("/home?tab=1&login_error=identity_unknown", "/?login_error=login_state_invalid"):
        answer = await browser.back(address, code=code, headers=as_browsers_do)
        assert (answer.status_code, answer.headers["Location"]) == (303, APP + expected)
        assert "qunxue_refresh" not in browser.cookies
        browser.cookies = {}


@pytest.mark.parametrize("name", ["code", "authCode"])
async def test_what_a_provider_adds_keeps_nobody_out(browser, zhang, name):
    """As companies' providers do: Keycloak `session_state`, Google `authuser`, WeCom `appid`; DingTalk calls the code `authCode`."""
    address = await browser.sent()
    code = browser.company.lets_in(address, "u-1", **NUMBER)
    answer = await browser.back(address, session_state="s", authuser="0", appid="ww1", scope="openid", **{name: code})
    assert answer.status_code == 303, answer.text


async def test_who_gives_up_at_the_provider_is_told_so(browser):
    answer = await browser.back(await browser.sent(), error="access_denied")
    assert (answer.status_code, answer.json()["code"]) == (401, "provider_refused")


async def test_the_provider_is_asked_with_a_proof_that_only_we_have(browser, company, zhang):
    address = await browser.sent()
    query = dict(parse_qsl(urlsplit(address).query))
    assert (query["code_challenge_method"], query["client_id"], query["scope"]) == ("S256", CLIENT, "openid")
    assert query["redirect_uri"] == f"{PUBLIC}/v1/providers/corp/callback"
    await browser.back(address, code=company.lets_in(address, "u-1", **NUMBER))
    (form,) = company.exchanged()
    assert len(form["code_verifier"][0]) == 43
    assert form["code_verifier"][0] not in address
    assert SECRET not in str(form)
    assert company.shop.seen[-1].path in ("/token", "/keys")


async def test_a_provider_that_does_not_answer_keeps_nobody_waiting(membership, browser, company):
    company.shop.answers["/.well-known/openid-configuration"] = (500, {}, b"")
    for _ in range(3):
        refused = await membership.anonymous.post("/v1/providers/corp/authorizations", json={})
        assert (refused.status_code, refused.json()["code"]) == (503, "provider_unavailable")
    assert len(company.shop.seen) == 1


async def test_a_provider_inside_is_called_only_where_the_host_allows_it(membership, browser, company):
    runtime = membership.harness.runtime
    runtime.settings = runtime.settings.model_copy(update={"provider_networks": ()})
    refused = await membership.anonymous.post("/v1/providers/corp/authorizations", json={})
    assert refused.json()["code"] == "provider_unavailable"
    assert company.shop.seen == []


async def test_a_provider_that_is_not_set_up_is_not_there(membership, company):
    assert (await membership.anonymous.post("/v1/providers/other/authorizations", json={})).status_code == 404
