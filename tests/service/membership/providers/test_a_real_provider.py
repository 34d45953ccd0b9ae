"""The same with a provider that others wrote: what the two say to each other is the standard's, and not what we think it is."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.service.membership.providers.company import PUBLIC, Browser, Company, corp
from tests.service.membership.providers.conftest import set_up
from tests.support.needs import NotInstalled, missing
from tests.support.oidc_provider import logged_in, provider

pytestmark = [pytest.mark.slow]
BACK = f"{PUBLIC}/v1/providers/corp/callback"


async def test_people_log_in_through_a_provider_that_others_wrote(membership, zhang, tmp_path):
    try:
        with provider(BACK, tmp_path) as issuer:
            company = Company(membership.harness.clock, issuer=issuer)
            set_up(membership.harness.runtime, corp(company))
            browser = Browser(membership.harness, company)

            async def comes_back(who):
                address = await browser.sent()
                back = await logged_in(address, who, redirect_uri=BACK)
                return await browser.back(address, **dict(parse_qsl(urlsplit(back).query)))

            first = await comes_back("n-A7")
            assert first.status_code == 303, first.text
            (linked,) = (await membership.admin.get(f"/v1/people/{zhang['id']}/identities")).json()["items"]
            assert (linked["subject"], linked["linked_by"]) == ("n-A7", "employee_no")
            unknown = await comes_back("somebody")
            assert (unknown.status_code, unknown.json()["code"]) == (401, "identity_unknown")
            await membership.admin.post(f"/v1/people/{zhang['id']}/leave")
            left = await comes_back("n-A7")
            assert (left.status_code, left.json()["code"]) == (401, "account_inactive")
    except NotInstalled as reason:
        missing(str(reason))
