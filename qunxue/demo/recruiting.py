"""The recruitment that is under way: a campaign of three channels, who came by which, and what was decided so far."""

import csv
from datetime import timedelta
from typing import Any

from qunxue.demo.client import Client
from qunxue.demo.company import TEXTS
from qunxue.demo.filling import Filling

RECRUITER = "周明远"
VISITS = {"announcement": 38, "im": 64, "poster": 21}
CHANNELS = [
    {"code": "announcement", "name": "企业公告", "kind": "announcement"},
    {"code": "im", "name": "企业微信群", "kind": "im"},
    {"code": "poster", "name": "食堂海报", "kind": "poster"},
]
FORM: dict[str, Any] = {
    "type": "object",
    "required": ["motivation", "hours", "topic"],
    "additionalProperties": False,
    "properties": {
        "motivation": {"type": "string", "title": "为什么想加入，能带来什么", "minLength": 4, "maxLength": 1000},
        "hours": {"type": "integer", "title": "每周能投入几小时", "minimum": 0, "maximum": 20},
        "topic": {"type": "string", "title": "最想学的方向", "enum": ["新任经理", "客户沟通", "数据技能", "内部讲师"]},
    },
}
REASONS = {
    "accepted": "目标具体，能持续投入，也愿意分享",
    "waitlisted": "条件符合，本期名额有限，先候补",
    "rejected": "学习目标还不清楚，建议先以访客身份参加两次公开分享",
}
DECIDED_SEATS = 6


def recruit(filling: Filling) -> None:
    """Open the campaign, have people come by its channels, and decide on those whom the team got to."""
    operator = filling[RECRUITER]
    dates = {"closes_at": (filling.calendar.now + timedelta(days=10)).isoformat()}
    campaign = operator.post("/v1/campaigns", drive(filling, "第三期", "term-3", DECIDED_SEATS) | dates)
    operator.post(f"/v1/campaigns/{campaign['id']}/open")
    tokens = {one["code"]: one["token"] for one in operator.get(f"/v1/campaigns/{campaign['id']}")["channels"]}
    with Client(filling.admin.url) as anyone:
        for code, visits in VISITS.items():
            for _ in range(visits):
                anyone.get(f"/v1/landings/{tokens[code]}")
    rows = list(csv.DictReader((TEXTS / "applications.csv").read_text("utf-8").splitlines()))
    for row in rows:
        answers = {"motivation": row["motivation"], "hours": int(row["hours"]), "topic": row["topic"]}
        body = {"token": tokens[row["channel"]], "answers": answers}
        application = filling[row["name"]].post("/v1/applications", body)
        _decide(operator, application["id"], row["fate"])


def drive(filling: Filling, name: str, term: str, quota: int) -> dict[str, Any]:
    """A campaign for a term, as each of them was announced; its dates are its own."""
    terms = filling.owner.get("/v1/cohorts", community_id=filling.community_id)["items"]
    return {
        "community_id": filling.community_id,
        "title": f"同行学堂{name}招募",
        "quota": quota,
        "cohort_id": next(one["id"] for one in terms if one["code"] == term),
        "channels": CHANNELS,
        "requirements": [
            {
                "code": "hours",
                "field": "answers.hours",
                "op": "gte",
                "value": 2,
                "knock_out": True,
                "text_zh": "每周至少能投入两小时",
                "text_en": "Two hours a week at least",
            }
        ],
        "form": FORM,
        "steps": ["form"],
    }


def _decide(operator: Client, application_id: str, fate: str) -> None:
    where = f"/v1/applications/{application_id}"
    if fate in REASONS:
        operator.post(f"{where}/decide", {"outcome": fate, "reason": REASONS[fate]})
    elif fate == "returned":
        operator.post(f"{where}/return", {"what": "请补充：手上有什么真实的数据问题，学完想用在哪里。"})
