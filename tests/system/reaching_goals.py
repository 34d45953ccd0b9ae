"""A goal on weekly active members: set, asked of everybody, reached in a week, and written down when its time is over."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

from tests.system.journey import ACCEPTED, OWNER, WAITLISTED, Journey
from tests.system.measuring import today

DAY = timedelta(days=1)
A_WEEK = timedelta(days=7)
A_MINUTE = timedelta(minutes=1)
LATER = range(30, 330, 30)
"""The reads after which the clock is moved on: about every three seconds, for fewer minutes than a token lasts."""


def walk_a_goal(journey: Journey) -> None:
    """Two members are to be active in a week; who runs the community does not count."""
    monday = today(journey)
    assert monday.weekday() == 0
    sunday = monday + 6 * DAY
    goal = journey[OWNER].post("/v1/goals", _two_active(journey, sunday.isoformat()), expect=201)
    assert (goal["baseline"], goal["value"], goal["state"]) == (0, 0, "on_track")
    path = f"/v1/goals/{goal['id']}"
    _check_in(journey, OWNER, ACCEPTED)
    seen = journey[ACCEPTED].until(path, lambda body: body["value"] == 1 and body["mine"]["done"] == 1)
    assert (seen["progress"], seen["mine"]["progress"], seen["viewer"]["can"]) == (0.5, 0.5, [])
    journey.next_day()
    _check_in(journey, ACCEPTED, WAITLISTED)
    seen = journey[ACCEPTED].until(path, lambda body: body["value"] == 2 and body["mine"]["done"] == 2)
    assert (seen["progress"], seen["mine"]["progress"], seen["state"]) == (1, 1, "on_track")
    home = journey[ACCEPTED].until("/v1/me/home", lambda body: bool(body["goals"]), community_id=journey.community_id)
    assert [(one["title"], one["mine"]["done"]) for one in home["goals"]] == [("本周两人活跃", 2)]
    assert journey[WAITLISTED].get("/v1/goals", mine=True)["items"][0]["mine"]["done"] == 1
    journey.stack.clock.advance(6 * DAY)
    journey.log_in_again()
    closed = journey[OWNER].until(path, partial(_is_closed, journey, count(1)))
    assert (closed["state"], closed["value"], closed["progress"]) == ("achieved", 2, 1)
    assert closed["viewer"]["cannot"] == {"update": "illegal_transition", "withdraw": "illegal_transition"}
    # What happens later is in the metric, and changes no result.
    _check_in(journey, ACCEPTED)
    achieved = journey[OWNER].get("/v1/goals", community_id=journey.community_id, state="achieved")
    assert [one["id"] for one in achieved["items"]] == [goal["id"]]


def _is_closed(journey: Journey, reads: Iterator[int], goal: dict[str, Any]) -> bool:
    """The first look may come before the last message: the next is a minute later, and that minute need not be waited for."""
    if goal["closed_at"] is None and next(reads) in LATER:
        journey.stack.clock.advance(A_MINUTE)
    return goal["closed_at"] is not None


def _two_active(journey: Journey, due_on: str) -> dict[str, object]:
    return {
        "community_id": journey.community_id,
        "title": "本周两人活跃",
        "horizon": "short",
        "metric": {"code": "active_members", "grain": "week"},
        "target": 2,
        "due_on": due_on,
        "relevance": "新人第一周就愿意来，才留得下来。",
        "ask": {"action": "checked_in", "count": 2},
        "gain": "首周之星",
    }


def _check_in(journey: Journey, *names: str) -> None:
    for name in names:
        journey[name].post("/v1/checkins", {"community_id": journey.community_id, "note": "来了"}, expect=201)
