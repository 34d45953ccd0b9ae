"""What members are thanked, recognised and rewarded with: badges, a check-in plan, kudos, and a small mall."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from qunxue.demo.client import DemoFailed
from qunxue.demo.filling import Filling

BADGES: tuple[dict[str, Any], ...] = (
    {
        "code": "thirty_days",
        "name_zh": "三十天",
        "name_en": "Thirty days",
        "about_zh": "打卡满三十天。",
        "about_en": "Checked in on thirty days.",
        "criteria": [{"counter": "checkins", "at_least": 30}],
    },
    {
        "code": "steady",
        "name_zh": "持之以恒",
        "name_en": "Steady",
        "about_zh": "连续打卡满十个工作日。",
        "about_en": "Ten workdays in a row.",
        "criteria": [{"counter": "longest_streak", "at_least": 10}],
    },
)
BY_HAND = {
    "code": "founder",
    "name_zh": "共建者",
    "name_en": "Founder",
    "about_zh": "从第一天起一起把学堂办起来。",
    "about_en": "Was there when it began.",
}
FOUNDERS = ("周明远", "许可")
PLAN: dict[str, Any] = {
    "title": "二十一天客户复盘打卡营",
    "days": "all",
    "prompts": ["今天跟谁谈了什么？", "下一步是谁、在哪天、做什么？"],
    "requires": "note",
    "complete_at": 80,
}
PLAN_DAYS = 21
TAKE_PART = ("田甜", "余思琪", "袁野", "郑佳琪", "朱婷", "叶青", "陈嘉怡")
KUDOS = (
    ("袁野", "方晓雯", "share", "看板课讲了自己做砸的那一版，比讲成功的那版更有用，谢谢。"),
    ("田甜", "周明远", "kind", "我第一次提问写得很乱，他先谢了我，再一条一条帮我理清。"),
    ("郑佳琪", "朱婷", "concrete", "续约清单第一天就能照着做，连第一封邮件怎么写都有。"),
)
REWARDS: tuple[dict[str, Any], ...] = (
    {"kind": "voucher", "title": "楼下咖啡券", "description": "当天领，当天用。", "cost": 60, "fulfilment": "automatic", "market_value": 2500},
    {"kind": "physical", "title": "学堂帆布袋", "description": "在培训发展组领取。", "cost": 120, "stock": 20, "per_member_limit": 1, "delivery": "pickup", "market_value": 3900},
    {"kind": "privilege", "title": "与讲师一对一喝咖啡一小时", "description": "由学堂约时间。", "cost": 150, "stock": 6, "per_member_limit": 1},
)  # fmt: skip
CODES = [f"COFFEE-{number:04d}" for number in range(1, 21)]
BUY = (("叶青", "楼下咖啡券"), ("周明远", "与讲师一对一喝咖啡一小时"), ("方晓雯", "学堂帆布袋"))
"""The first has it at once; the others wait for who decides."""


def recognise(filling: Filling) -> None:
    """Badges for whoever has earned them since long ago, and one by hand; kudos of colleagues."""
    owner, where = filling.owner, {"community_id": filling.community_id}
    for badge in BADGES:
        made = owner.post("/v1/badges", where | badge)
        grant = owner.post("/v1/badges/grants", {"badge_id": made["id"]})
        ended = owner.until(f"/v1/badges/grants/{grant['id']}", lambda job: job["state"] not in {"queued", "running"})
        if ended["state"] != "succeeded":
            raise DemoFailed(f"badge {badge['code']}: {ended['state']} {ended['error']}")
    founder = owner.post("/v1/badges", where | BY_HAND)
    for name in FOUNDERS:
        reason = {"member_id": filling.members[name], "reason": "第一期的每一次活动都在。"}
        owner.post(f"/v1/badges/{founder['id']}/award", reason)
    for giver, receiver, value, text in KUDOS:
        said = {"receiver_id": filling.members[receiver], "value_code": value, "text": text}
        filling[giver].post("/v1/kudos", where | said)


def challenge(filling: Filling) -> None:
    """A plan that begins today; today's check-ins count for it."""
    today = filling.calendar.today
    days = {"starts_on": today.isoformat(), "ends_on": (today + timedelta(days=PLAN_DAYS - 1)).isoformat()}
    plan = filling.owner.post("/v1/checkin-plans", {"community_id": filling.community_id} | PLAN | days)
    for name in TAKE_PART:
        filling[name].post(f"/v1/checkin-plans/{plan['id']}/join")
        filling.plans[name] = [plan["id"]]


def reward(filling: Filling) -> None:
    """What points buy; one has bought already, and two wait for an answer."""
    owner, where = filling.owner, {"community_id": filling.community_id}
    made = {one["title"]: owner.post("/v1/rewards", where | one) for one in REWARDS}
    owner.post(f"/v1/rewards/{made['楼下咖啡券']['id']}/voucher-codes", {"codes": CODES})
    for name, title in BUY:
        cost = int(made[title]["cost"])
        filling[name].until("/v1/me/home", _can_pay(cost), **where)
        filling[name].post("/v1/redemptions", where | {"reward_id": made[title]["id"], "cost_seen": cost})


def _can_pay(cost: int) -> Callable[[Any], bool]:
    """What was earned in sixty days is paid by message."""
    return lambda home: home["wallet"] is not None and home["wallet"]["points"] >= cost
