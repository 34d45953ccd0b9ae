"""A check-in plan of two days, from opening to completion: a day is returned, and handed in again on the evening after."""

from datetime import timedelta
from typing import Any

from tests.system.journey import ACCEPTED, OWNER, WAITLISTED, Journey
from tests.system.measuring import today

DAY = timedelta(days=1)
PAID = 30


def walk_a_camp(journey: Journey, member_id: str) -> None:
    """Two take part; one completes the plan, is paid for it once, and is counted; the other misses a day."""
    owner, first_day = journey[OWNER], today(journey)
    rule = {"trigger": "plan.completed", "points": PAID, "xp": 0, "once_per": "target"}
    owner.call(
        "PUT",
        "/v1/earning-rules/camp",
        expect=(200, 201),
        json=rule,
        params={"community_id": journey.community_id},
    )
    plan = owner.post("/v1/checkin-plans", _two_days(journey), expect=201)
    path = f"/v1/checkin-plans/{plan['id']}"
    assert (plan["status"], plan["days_total"], plan["days_needed"]) == ("running", 2, 2)
    for name in (ACCEPTED, WAITLISTED):
        assert journey[name].post(f"{path}/join")["mine"]["days_done"] == 0
    assert owner.get(path)["participants"] == 2
    assert "check_in_for_plan" in _tasks(journey)

    entry = _check_in(journey, ACCEPTED, plan["id"])["entry_id"]
    _check_in(journey, WAITLISTED, plan["id"])
    assert _waiting(journey) == 2
    reason = {"verdict": "returned", "reason": "请写出今天读的章节"}
    assert owner.post(f"/v1/checkin-plans/entries/{entry}/review", reason)["counts"] is False
    assert (_states(journey, path), _waiting(journey)) == (["returned", "future"], 1)

    journey.next_day()
    assert {"check_in_for_plan", "hand_in_again"} <= _tasks(journey)
    assert _check_in(journey, ACCEPTED, plan["id"])["completed"] is False
    points = _points(journey, member_id)
    again = {"note": "第一章和第二章"}
    assert journey[ACCEPTED].post(f"/v1/checkin-plans/entries/{entry}/hand-in", again)["counts"] is True
    completed = journey[ACCEPTED].get(path)["mine"]
    assert (completed["days_done"], completed["completed_on"]) == (2, (first_day + DAY).isoformat())
    assert _points(journey, member_id) == points + PAID
    assert journey[OWNER].post(f"/v1/checkin-plans/entries/{entry}/review", {"verdict": "good"})["status"] == "good"
    assert (_states(journey, path), _points(journey, member_id)) == (["good", "done"], points + PAID)
    _counted(journey)

    journey.next_day()
    assert journey[OWNER].get(path)["status"] == "ended"
    table = journey[OWNER].get(f"{path}/progress")["items"]
    assert [[day["state"] for day in one["days"]] for one in table] == [["good", "done"], ["done", "missed"]]
    assert [one["completed_on"] is not None for one in table] == [True, False]


def _two_days(journey: Journey) -> dict[str, Any]:
    return {
        "community_id": journey.community_id,
        "title": "两日读书营",
        "starts_on": today(journey).isoformat(),
        "ends_on": (today(journey) + DAY).isoformat(),
        "requires": "note",
        "prompts": ["今天读了什么？"],
        "complete_at": 100,
    }


def _check_in(journey: Journey, name: str, plan_id: str) -> dict[str, Any]:
    body = {"community_id": journey.community_id, "note": "读了书", "plan_ids": [plan_id]}
    (answer,) = journey[name].post("/v1/checkins", body, expect=201)["plans"]
    assert answer["counts"] is True, answer
    found: dict[str, Any] = answer
    return found


def _states(journey: Journey, path: str) -> list[str]:
    (own,) = journey[ACCEPTED].get(f"{path}/progress")["items"]
    return [day["state"] for day in own["days"]]


def _points(journey: Journey, member_id: str) -> int:
    """What the member may spend."""
    return int(journey[ACCEPTED].get(f"/v1/wallets/{member_id}")["points"])


def _tasks(journey: Journey) -> set[str]:
    return {one["code"] for one in journey[ACCEPTED].get("/v1/me/tasks")["items"]}


def _waiting(journey: Journey) -> int:
    desk = journey[OWNER].get("/v1/desk", community_id=journey.community_id)
    return int(next(queue["count"] for queue in desk["items"] if queue["code"] == "plan_days_to_review"))


def _counted(journey: Journey) -> None:
    """One of the two who checked in completed a plan: what analytics heard by message."""
    day = today(journey)
    days: Any = {"from": day.isoformat(), "to": (day + DAY).isoformat()}
    journey[OWNER].until(
        "/v1/metrics/plan_completion",
        lambda body: [(one["n"], one["value"]) for one in body["items"]] == [(1, 1)],
        community_id=journey.community_id,
        **days,
    )
