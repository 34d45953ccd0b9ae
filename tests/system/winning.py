"""A season: announced, begun, over, and its prizes paid by the board that is frozen."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

from tests.system.journey import ACCEPTED, OWNER, WAITLISTED, Journey
from tests.system.measuring import DAY, today

FIRST, SECOND = 100, 50


def walk_a_season(journey: Journey, members: dict[str, str]) -> None:
    """One checks in on both days, another on the last alone. What they do before and after counts for no prize."""
    begins = today(journey) + DAY
    body = {
        "community_id": journey.community_id,
        "title": "秋季冲刺",
        "starts_on": begins.isoformat(),
        "ends_on": (begins + DAY).isoformat(),
        "prizes": [
            {"from_rank": 1, "to_rank": 1, "points": FIRST},
            {"from_rank": 2, "to_rank": 3, "points": SECOND},
        ],
    }
    season = journey[OWNER].post("/v1/seasons", body, expect=201)
    path = f"/v1/seasons/{season['id']}"
    assert season["status"] == "planned"
    _check_in(journey, WAITLISTED)
    journey.next_day()
    _check_in(journey, ACCEPTED)
    assert journey[ACCEPTED].get(path)["status"] == "running"
    journey.next_day()
    _check_in(journey, ACCEPTED, WAITLISTED)
    path_of_board, _, query = season["board"].partition("?")
    where: dict[str, Any] = dict(parse_qsl(query))
    final = journey[WAITLISTED].until(path_of_board, lambda board: len(board["items"]) == 2, **where)
    assert _places(final) == [(1, members[ACCEPTED], 10), (2, members[WAITLISTED], 5)]
    before = {name: _points(journey, members, name) for name in (ACCEPTED, WAITLISTED)}
    journey.stack.clock.advance(2 * DAY + timedelta(minutes=5))
    journey.log_in_again()
    closed = journey[OWNER].until(path, lambda one: one["status"] == "closed")
    assert (closed["winners"], closed["viewer"]["can"]) == (2, [])
    paid = {name: _points(journey, members, name) - had for name, had in before.items()}
    assert paid == {ACCEPTED: FIRST, WAITLISTED: SECOND}
    _check_in(journey, WAITLISTED)
    ever: dict[str, Any] = {"community_id": journey.community_id, "period": "all_time"}
    journey[OWNER].until("/v1/leaderboards", lambda board: _scores(board)[members[WAITLISTED]] == 15, **ever)
    frozen = journey[OWNER].get(path_of_board, **where)
    assert (frozen["state"], _places(frozen)) == ("frozen", _places(final))


def _check_in(journey: Journey, *names: str) -> None:
    for name in names:
        journey[name].post("/v1/checkins", {"community_id": journey.community_id, "note": "来了"}, expect=201)


def _points(journey: Journey, members: dict[str, str], name: str) -> int:
    found: int = journey[name].get(f"/v1/wallets/{members[name]}")["points"]
    return found


def _places(board: Any) -> list[tuple[int, str, int]]:
    return [(item["rank"], item["member"]["member_id"], item["score"]) for item in board["items"]]


def _scores(board: Any) -> dict[str, int]:
    return {member_id: score for _, member_id, score in _places(board)}
