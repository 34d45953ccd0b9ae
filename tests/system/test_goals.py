"""A goal on weekly active members from setting to achieved: two ways of running."""

from datetime import timedelta

import pytest

from tests.system.asking_members import let_in
from tests.system.journey import ACCEPTED, WAITLISTED, Journey, activate, import_people, open_community
from tests.system.measuring import ZONE
from tests.system.reaching_goals import walk_a_goal
from tests.system.stacks import STARTS, WAYS


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("way", WAYS)
def test_a_goal_on_weekly_active_members_goes_from_setting_to_achieved(way, tmp_path):
    with STARTS[way](tmp_path / "stack") as stack:
        journey = Journey(stack, stack.admin())
        try:
            import_people(journey)
            open_community(journey)
            activate(journey)
            _on_monday_morning(journey)
            let_in(journey, journey.community_id, [ACCEPTED, WAITLISTED])
            walk_a_goal(journey)
        finally:
            journey.close()


def _on_monday_morning(journey: Journey) -> None:
    now = journey.stack.clock.now().astimezone(ZONE)
    hours = (24 + 9 - now.hour) % 24
    days = -(now + timedelta(hours=hours)).weekday() % 7
    journey.stack.clock.advance(timedelta(days=days, hours=hours))
    journey.log_in_again()
