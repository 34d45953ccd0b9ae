"""A certification runs out and is renewed: two ways of running."""

import pytest

from tests.system.asking_members import let_in
from tests.system.journey import Journey, activate, import_people, open_community
from tests.system.renewing import IN_TIME, LATE, look_at_who_was_told, walk_a_renewal
from tests.system.stacks import STARTS, WAYS


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("way", WAYS)
def test_who_is_certified_is_told_in_time_and_when_overdue_and_renews_while_what_was_shown_stays(way, tmp_path):
    with STARTS[way](tmp_path / "stack") as stack:
        journey = Journey(stack, stack.admin())
        try:
            import_people(journey)
            open_community(journey)
            activate(journey)
            members = let_in(journey, journey.community_id, [LATE, IN_TIME])
            walk_a_renewal(journey, members)
        finally:
            journey.close()
        if stack.product is not None:
            stack.product.stop()
        look_at_who_was_told(journey, members)
