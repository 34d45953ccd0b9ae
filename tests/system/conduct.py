"""What somebody did wrong, from the report to what every service took back of its penalty: in the journeys of members."""

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tests.system.api import PATIENCE, Api
from tests.system.journey import ACCEPTED, OWNER, REJECTED, WAITLISTED, Journey

AUTHOR, REPORTER, MODERATOR = ACCEPTED, WAITLISTED, REJECTED
FINE, LESS = 30, 15
FOLLOWED = {"membership", "content", "events", "gamification", "analytics"}
RULE = {
    "code": "no_ads",
    "category": "advertising",
    "title": "不发广告",
    "text": "不在社群里推销商品。",
    "severity": "serious",
}


def let_in(journey: Journey) -> dict[str, str]:
    """Member ids by number: an author, a reporter and a moderator, whose community has a rule against advertising and pays well."""
    owner, here = journey[OWNER], {"community_id": journey.community_id}
    rows = f"employee_no\n{AUTHOR}\n{REPORTER}\n{MODERATOR}"
    job = owner.upload("/v1/members/imports", rows.encode(), community_id=journey.community_id)
    assert (job["state"], job["failed"]) == ("succeeded", 0), job
    ids = {number: journey.membership(number)["member_id"] for number in (AUTHOR, REPORTER, MODERATOR)}
    owner.post("/v1/role-grants", {"member_id": ids[MODERATOR], "role": "moderator"}, expect=201)
    rules = owner.post("/v1/rule-sets", here | {"rules": [RULE]}, expect=201)
    owner.post(f"/v1/rule-sets/{rules['id']}/publish", expect=200)
    paid = {"trigger": "discussion.started", "points": 50, "xp": 50, "beneficiary": "author"}
    owner.call("PUT", "/v1/earning-rules/talk", expect=(200, 201), json=paid, params=here)
    return ids


def walk_an_appeal(journey: Journey, ids: Mapping[str, str]) -> None:
    """An advertisement is reported; its author is muted and fined, and their appeal granted in part; in the end the moderator lifts it all."""
    author, reader = journey[AUTHOR], journey[REPORTER]
    wallet = f"/v1/wallets/{ids[AUTHOR]}"
    joined = author.until(wallet, lambda one: one["points"] > 0)["points"]
    harmless = f"/v1/discussions/{_started(journey, '周末一起读书')}"
    alone = author.until(wallet, lambda one: one["points"] > joined)
    advertisement = f"/v1/discussions/{_started(journey, '低价代办会员')}"
    both = author.until(wallet, lambda one: one["points"] > alone["points"])

    penalty = _confirmed(journey, advertisement)
    _gone(reader, advertisement)
    # The text takes what was paid for it, and the penalty its fine: no xp.
    fined = author.until(wallet, lambda one: one["points"] == alone["points"] - FINE)
    assert fined["xp"] == alone["xp"]
    _muted(author, ids[AUTHOR], journey, harmless)

    appeal = _appealed(journey, penalty)
    _reduced(journey, appeal)
    done = author.until(appeal, lambda one: one["finished"])
    assert (done["status"], done["revision"]) == ("reduced", 2)
    assert {one["service"] for one in done["progress"]} == FOLLOWED
    undone = {service: what for service, what in _undone(done).items() if what}
    assert undone == {"gamification": {"points_given_back": FINE - LESS}}
    back = author.get(wallet)
    assert (back["points"], back["xp"]) == (alone["points"] - LESS, alone["xp"])
    reader.problem("GET", advertisement, 404, "not_found")
    # What it was shortened to is over by the clock.
    journey.stack.clock.advance(timedelta(hours=7))
    journey.log_in_again()
    author, reader = journey[AUTHOR], journey[REPORTER]
    assert author.get(f"/v1/members/{ids[AUTHOR]}")["status"] == "active"

    lifted = {"reason": "看错了"}
    journey[MODERATOR].post(f"/v1/penalties/{penalty}/lift", lifted, expect=200, headers={"If-Match": "*"})
    reader.until(advertisement, lambda one: one["status"] == "open")
    last = author.until(wallet, lambda one: one["points"] == both["points"])
    assert last["xp"] == both["xp"]
    done = author.until(appeal, lambda one: one["finished"] and one["revision"] == 3)
    undone = {service: what for service, what in _undone(done).items() if what}
    assert undone == {
        "analytics": {"penalties": 1},
        "content": {"discussion.restored": 1},
        "gamification": {"points_given_back": LESS},
    }


def _started(journey: Journey, title: str) -> str:
    body = {"community_id": journey.community_id, "kind": "topic", "title": title, "body": f"{title}，欢迎联系我。"}
    return str(journey[AUTHOR].post("/v1/discussions", body, expect=201)["id"])


def _confirmed(journey: Journey, path: str) -> str:
    """The penalty that follows from the report of a discussion."""
    thing = {"kind": "discussion", "id": path.rpartition("/")[2]}
    journey[REPORTER].post("/v1/moderation-items", {"object": thing, "category": "advertising"}, expect=201)
    desk = journey[MODERATOR]
    found = desk.until("/v1/cases", lambda page: page["items"], community_id=journey.community_id, status="open")
    (case,) = found["items"]
    assert (case["object"]["id"], case["category"], case["reports"]) == (thing["id"], "advertising", 1)
    at = f"/v1/cases/{case['id']}"
    journey[AUTHOR].problem("GET", at, 403, "forbidden")
    desk.post(f"{at}/claim", expect=200, headers={"If-Match": "*"})
    verdict = {"rule": RULE["code"], "reason": "属实", "words": "请不要发广告"}
    done = desk.post(f"{at}/confirm", verdict, expect=200, headers={"If-Match": "*"})
    assert done["status"] == "confirmed"
    return str(done["penalty_id"])


def _gone(reader: Api, path: str) -> None:
    """Wait until somebody else does not find it any more."""
    end = time.monotonic() + PATIENCE
    while reader.client.get(path).status_code != 404:
        assert time.monotonic() < end, f"{path} is still seen"
        time.sleep(0.1)


def _muted(author: Api, member_id: str, journey: Journey, discussion: str) -> None:
    assert author.get(f"/v1/members/{member_id}/standing")["sanction"] == "mute"
    assert author.get(f"/v1/members/{member_id}")["status"] == "muted"
    # Content hears of it by another message than of the text.
    author.until(discussion, lambda one: "reply" not in one["viewer"]["can"])
    body = {"community_id": journey.community_id, "kind": "topic", "title": "还能发吗", "body": "试试。"}
    author.problem("POST", "/v1/discussions", 403, "forbidden", json=body)


def _appealed(journey: Journey, penalty: str) -> str:
    body = {"object": {"kind": "penalty", "id": penalty}, "words": "那是读书会的报名，不是广告。"}
    made = journey[AUTHOR].post("/v1/appeals", body, expect=201)
    appeal = f"/v1/appeals/{made['id']}"
    decision = {"outcome": "denied", "reason": "维持。"}
    # Who imposed it is a moderator, and does not even read it.
    headers = {"If-Match": "*"}
    journey[MODERATOR].problem("POST", f"{appeal}/decide", 404, "not_found", json=decision, headers=headers)
    return appeal


def _reduced(journey: Journey, appeal: str) -> None:
    until = journey.stack.clock.now() + timedelta(hours=6)
    decision = {"outcome": "reduced", "reason": "初犯，从轻。", "fine": LESS, "until": until.isoformat()}
    journey[OWNER].post(f"{appeal}/decide", decision, expect=200, headers={"If-Match": "*"})


def _undone(appeal: Any) -> dict[str, dict[str, int]]:
    return {one["service"]: one["undone"] for one in appeal["progress"]}


def walk_a_removal(journey: Journey) -> None:
    """A moderator removes what somebody wrote, who appeals against that; it is seen again when content has heard of the decision."""
    journey.log_in_again()
    author, reader = journey[AUTHOR], journey[REPORTER]
    thing = {"kind": "discussion", "id": _started(journey, "书单分享")}
    path = f"/v1/discussions/{thing['id']}"
    journey[MODERATOR].post(f"{path}/remove", expect=200)
    _gone(reader, path)
    body = {"object": thing, "words": "只是分享书单，没有推销。"}
    # Membership hears of it a moment later.
    end = time.monotonic() + PATIENCE
    while (answer := author.client.post("/v1/appeals", json=body)).status_code == 404:
        assert time.monotonic() < end, "nobody has heard that it was removed"
        time.sleep(0.1)
    assert answer.status_code == 201, answer.text
    appeal = f"/v1/appeals/{answer.json()['id']}"
    decision = {"outcome": "granted", "reason": "与规则无关，恢复。"}
    journey[OWNER].post(f"{appeal}/decide", decision, expect=200, headers={"If-Match": "*"})
    reader.until(path, lambda one: one["status"] == "open")
    assert author.until(appeal, lambda one: one["finished"])["object"] == thing
