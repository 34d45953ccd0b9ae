"""What happens is in the figures that operators read: two ways of running. A question to its response time, a channel to who is left after a month, an insight to what came of it."""

from datetime import timedelta

import pytest

from tests.system.acting import walk_an_insight
from tests.system.asking_members import let_in
from tests.system.journey import (
    WAITLISTED,
    Journey,
    activate,
    apply,
    decide,
    import_people,
    join,
    open_campaign,
    open_community,
)
from tests.system.measuring import ZONE, today, walk_a_channel, walk_a_question
from tests.system.stacks import STARTS, WAYS


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("way", WAYS)
def test_what_happens_is_in_the_figures_that_operators_read(way, tmp_path):
    with STARTS[way](tmp_path / "stack") as stack:
        journey = Journey(stack, stack.admin())
        try:
            _walk(journey)
        finally:
            journey.close()


def _walk(journey: Journey) -> None:
    import_people(journey)
    open_community(journey)
    activate(journey)
    now = journey.stack.clock.now().astimezone(ZONE)
    # Early in a day, so that what happens within hours is in one.
    journey.stack.clock.advance(timedelta(hours=(24 + 9 - now.hour) % 24))
    journey.log_in_again()
    came_on = today(journey)
    open_campaign(journey)
    apply(journey)
    decide(journey)
    join(journey)
    let_in(journey, journey.community_id, [WAITLISTED])
    walk_a_question(journey)
    walk_a_channel(journey, came_on)
    walk_an_insight(journey)
