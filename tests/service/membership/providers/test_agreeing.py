"""The privacy notice, for who comes in by company account and never activated anything."""

import asyncio

import pytest

from tests.service.membership.providers.company import APP, Browser
from tests.service.membership.test_privacy import NOTICE, agreements

NUMBER = {"employee_number": "A7"}
NOT_AGREED = (422, "privacy_notice_not_agreed")


@pytest.fixture
async def notice(membership):
    answer = await membership.admin.post("/v1/privacy-notices", json=NOTICE)
    assert answer.status_code == 201, answer.text


def said(answer):
    return answer.status_code, answer.json()["code"]


async def test_who_comes_in_for_the_first_time_agrees_to_the_privacy_notice(membership, browser, zhang, notice):
    for version in (None, 2):
        refused = await browser.logs_in("u-1", claims=NUMBER, privacy_notice_version=version)
        assert said(refused) == NOT_AGREED
        assert refused.json()["version"] == 1
    assert await agreements(membership.harness) == []
    assert (await membership.admin.get(f"/v1/people/{zhang['id']}/identities")).json()["items"] == []
    assert (await browser.logs_in("u-1", claims=NUMBER, privacy_notice_version=1)).status_code == 303
    kept = await agreements(membership.harness)
    assert [(str(one[0]), *one[1:4]) for one in kept] == [(zhang["id"], 1, "activation", None)]


async def test_they_agree_once_and_are_not_asked_about_what_comes_later(membership, browser, zhang, notice):
    await browser.logs_in("u-1", claims=NUMBER, privacy_notice_version=1)
    await membership.admin.post("/v1/privacy-notices", json=NOTICE | {"text_en": "We keep less."})
    assert (await browser.logs_in("u-1")).status_code == 303
    assert len(await agreements(membership.harness)) == 1


async def test_who_comes_twice_at_once_agrees_once(membership, browser, company, zhang, notice):
    twins = [Browser(browser.harness, company) for _ in range(2)]
    answers = await asyncio.gather(*(one.logs_in("u-1", claims=NUMBER, privacy_notice_version=1) for one in twins))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(await agreements(membership.harness)) == 1


async def test_who_was_linked_by_an_administrator_is_asked_when_they_come_first(membership, browser, zhang, notice):
    body = {"person_id": zhang["id"], "provider": "corp", "subject": "u-1", "reason": "工单 42"}
    assert (await membership.admin.post("/v1/identities", json=body)).status_code == 201
    assert said(await browser.logs_in("u-1")) == NOT_AGREED
    assert (await browser.logs_in("u-1", privacy_notice_version=1)).status_code == 303


async def test_who_has_activated_their_account_is_not_asked_again(membership, browser, company, notice_later):
    assert (await browser.logs_in("u-1", claims=NUMBER)).status_code == 303


@pytest.fixture
async def notice_later(membership):
    """Somebody activated their account, before there was a notice."""
    await membership.activated("张伟", employee_no="A7")
    await membership.admin.post("/v1/privacy-notices", json=NOTICE)


async def test_a_browser_brings_the_app_what_to_ask_for(browser, zhang, notice):
    address = await browser.sent(return_to="/home")
    code = browser.company.lets_in(address, "u-1", **NUMBER)
    answer = await browser.back(address, code=code, headers={"Accept": "text/html,*/*;q=0.8"})
    assert answer.headers["Location"] == f"{APP}/home?login_error=privacy_notice_not_agreed"


async def test_without_a_notice_there_is_nothing_to_agree_to(membership, browser, zhang):
    assert (await browser.logs_in("u-1", claims=NUMBER)).status_code == 303
    assert await agreements(membership.harness) == []
