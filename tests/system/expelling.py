"""A member who is expelled for two deeds: what ends in which service, what stays, and what they still read."""

from typing import Any

from tests.system.journey import OWNER, Journey

ANYTHING = {"If-Match": "*"}
FINE = 60


def walk_an_expulsion(journey: Journey, target_no: str, reporter_no: str, moderator_no: str, member_id: str) -> None:
    """Somebody reports, a moderator who is new confirms, and the owner is the second person."""
    journey.log_in_again()
    _appoint(journey, moderator_no)
    here = {"community_id": journey.community_id}
    target, reporter, moderator, owner = (journey[one] for one in (target_no, reporter_no, moderator_no, OWNER))
    kept, *deeds = (_written(journey, target_no, title) for title in ("一个好问题", "第一次骂人", "第二次骂人"))
    for deed in deeds:
        thing = {"kind": "discussion", "id": deed}
        report = here | {"member_id": member_id, "category": "speech", "words": "骂人", "object": thing}
        reporter.post("/v1/conduct-reports", report, expect=201)
        case = next(one["id"] for one in moderator.get("/v1/cases", **here)["items"] if one["object"] == thing)
        moderator.post(f"/v1/cases/{case}/claim", headers=ANYTHING, expect=200)
        confirmed = {"rule": "grave", "reason": "属实", "words": "请尊重他人"}
        penalty = moderator.post(f"/v1/cases/{case}/confirm", confirmed, headers=ANYTHING, expect=200)["penalty_id"]
    assert _status(target, member_id) == "muted"
    done = owner.post(f"/v1/penalties/{penalty}/expel", headers=ANYTHING, expect=200)
    assert (done["sanction"], done["until"]) == ("expel", None)

    # Here they are out; others see somebody who left.
    assert _status(target, member_id) == "expelled"
    assert reporter.get(f"/v1/members/{member_id}")["status"] == "left"
    # What they wrote stays, but for what it was about.
    shown = reporter.until(f"/v1/discussions/{kept}", lambda one: one["author"]["left"])
    assert shown["title"] == "一个好问题"
    reporter.until("/v1/discussions", lambda page: not set(deeds) & {one["id"] for one in page["items"]}, **here)
    # They take part no more, read their own page, and pay the fines.
    question = here | {"kind": "question", "title": "还能问吗？", "body": "想知道。"}
    answer = target.client.post("/v1/discussions", json=question)
    assert answer.status_code in {403, 404}, answer.text
    page = target.get(f"/v1/members/{member_id}/standing")
    assert (page["sanction"], len(page["penalties"])) == ("expel", 2)
    assert page["penalties"][0]["words"] == "请尊重他人"
    target.until("/v1/ledger-entries", _fined, member_id=member_id, limit=100)
    waiting = target.get("/v1/me/tasks")["items"]
    assert [one for one in waiting if (one.get("community") or {}).get("id") == journey.community_id] == []


def _appoint(journey: Journey, moderator_no: str) -> None:
    rows, here = f"employee_no\n{moderator_no}".encode(), journey.community_id
    job = journey[OWNER].upload("/v1/members/imports", rows, community_id=here)
    assert job["state"] == "succeeded", job
    me = journey[moderator_no].until("/v1/people/me", lambda one: one["memberships"])
    grant = {"member_id": me["memberships"][0]["member_id"], "role": "moderator"}
    journey[OWNER].post("/v1/role-grants", grant, expect=201)


def _written(journey: Journey, author: str, title: str) -> str:
    topic = {"community_id": journey.community_id, "kind": "topic", "title": title, "body": "如题。"}
    return str(journey[author].post("/v1/discussions", topic, expect=201)["id"])


def _status(api: Any, member_id: str) -> str:
    found = api.get("/v1/people/me")["memberships"]
    return str(next(one["status"] for one in found if one["member_id"] == member_id))


def _fined(page: Any) -> bool:
    taken = [one["amount"] for one in page["items"] if one["currency"] == "points" and one["amount"] == -FINE]
    return len(taken) == 2
