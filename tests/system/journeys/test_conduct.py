"""What follows from a deed in all services, and what is taken back of it: two ways of running, each started once."""

from collections.abc import Iterator

import pytest

from tests.system.conduct import let_in, walk_a_removal, walk_an_appeal
from tests.system.journey import Journey, activate, import_people, open_community
from tests.system.stacks import STARTS, WAYS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module", params=WAYS)
def members(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Journey, dict[str, str]]]:
    """A community, and its members' ids by their numbers."""
    with STARTS[request.param](tmp_path_factory.mktemp("conduct")) as stack:
        journey = Journey(stack, stack.admin())
        try:
            import_people(journey)
            open_community(journey)
            activate(journey)
            yield journey, let_in(journey)
        finally:
            journey.close()


def test_an_appeal_granted_in_part_takes_back_the_difference_alone_and_shows_how_far_every_service_is(members):
    walk_an_appeal(*members)


def test_what_a_moderator_removed_is_seen_again_when_the_appeal_against_that_is_granted(members):
    walk_a_removal(members[0])
