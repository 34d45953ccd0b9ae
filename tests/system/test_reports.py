"""An operator's Monday: two ways of running. The desk, the report of last week, one of their own asking, an export."""

import pytest

from tests.system.asking_members import let_in
from tests.system.journey import ACCEPTED, WAITLISTED, Journey, activate, import_people, open_community
from tests.system.on_a_monday import walk_a_monday
from tests.system.stacks import STARTS, WAYS


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("way", WAYS)
def test_an_operator_has_a_monday(way, tmp_path):
    with STARTS[way](tmp_path / "stack") as stack:
        journey = Journey(stack, stack.admin())
        try:
            import_people(journey)
            open_community(journey)
            activate(journey)
            let_in(journey, journey.community_id, [ACCEPTED, WAITLISTED])
            walk_a_monday(journey)
        finally:
            journey.close()
