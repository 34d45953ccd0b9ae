"""How members rise: to a level that a committee votes on and that brings a role, and to badges for what they did long ago."""

from datetime import timedelta
from typing import Any

from tests.system.journey import ACCEPTED, KNOCKED_OUT, OWNER, REJECTED, RETURNED, WAITLISTED, Journey

JUDGES = (ACCEPTED, WAITLISTED)
NOMINEE = REJECTED
LONG_HERE, LESS_LONG = KNOCKED_OUT, RETURNED
NOMINATIONS = "/v1/promotions/nominations"
SEED = {"code": "seed", "name_zh": "种子", "name_en": "Seed", "xp": 0}
GUIDE = {"code": "guide", "name_zh": "领路人", "name_en": "Guide", "xp": 5, "decided": True, "perks": ["mentor"]}
GRACE = timedelta(days=30)


def members_long_since(journey: Journey) -> dict[str, str]:
    """Everybody but the owner is a member since January 2024, and has a wallet; their member ids by number."""
    numbers = (*JUDGES, NOMINEE, LONG_HERE, LESS_LONG)
    rows = [f"{number},2024-01-01T09:00:00+08:00" for number in numbers]
    _import(journey, "members", "employee_no,joined_at", rows)
    ids = {}
    for number in numbers:
        ids[number] = str(journey.membership(number)["member_id"])
        journey[number].until(f"/v1/wallets/{ids[number]}", lambda wallet: wallet["points"] > 0)
    return ids


def walk_a_promotion(journey: Journey, ids: dict[str, str]) -> None:
    """A member is nominated, votes on nobody's promotion but that of others, is promoted, and loses level and role after the grace."""
    here: dict[str, Any] = {"community_id": journey.community_id}
    owner, nominee_id = journey[OWNER], ids[NOMINEE]
    _put(journey, "/v1/ladders", {"items": [SEED, GUIDE]})
    # The nominee sits on the committee as well.
    _put(journey, "/v1/promotions/committee", {"member_ids": [ids[one] for one in (*JUDGES, NOMINEE)]})
    journey[NOMINEE].post("/v1/checkins", here | {"note": "带新人读完第一章"}, expect=201)
    proposal = {"member_id": nominee_id, "level": "guide", "reason": "带教三期"}
    _refused_about_oneself(journey, NOMINATIONS, proposal)
    nomination = journey[JUDGES[0]].post(NOMINATIONS, proposal, expect=201)
    path = f"{NOMINATIONS}/{nomination['id']}"
    assert nomination["votes"] == {"in_favour": 0, "against": 0, "electorate": 2, "needed": 1}
    _refused_about_oneself(journey, f"{path}/vote", {"in_favour": True, "reason": "我准备好了"})
    assert "promotion_vote" not in _tasks(journey, NOMINEE)
    decision = {"outcome": "granted", "reason": "委员会一致通过"}
    owner.problem("POST", f"{path}/decide", 409, "votes_missing", json=decision)
    for judge in JUDGES:
        assert "promotion_vote" in _tasks(journey, judge)
        journey[judge].post(f"{path}/vote", {"in_favour": True, "reason": "表现稳定"}, expect=200)
        assert "promotion_vote" not in _tasks(journey, judge)
    decided = owner.post(f"{path}/decide", decision, expect=200)
    assert (decided["status"], decided["votes"]["in_favour"]) == ("granted", 2)
    owner.until(f"/v1/members/{nominee_id}", lambda member: member["roles"] == ["mentor"])
    grants = owner.get("/v1/role-grants", **here, member_id=nominee_id)["items"]
    assert [(one["role"], one["cause"]) for one in grants] == [("mentor", "perk")]
    _lose_it(journey, nominee_id)


def _lose_it(journey: Journey, member_id: str) -> None:
    """The level asks more than the member has: nothing is lost at once, but level and role when the grace is over."""
    progress = "/v1/promotions/progress"
    _put(journey, "/v1/ladders", {"items": [SEED, GUIDE | {"xp": 1000}]})
    said = journey[OWNER].get(progress, member_id=member_id)
    assert (said["level"]["code"], said["lost_at"] is not None) == ("guide", True)
    assert journey[OWNER].get(f"/v1/members/{member_id}")["roles"] == ["mentor"]
    journey.stack.clock.advance(GRACE + timedelta(minutes=1))
    journey.log_in_again()
    journey[OWNER].until(f"/v1/members/{member_id}", lambda member: member["roles"] == [])
    said = journey[OWNER].get(progress, member_id=member_id)
    assert (said["level"]["code"], said["lost_at"]) == ("seed", None)


def walk_past_badges(journey: Journey, ids: dict[str, str]) -> None:
    """A history comes in and awards nothing; on request those are awarded who had come so far, once; one more comes so far today."""
    here: dict[str, Any] = {"community_id": journey.community_id}
    owner = journey[OWNER]
    named = {"code": "regular", "name_zh": "常客", "name_en": "Regular"}
    badge = owner.post("/v1/badges", here | named | {"criteria": [{"counter": "checkins", "at_least": 8}]}, expect=201)
    rows = [f"{number},2024-03-{day:02d}T12:00:00+08:00" for number, last in _PAST for day in range(1, last + 1)]
    _import(journey, "checkins", "employee_no,occurred_at", rows)
    # Eight check-ins and the seven days of a streak.
    owner.until(f"/v1/wallets/{ids[LONG_HERE]}", lambda wallet: wallet["xp"] == 8 * 5 + 20)
    assert _awarded(journey) == {}
    assert _grant(journey, badge["id"], dry_run=True) == 1
    assert _awarded(journey) == {}
    assert _grant(journey, badge["id"]) == 1
    assert _awarded(journey) == {ids[LONG_HERE]: "past"}
    assert _grant(journey, badge["id"]) == 0
    journey[LESS_LONG].post("/v1/checkins", here | {"note": "又来了"}, expect=201)
    owner.until("/v1/badges/awards", lambda page: len(page["items"]) == 2, **here)
    assert _awarded(journey) == {ids[LONG_HERE]: "past", ids[LESS_LONG]: "reached"}


_PAST = ((LONG_HERE, 8), (LESS_LONG, 7))


def _awarded(journey: Journey) -> dict[str, str]:
    found = journey[OWNER].get("/v1/badges/awards", community_id=journey.community_id)["items"]
    assert len({one["member"]["member_id"] for one in found}) == len(found), found
    return {one["member"]["member_id"]: one["cause"] for one in found}


def _grant(journey: Journey, badge_id: str, *, dry_run: bool = False) -> int:
    """How many were awarded it, or would be."""
    owner = journey[OWNER]
    job = owner.post("/v1/badges/grants", {"badge_id": badge_id, "dry_run": dry_run}, expect=202)
    over = {"succeeded", "failed", "cancelled"}
    job = owner.until(f"/v1/badges/grants/{job['id']}", lambda body: body["state"] in over)
    assert job["state"] == "succeeded", job
    return int(job["result"]["awarded"])


def _refused_about_oneself(journey: Journey, path: str, body: dict[str, Any]) -> None:
    journey[NOMINEE].problem("POST", path, 403, "conflict_of_interest", json=body)


def _tasks(journey: Journey, number: str) -> list[str]:
    return [one["code"] for one in journey[number].get("/v1/me/tasks")["items"]]


def _put(journey: Journey, path: str, body: dict[str, Any]) -> None:
    params = {"community_id": journey.community_id}
    journey[OWNER].call("PUT", path, expect=200, params=params, json=body)


def _import(journey: Journey, what: str, heading: str, rows: list[str]) -> None:
    content = "\n".join((heading, *rows)).encode()
    job = journey[OWNER].upload(f"/v1/{what}/imports", content, community_id=journey.community_id)
    assert (job["state"], job["done"], job["failed"]) == ("succeeded", len(rows), 0), job
