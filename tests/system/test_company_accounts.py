"""Logging in by company account: two ways of running."""

import pytest

from tests.support.needs import NotInstalled, missing
from tests.support.oidc_provider import provider
from tests.system.journey import Journey, import_people
from tests.system.logging_in import BACK, trusting, walk_log_ins
from tests.system.stacks import STARTS, WAYS, set_to


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("way", WAYS)
def test_people_come_in_by_company_account_if_they_are_known_and_have_not_left(way, tmp_path):
    try:
        # Its tokens are of the machine's time, and no other time is theirs.
        with (
            provider(BACK, tmp_path) as issuer,
            STARTS[way](tmp_path / "stack", starts_at=None, **set_to(way, trusting(issuer))) as stack,
        ):
            journey = Journey(stack, stack.admin())
            try:
                import_people(journey)
                walk_log_ins(journey)
            finally:
                journey.close()
    except NotInstalled as reason:
        missing(str(reason))
