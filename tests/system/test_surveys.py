"""Members say what they think, of a session and of their team: two ways of running. Who answered without a name stands beside no answer."""

from pathlib import Path

import pytest

from tests.system.asking_members import (
    ALL,
    a_team,
    let_in,
    one_more_person,
    walk_a_pulse,
    walk_satisfaction,
)
from tests.system.journey import Journey, activate, import_people, open_community
from tests.system.stacks import STARTS, WAYS


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("way", WAYS)
def test_members_are_asked_and_what_they_say_is_shown_together(way, tmp_path):
    with STARTS[way](tmp_path / "stack") as stack:
        journey = Journey(stack, stack.admin())
        try:
            _walk(journey)
        finally:
            journey.close()
    lines = [line for log in tmp_path.rglob("*.log") for line in _lines(log)]
    assert any("/v1/surveys/{survey_id}/close" in line for line in lines), "there is something to find"
    assert not [line for line in lines if "/answers" in line]


def _walk(journey: Journey) -> None:
    import_people(journey)
    one_more_person(journey)
    open_community(journey)
    activate(journey)
    members = let_in(journey, journey.community_id, ALL[1:])
    walk_satisfaction(journey, members)
    walk_a_pulse(journey, a_team(journey, "team-of-seven", 7), a_team(journey, "team-of-four", 4))


def _lines(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8", errors="replace").splitlines()
