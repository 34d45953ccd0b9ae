"""An operator's Monday: two ways of running. The desk, the report of last week, one of their own asking, an export, and a worker killed at both."""

import pytest

from tests.system.asking_members import let_in
from tests.system.journey import ACCEPTED, WAITLISTED, Journey, activate, import_people, open_community
from tests.system.killed_while_making import kill_while_making
from tests.system.on_a_monday import walk_a_monday
from tests.system.stacks import STARTS, WAYS


@pytest.mark.fault(16)
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("way", WAYS)
def test_an_operator_has_a_monday_and_what_is_made_is_made_once_however_its_worker_ends(way, tmp_path):
    with STARTS[way](tmp_path / "stack") as stack:
        journey = Journey(stack, stack.admin())
        try:
            import_people(journey)
            open_community(journey)
            activate(journey)
            let_in(journey, journey.community_id, [ACCEPTED, WAITLISTED])
            monday = walk_a_monday(journey)
            kill_while_making(journey, monday)
        finally:
            journey.close()
