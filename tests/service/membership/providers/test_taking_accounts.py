"""What somebody tries who has an account at the company and wants another person's here."""

import asyncio

from tests.service.membership.providers.company import Browser, corp
from tests.service.membership.providers.conftest import set_up

NUMBER = {"employee_number": "A7"}


def refused(answer, code):
    return (answer.status_code, answer.json()["code"]) == (401, code)


async def linked_to(membership, person):
    found = await membership.admin.get(f"/v1/people/{person['id']}/identities")
    return {one["subject"] for one in found.json()["items"] if one["closed_at"] is None}


async def test_a_number_links_one_account_of_a_provider_and_no_second(membership, browser, zhang):
    await browser.enters("u-1", **NUMBER)
    assert refused(await browser.logs_in("somebody else", claims=NUMBER), "identity_link_first")
    assert await linked_to(membership, zhang) == {"u-1"}


async def test_of_two_accounts_with_one_number_at_once_one_is_linked(membership, browser, company, zhang):
    twins = [Browser(browser.harness, company) for _ in range(2)]
    answers = await asyncio.gather(*(twin.logs_in(f"u-{n}", claims=NUMBER) for n, twin in enumerate(twins)))
    assert sorted(answer.status_code for answer in answers) == [303, 401]
    assert len(await linked_to(membership, zhang)) == 1


async def test_the_number_of_who_left_is_somebody_elses_and_their_account_is_not(membership, browser, zhang):
    await browser.enters("u-1", **NUMBER)
    await membership.admin.post(f"/v1/people/{zhang['id']}/leave")
    given_up = await membership.admin.patch(
        f"/v1/people/{zhang['id']}",
        json={"employee_no": None, "email": "zhang@example.com"},
        headers={"If-Match": "*"},
    )
    assert given_up.status_code == 200, given_up.text
    li = await membership.person("李雷", employee_no="A7")
    assert refused(await browser.logs_in("u-1", claims=NUMBER), "identity_unknown")
    assert (await (await browser.enters("u-2", **NUMBER)).get("/v1/people/me")).json()["id"] == li["id"]


async def test_what_one_provider_calls_somebody_is_nothing_at_another(membership, browser, company, zhang):
    await browser.enters("u-1", **NUMBER)
    other = corp(company, code="other", employee_no_claim=None)
    set_up(membership.harness.runtime, other)
    address = await browser.sent(provider="other")
    answer = await browser.back(address, code=company.lets_in(address, "u-1", **NUMBER), provider="other")
    assert refused(answer, "identity_unknown")


async def test_the_code_of_another_log_in_is_worth_nothing_in_this_one(browser, company, zhang):
    theirs, mine = [await one.sent() for one in (Browser(browser.harness, company), browser)]
    assert refused(await browser.back(mine, code=company.lets_in(theirs, "u-1", **NUMBER)), "provider_refused")


async def test_a_provider_that_offers_less_is_asked_with_the_stronger_proof_all_the_same(browser, company):
    weaker = company.document() | {"code_challenge_methods_supported": ["plain"]}
    company.shop.answers["/.well-known/openid-configuration"] = weaker
    assert "code_challenge_method=S256" in await browser.sent()


async def test_a_session_that_was_there_before_is_not_the_one_that_begins(membership, browser, zhang):
    await membership.activated("李雷", employee_no="B8")
    before = await membership.log_in("B8", params={"transport": "cookie"})
    browser.keep(before)
    planted = browser.cookies["qunxue_refresh"]
    await browser.logs_in("u-1", claims=NUMBER)
    mine = browser.cookies["qunxue_refresh"]
    assert mine != planted
    answer = await membership.anonymous.post("/v1/sessions/refresh", headers={"Cookie": f"qunxue_refresh={mine}"})
    assert answer.json()["person_id"] == zhang["id"]


async def test_an_answer_by_a_form_of_another_site_is_not_taken(membership, browser, company, zhang):
    """`response_mode=form_post`: the browser brings no cookie with it, and one that it brought would be brought to everybody's forms."""
    address = await browser.sent()
    code = company.lets_in(address, "u-1", **NUMBER)
    answer = await membership.anonymous.post("/v1/providers/corp/callback", data={"state": "s" * 43, "code": code})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")
    assert "response_mode" not in address
    assert company.exchanged() == []
