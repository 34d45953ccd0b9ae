"""A lecturer from outside, in both ways of running."""

import pytest

from tests.system import journey
from tests.system.speaking_from_outside import walk_a_guest
from tests.system.stacks import STARTS, WAYS


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("way", WAYS)
def test_a_lecturer_from_outside_sends_a_deck_writes_the_archive_and_gets_nothing_else(way, tmp_path):
    with STARTS[way](tmp_path / "stack") as stack:
        walked = journey.Journey(stack, stack.admin())
        try:
            journey.import_people(walked)
            journey.open_community(walked)
            journey.activate(walked)
            walk_a_guest(walked)
        finally:
            walked.close()
