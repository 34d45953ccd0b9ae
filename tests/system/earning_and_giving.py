"""Everything that gamification tells of members, in a few calls: kudos that raise a level, a plan completed on one day, a reward, a badge."""

from datetime import timedelta
from typing import Any

from tests.system.api import Api
from tests.system.journey import ACCEPTED, PASSWORD, WAITLISTED
from tests.system.stacks import Stack

RAISES = 200
"""As much xp as the second level asks for, and more."""


def earn_and_give(stack: Stack, community_id: str, owner: Api) -> None:
    """One member is given kudos and a badge, completes a plan and buys something."""
    with (
        Api(stack.url) as anyone,
        anyone.log_in(ACCEPTED, PASSWORD) as one,
        anyone.log_in(WAITLISTED, PASSWORD) as other,
    ):
        member_id = one.get("/v1/people/me")["memberships"][0]["member_id"]
        rule = {"trigger": "kudos.given", "beneficiary": "recipient", "points": 5, "xp": RAISES}
        where = {"community_id": community_id}
        owner.call("PUT", "/v1/earning-rules/thanks", expect=(200, 201), json=rule, params=where)
        kudos = {"receiver_id": member_id, "value_code": "share", "text": "把大家的问题整理成了清单"}
        other.post("/v1/kudos", where | kudos, expect=201)
        plan = owner.post("/v1/checkin-plans", where | _two_days(stack), expect=201)
        one.post(f"/v1/checkin-plans/{plan['id']}/join")
        day = {"note": "读了第一章", "plan_ids": [plan["id"]]}
        (counted,) = one.call("POST", "/v1/checkins", expect=(200, 201), json=where | day)["plans"]
        assert counted["completed"] is True, counted
        badge = {"code": "helper", "name_zh": "热心", "name_en": "Helper", "criteria": []}
        made = owner.post("/v1/badges", where | badge, expect=201)
        owner.post(f"/v1/badges/{made['id']}/award", {"member_id": member_id, "reason": "帮助了很多新人"})
        _buy(owner, one, community_id)


def _two_days(stack: Stack) -> dict[str, Any]:
    today = stack.clock.now() + timedelta(hours=8)
    return {
        "title": "两日读书营",
        "starts_on": today.date().isoformat(),
        "ends_on": (today + timedelta(days=1)).date().isoformat(),
        "requires": "note",
        "prompts": ["今天读了什么？"],
        "complete_at": 50,
    }


def _buy(owner: Api, one: Api, community_id: str) -> None:
    reward = {
        "community_id": community_id,
        "title": "荣誉称号",
        "kind": "privilege",
        "cost": 3,
        "fulfilment": "automatic",
    }
    made = owner.post("/v1/rewards", reward, expect=201)
    wish = {"community_id": community_id, "reward_id": made["id"], "cost_seen": made["cost"]}
    bought = one.post("/v1/redemptions", wish, expect=201)
    assert bought["status"] == "fulfilled", bought
