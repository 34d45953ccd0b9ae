"""Where the community wants to get until when, and what its team saw that should change."""

from datetime import timedelta
from typing import Any

from qunxue.demo.filling import Filling

MEASURED: tuple[dict[str, Any], ...] = (
    {
        "title": "每周至少 42 位同事在学堂里做点什么",
        "horizon": "short",
        "metric": {"code": "active_members", "grain": "week"},
        "target": 42,
        "began": 28,
        "relevance": "有人在，问题才有人接；这是“每个人都有可以请教的同行”的前提。",
        "ask": {"action": "checked_in", "count": 3},
        "gain": "连续打卡七天另得积分，空闲冻结卡也会攒下来",
        "weight": 2,
    },
    {
        "title": "二十个问题，十九个有人回答",
        "horizon": "short",
        "metric": {"code": "answered_share", "grain": "week"},
        "target": 0.95,
        "began": 0,
        "relevance": "问了没人理，下次就不问了。",
        "ask": {"action": "replied", "count": 1},
        "gain": "被采纳的回答积分最高",
    },
)
WHOLE: dict[str, Any] = {
    "title": "半年内，成为同事遇到问题第一个想到的地方",
    "horizon": "long",
    "relevance": "定位：把一线同事的经验变成大家都用得上的方法。",
}
SEEN: tuple[dict[str, Any], ...] = (
    {
        "severity": "high",
        "evidence": "食堂海报来的六位成员，最近两周没有一位打过卡；企业微信群来的几乎都在。",
        "suggestion": "请带教人这周各打一次电话，问问卡在哪里；海报上写清楚每周要花两小时。",
    },
    {
        "severity": "medium",
        "evidence": "线上读书会四次的到场人数一次比一次少，最后一次只剩三四个人。",
        "suggestion": "换时间，换形式，书由大家选。",
        "change": "改到午休三十分钟，一次只读一章，由投票选书",
        "metric": "participation",
    },
)


def aim(filling: Filling) -> None:
    """A goal for half a year, with two that are measured below it: one under way for four weeks, one set today."""
    owner = filling.owner
    where = {"community_id": filling.community_id}
    whole = owner.post("/v1/goals", where | WHOLE | _days(filling, 28, 150))
    for goal in MEASURED:
        part = {"parent_id": whole["id"], "owner_id": filling.members["周明远"]}
        told = {name: value for name, value in goal.items() if name != "began"}
        owner.post("/v1/goals", where | told | part | _days(filling, goal["began"], 60))


def notice(filling: Filling) -> None:
    """Two insights by hand: one that nobody has taken up, one with what was changed."""
    for seen in SEEN:
        changed = {"changed_on": filling.calendar.today.isoformat()} if "change" in seen else {}
        filling.owner.post("/v1/insights", {"community_id": filling.community_id} | seen | changed)


def _days(filling: Filling, before: int, after: int) -> dict[str, str]:
    today = filling.calendar.today
    return {
        "starts_on": (today - timedelta(days=before)).isoformat(),
        "due_on": (today + timedelta(days=after)).isoformat(),
    }
