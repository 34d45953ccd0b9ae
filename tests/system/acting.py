"""An insight from being raised to being acted on to its measured effect: questions that nobody answered, and somebody who answers from then on."""

from datetime import date, timedelta
from typing import Any

from tests.system.journey import ACCEPTED, OWNER, WAITLISTED, Journey
from tests.system.measuring import today

QUESTIONS = 20
"""Fewer say too little."""
DAY = timedelta(days=1)


def walk_an_insight(journey: Journey) -> None:
    """A rule finds questions left, the owner has somebody answer, and four weeks later it can be seen."""
    asked_on = today(journey)
    _ask(journey, "之前")
    _arrived(journey, asked_on, answered=0)
    insight = _found(journey)
    assert (insight["figures"], insight["severity"]) == ({"asked": QUESTIONS, "unanswered": QUESTIONS}, "high")
    assert _waiting(journey)["insights_new"] >= 1
    path = f"/v1/insights/{insight['id']}"
    journey[OWNER].post(f"{path}/acknowledge", {"note": "找一位导师负责"})
    body = {"change": "每天由一位导师回答问题", "metric": "answered_share"}
    acting = journey[OWNER].post(f"{path}/act", body)
    assert (acting["status"], acting["effect"]) == ("acting", None)
    changed_on = today(journey)
    for question in _ask(journey, "之后"):
        answer = {"discussion_id": question, "kind": "answer", "body": "先写目标，再写过程。"}
        journey[WAITLISTED].post("/v1/replies", answer, expect=201)
    _arrived(journey, changed_on, answered=1)
    journey.stack.clock.advance(29 * DAY)
    journey.log_in_again()
    measured = journey[OWNER].until(path, lambda body: body["effect"] is not None)
    effect = measured["effect"]
    assert (effect["before"], effect["after"]) == (
        {"value": 0, "n": QUESTIONS},
        {"value": 1, "n": QUESTIONS},
    )
    assert (effect["difference"], effect["verdict"]) == (1, "rose")
    assert _waiting(journey)["insight_effects"] == 1
    assert journey[OWNER].post(f"{path}/resolve", {"note": "继续保持"})["status"] == "resolved"
    assert _waiting(journey)["insight_effects"] == 0


def _ask(journey: Journey, when: str) -> list[str]:
    asked = []
    for n in range(QUESTIONS):
        body = {"kind": "question", "title": f"{when}的问题 {n}", "body": "请指教。", "tags": []}
        question = journey[ACCEPTED].post("/v1/discussions", body | {"community_id": journey.community_id}, expect=201)
        asked.append(str(question["id"]))
    return asked


def _arrived(journey: Journey, day: date, *, answered: int) -> None:
    """What follows by message has come before the clock is set forward: a rule looks once a day."""
    days: Any = {"from": day.isoformat(), "to": (day + DAY).isoformat()}
    journey[OWNER].until(
        "/v1/metrics/answered_share",
        lambda body: [(one["n"], one["value"]) for one in body["items"]] == [(QUESTIONS, answered)],
        community_id=journey.community_id,
        **days,
    )


def _found(journey: Journey) -> dict[str, Any]:
    """What the rule raised, in the first morning after the questions waited long enough."""
    journey.stack.clock.advance(4 * DAY)
    journey.log_in_again()
    found = journey[OWNER].until(
        "/v1/insights",
        lambda body: bool(body["items"]),
        community_id=journey.community_id,
        code="questions_left_unanswered",
    )
    insight: dict[str, Any] = found["items"][0]
    return insight


def _waiting(journey: Journey) -> dict[str, int]:
    desk = journey[OWNER].get("/v1/desk", community_id=journey.community_id)
    return {queue["code"]: queue["count"] for queue in desk["items"]}
