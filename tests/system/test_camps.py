"""A check-in plan from opening to completion: two ways of running."""

from datetime import timedelta

import pytest

from tests.system.asking_members import let_in
from tests.system.holding_camps import walk_a_camp
from tests.system.journey import ACCEPTED, WAITLISTED, Journey, activate, import_people, open_community
from tests.system.measuring import ZONE
from tests.system.stacks import STARTS, WAYS


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("way", WAYS)
def test_a_camp_goes_from_opening_to_completion_over_a_day_that_was_returned(way, tmp_path):
    with STARTS[way](tmp_path / "stack") as stack:
        journey = Journey(stack, stack.admin())
        try:
            import_people(journey)
            open_community(journey)
            activate(journey)
            _in_the_morning(journey)
            members = let_in(journey, journey.community_id, [ACCEPTED, WAITLISTED])
            walk_a_camp(journey, members[ACCEPTED])
        finally:
            journey.close()


def _in_the_morning(journey: Journey) -> None:
    now = journey.stack.clock.now().astimezone(ZONE)
    journey.stack.clock.advance(timedelta(hours=(24 + 9 - now.hour) % 24))
    journey.log_in_again()
