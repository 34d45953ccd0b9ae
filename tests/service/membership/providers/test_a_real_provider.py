"""The same with a provider that others wrote: what the two say to each other is the standard's, and not what we think it is."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest

from tests.service.membership.conftest import ADMIN_EMAIL, ADMIN_PASSWORD
from tests.service.membership.providers.company import PUBLIC, Browser, Company, corp
from tests.service.membership.providers.conftest import set_up
from tests.support.needs import NotInstalled, missing
from tests.support.oidc_provider import BrowserThere, logged_in, provider

pytestmark = [pytest.mark.slow]
BACK = f"{PUBLIC}/v1/providers/corp/callback"


async def today(membership):
    """Have it be as late here as at the provider, which has the machine's time; a client of the administrator then."""
    membership.harness.clock.now = datetime.now(UTC)
    return await membership.entered(ADMIN_EMAIL, ADMIN_PASSWORD)


async def test_people_log_in_through_a_provider_that_others_wrote(membership, zhang, tmp_path):
    try:
        with provider(BACK, tmp_path) as issuer:
            company = Company(membership.harness.clock, issuer=issuer)
            set_up(membership.harness.runtime, corp(company))
            admin = await today(membership)
            browser = Browser(membership.harness, company)

            async def comes_back(who):
                address = await browser.sent()
                back = await logged_in(address, who, redirect_uri=BACK)
                return await browser.back(address, **dict(parse_qsl(urlsplit(back).query)))

            first = await comes_back("n-A7")
            assert first.status_code == 303, first.text
            (linked,) = (await admin.get(f"/v1/people/{zhang['id']}/identities")).json()["items"]
            assert (linked["subject"], linked["linked_by"]) == ("n-A7", "employee_no")
            unknown = await comes_back("somebody")
            assert (unknown.status_code, unknown.json()["code"]) == (401, "identity_unknown")
            await admin.post(f"/v1/people/{zhang['id']}/leave")
            left = await comes_back("n-A7")
            assert (left.status_code, left.json()["code"]) == (401, "account_inactive")
    except NotInstalled as reason:
        missing(str(reason))


async def test_people_prove_again_who_they_are_at_a_provider_that_others_wrote(membership, tmp_path):
    """It asks for the password although they are logged in there, and says when they gave it and by what."""
    await membership.person("张伟", employee_no="A7")
    try:
        with provider(BACK, tmp_path) as issuer:
            company = Company(membership.harness.clock, issuer=issuer)
            set_up(membership.harness.runtime, corp(company, second_factor_amr=("otp",)))
            await today(membership)
            browser, there = Browser(membership.harness, company), BrowserThere(BACK)

            async def comes_back(address, who):
                back = await there.comes_back(address, who)
                await today(membership)
                return await browser.back(address, **dict(parse_qsl(urlsplit(back).query)))

            fetched = await browser.fetches(await comes_back(await browser.sent(transport="body"), "n-A7"))
            assert fetched.status_code == 201, fetched.text
            mine = membership.anonymous
            mine.headers["Authorization"] = f"Bearer {fetched.json()['access_token']}"
            assert (await mine.post("/v1/second-factors")).json()["code"] == "step_up_required"
            assert there.asked == ["login", "consent"]
            again = await comes_back(await browser.sent(client=mine, path="step-up"), "n-A7+otp")
            assert again.headers.get("Location", again.text).endswith("?proved=corp")
            assert there.asked[2:] == ["login"]
            renewed = await membership.anonymous.post(
                "/v1/sessions/refresh", json={"refresh_token": fetched.json()["refresh_token"]}
            )
            token = renewed.json()["access_token"]
            assert jwt.decode(token, options={"verify_signature": False})["amr"] == ["mfa"]
            mine.headers["Authorization"] = f"Bearer {token}"
            assert (await mine.post("/v1/second-factors")).status_code == 201
    except NotInstalled as reason:
        missing(str(reason))
