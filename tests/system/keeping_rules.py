"""New rules of a community: members acknowledge them, or read and do not post until they do."""

from datetime import timedelta
from typing import Any

from tests.system.journey import ACCEPTED, KNOCKED_OUT, OWNER, PASSWORD, REJECTED, RETURNED, WAITLISTED, Journey

HEEDFUL = (OWNER, ACCEPTED, WAITLISTED, REJECTED)
FORGETFUL = (KNOCKED_OUT, RETURNED)
"""A third of the members."""
LATE = "00077"
RULES = "/v1/rule-sets"
POLITE = {"code": "polite", "category": "etiquette", "title": "友善交流", "text": "请尊重他人。", "severity": "minor"}
NO_ADS = {"code": "no-ads", "category": "advertising", "title": "禁止广告", "text": "不发广告。", "severity": "serious"}
WEEK = timedelta(days=7)
MOMENT = timedelta(minutes=1)


def walk_new_rules(journey: Journey, ids: dict[str, str]) -> None:
    """A third of the members forgets the rules: they are reminded, then read, check in and do not post, until they acknowledge. One comes late, with time of their own."""
    owner = journey[OWNER]
    rules = _published(journey)
    for number in (*HEEDFUL, *FORGETFUL):
        _has_line(journey, number, "rule_set.published")
    for number in HEEDFUL:
        journey[number].post(f"{RULES}/{rules['id']}/acknowledge", expect=200)
        assert _unread(journey, number, "rule_set.published") == []
    missing = owner.get(f"{RULES}/{rules['id']}/missing")["items"]
    assert {one["member"]["member_id"] for one in missing} == {ids[number] for number in FORGETFUL}

    _later(journey, WEEK + MOMENT)
    for number in FORGETFUL:
        _has_line(journey, number, "reminder.rule_set")
        _starts_discussion(journey, number)
    late_id = _comes_late(journey)

    _later(journey, WEEK)
    for number in FORGETFUL:
        _reads_and_does_not_post(journey, number, rules, ids[ACCEPTED])
    _starts_discussion(journey, HEEDFUL[1])
    _starts_discussion(journey, LATE)
    overdue = journey[OWNER].get(f"{RULES}/{rules['id']}/missing", overdue=True)["items"]
    assert {one["member"]["member_id"] for one in overdue} == {ids[number] for number in FORGETFUL}
    for number in FORGETFUL:
        _acknowledges_and_posts(journey, number, rules)

    _later(journey, WEEK)
    _reads_and_does_not_post(journey, LATE, rules, ids[ACCEPTED])
    overdue = journey[OWNER].get(f"{RULES}/{rules['id']}/missing", overdue=True)["items"]
    assert [one["member"]["member_id"] for one in overdue] == [late_id]
    _acknowledges_and_posts(journey, LATE, rules)


def _published(journey: Journey) -> dict[str, Any]:
    """The rules in force, after a draft that was thrown away."""
    owner, here = journey[OWNER], {"community_id": journey.community_id}
    first = owner.post(RULES, here | {"rules": [POLITE]}, expect=201)
    owner.call("DELETE", f"{RULES}/{first['id']}", expect=204)
    draft = owner.post(RULES, here | {"rules": [POLITE, NO_ADS]}, expect=201)
    published: dict[str, Any] = owner.post(f"{RULES}/{draft['id']}/publish", expect=200)
    assert (published["state"], published["version"]) == ("in_force", 1)
    owner.problem("DELETE", f"{RULES}/{draft['id']}", 409, "illegal_transition")
    return published


def _later(journey: Journey, by: timedelta) -> None:
    journey.stack.clock.advance(by)
    journey.log_in_again()


def _comes_late(journey: Journey) -> str:
    """Somebody is hired and becomes a member when half of the others' time is over; the id of their membership."""
    person = {"display_name": "孙晚", "employee_no": LATE, "email": "sun.wan@example.com"}
    made = journey.admin.post("/v1/people", person, expect=201)
    batch = journey.admin.post("/v1/people/batch", {"action": "activation", "ids": [made["id"]]}, expect=200)
    code = batch["items"][0]["result"]["code"]
    journey.admin.post("/v1/activations", {"code": code, "password": PASSWORD}, expect=201)
    # Members since long ago by what the import says: their time to acknowledge counts from today.
    rows = f"employee_no,joined_at\n{LATE},2024-01-01T09:00:00+08:00".encode()
    job = journey[OWNER].upload("/v1/members/imports", rows, community_id=journey.community_id)
    assert (job["state"], job["failed"]) == ("succeeded", 0), job
    return str(journey.membership(LATE)["member_id"])


def _reads_and_does_not_post(journey: Journey, number: str, rules: dict[str, Any], other_id: str) -> None:
    """In whatever service: content, gamification, events and membership itself. Of analytics members only read."""
    member = journey[number]
    here: dict[str, Any] = {"community_id": journey.community_id}
    posts: dict[str, dict[str, Any]] = {
        "/v1/discussions": _discussion(journey),
        "/v1/kudos": here | {"receiver_id": other_id, "text": "上周的备课帮了我很多。"},
        "/v1/proposals": here | {"title": "备课工作坊"},
        "/v1/mentorships": here | {"mentor_id": other_id},
    }
    for path, body in posts.items():
        refused = member.problem("POST", path, 403, "rules_not_acknowledged", json=body)
        assert refused["acknowledge"] == f"{RULES}/{rules['id']}/acknowledge"
    assert member.get("/v1/discussions", **here)["items"]
    for path in ("/v1/leaderboards", "/v1/activities", "/v1/members", "/v1/goals"):
        member.get(path, **here)
    member.post("/v1/checkins", here, expect=201)
    assert member.get(f"{RULES}/current", **here)["own"]["overdue"]
    assert "acknowledge_rules" in [one["code"] for one in member.get("/v1/me/tasks")["items"]]


def _acknowledges_and_posts(journey: Journey, number: str, rules: dict[str, Any]) -> None:
    """At once: nothing is waited for in between."""
    journey[number].post(f"{RULES}/{rules['id']}/acknowledge", expect=200)
    _starts_discussion(journey, number)
    assert _unread(journey, number, "rule_set.published") == _unread(journey, number, "reminder.rule_set") == []


def _discussion(journey: Journey) -> dict[str, Any]:
    return {"community_id": journey.community_id, "kind": "question", "title": "怎么备课？", "body": "从哪里开始？"}


def _starts_discussion(journey: Journey, number: str) -> None:
    journey[number].post("/v1/discussions", _discussion(journey), expect=201)


def _has_line(journey: Journey, number: str, template: str) -> None:
    journey[number].until("/v1/notifications", lambda page: template in _templates(page), unread=True)


def _unread(journey: Journey, number: str, template: str) -> list[str]:
    page = journey[number].get("/v1/notifications", unread=True, limit=100)
    return [one for one in _templates(page) if one == template]


def _templates(page: Any) -> list[str]:
    return [one["template"] for one in page["items"]]
