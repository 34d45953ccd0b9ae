"""Members rise, by the vote of a committee and by what they did long ago: two ways of running, each started once."""

from collections.abc import Iterator

import pytest

from tests.system.journey import Journey, activate, import_people, open_community
from tests.system.rising import members_long_since, walk_a_promotion, walk_past_badges
from tests.system.stacks import STARTS, WAYS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module", params=WAYS)
def members(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Journey, dict[str, str]]]:
    """A community, and its members' ids by their numbers."""
    with STARTS[request.param](tmp_path_factory.mktemp("rising")) as stack:
        journey = Journey(stack, stack.admin())
        try:
            import_people(journey)
            open_community(journey)
            activate(journey)
            yield journey, members_long_since(journey)
        finally:
            journey.close()


def test_badges_of_the_past_are_granted_on_request_after_a_history_came_in(members):
    walk_past_badges(*members)


def test_a_committee_promotes_a_member_who_has_a_role_by_it_and_loses_both_after_the_grace(members):
    walk_a_promotion(*members)
