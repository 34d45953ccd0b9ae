"""What operators read of how their community fares: a question until it is answered, and a channel until its recruits have been there for a month."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.system.journey import ACCEPTED, OWNER, WAITLISTED, Journey

ZONE = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def today(journey: Journey) -> date:
    """The community's day."""
    return journey.stack.clock.now().astimezone(ZONE).date()


def walk_a_question(journey: Journey) -> None:
    """Somebody asks and has an answer after three hours; another question stays, and what the owner asks is not counted."""
    asked_on = today(journey)
    question = _ask(journey, ACCEPTED, "教案怎么写？")
    _ask(journey, ACCEPTED, "投影仪在哪里借？")
    _ask(journey, OWNER, "大家想听什么？")
    days = {"from": asked_on.isoformat(), "to": (asked_on + DAY).isoformat()}
    share = _metric(journey, "answered_share", lambda items: items[0]["n"] == 2, **days)
    assert share["items"][0]["value"] == 0
    journey.stack.clock.advance(3 * HOUR)
    journey.log_in_again()
    comment = {"discussion_id": question, "kind": "answer", "body": "先写目标，再写过程。"}
    journey[WAITLISTED].post("/v1/replies", comment, expect=201)
    times = _metric(journey, "response_time", lambda items: items[0]["n"] == 1, **days)
    assert (times["unit"], [item["part"] for item in times["items"]]) == ("seconds", ["median", "p90"])
    assert {3 * 3600 <= item["value"] < 4 * 3600 for item in times["items"]} == {True}
    share = _metric(journey, "answered_share", lambda items: items[0]["value"] == 0.5, **days)
    assert share["items"][0]["n"] == 2


def walk_a_channel(journey: Journey, came_on: date) -> None:
    """Two applied by the poster, one of them came, wrote, and is there after a month; three by the group, and none came."""
    days = {"from": came_on.isoformat(), "to": (came_on + DAY).isoformat(), "group_by": "channel"}
    _ask(journey, ACCEPTED, "新人报到，从哪里开始？")

    def there(items: list[dict[str, Any]]) -> bool:
        return _steps(items).get("poster", [])[1:4] == [2, 1, 1]

    funnel = _metric(journey, "recruitment_funnel", there, **days)
    assert _steps(funnel["items"])["poster"][4] is None
    # Nobody knows yet whether the group's landing was looked at today.
    assert _steps(funnel["items"])["wecom"] == [None, 3, 0, 0, 0]
    journey.stack.clock.advance(30 * DAY)
    journey.log_in_again()
    journey[ACCEPTED].post("/v1/checkins", {"community_id": journey.community_id, "note": "一个月了"})
    journey.next_day()
    funnel = _metric(
        journey, "recruitment_funnel", lambda items: _steps(items).get("poster") == [1, 2, 1, 1, 1], **days
    )
    assert _steps(funnel["items"])["wecom"] == [0, 3, 0, 0, 0]


def _steps(items: list[dict[str, Any]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for item in items:
        found.setdefault(item["group"], []).append(item["value"])
    return found


def _ask(journey: Journey, who: str, title: str) -> str:
    body = {"community_id": journey.community_id, "kind": "question", "title": title, "body": "请指教。", "tags": []}
    question = journey[who].post("/v1/discussions", body, expect=201)
    return str(question["id"])


def _metric(journey: Journey, code: str, holds: Any, **query: Any) -> dict[str, Any]:
    """A metric, once it is what it is to become: it follows by message."""
    found: dict[str, Any] = journey[OWNER].until(
        f"/v1/metrics/{code}", lambda body: holds(body["items"]), community_id=journey.community_id, **query
    )
    return found
