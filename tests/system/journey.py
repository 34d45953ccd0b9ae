"""The way that everything else stands on, walked through the gateway by HTTP, as a company would walk it.

An administrator imports departments and people from a spreadsheet and sends activation codes; a community opens; its owner
opens a campaign with two channels; people apply and are knocked out, accepted, waitlisted, rejected, returned; the decisions are
released together; the accepted one has a wallet and welcome points, checks in for several days, and stands on the leaderboard.
"""

import io
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from openpyxl import Workbook

from tests.support.waiting import eventually_sync
from tests.system.api import Api
from tests.system.faults.books import count
from tests.system.stacks import Stack

DEPARTMENTS = "部门编码,部门名称,上级部门编码\nHQ,总部,\nRD,研发部,HQ\nSALES,销售部,HQ\n"

PEOPLE = [
    ("00001", "王芳", "wang.fang@example.com", "HQ"),
    ("00002", "张伟", "zhang.wei@example.com", "RD"),
    ("00003", "李娜", "li.na@example.com", "RD"),
    ("00004", "刘洋", "liu.yang@example.com", "SALES"),
    ("00005", "陈静", "chen.jing@example.com", "SALES"),
    ("00006", "赵强", "zhao.qiang@example.com", "RD"),
]
OWNER, ACCEPTED, WAITLISTED, REJECTED, KNOCKED_OUT, RETURNED = (row[0] for row in PEOPLE)

PASSWORD = "学习让人进步 2026"

FORM = {
    "type": "object",
    "required": ["motivation", "hours"],
    "additionalProperties": False,
    "properties": {
        "motivation": {"type": "string", "minLength": 10, "maxLength": 1000},
        "hours": {"type": "integer", "minimum": 0, "maximum": 40},
    },
}


@dataclass
class Journey:
    """What one step leaves for the next."""

    stack: Stack
    admin: Api
    people: dict[str, str] = field(default_factory=dict)
    apis: dict[str, Api] = field(default_factory=dict)
    community_id: str = ""
    campaign: dict[str, Any] = field(default_factory=dict)
    applications: dict[str, str] = field(default_factory=dict)
    member_id: str = ""

    def __getitem__(self, employee_no: str) -> Api:
        """A client of this person. Access tokens last 15 minutes: log in again after the clock was moved."""
        if employee_no not in self.apis:
            with Api(self.stack.url) as anyone:
                self.apis[employee_no] = anyone.log_in(employee_no, PASSWORD)
        return self.apis[employee_no]

    def membership(self, employee_no: str) -> dict[str, Any]:
        """This person's membership of the community, once they have one."""

        def here(me: dict[str, Any]) -> list[dict[str, Any]]:
            return [one for one in me["memberships"] if one["community"]["id"] == self.community_id]

        [found] = here(self[employee_no].until("/v1/people/me", lambda me: bool(here(me))))
        heard_of(self.stack, [found["member_id"]])
        return found

    def next_day(self) -> None:
        """Let a day go by."""
        self.stack.clock.advance(timedelta(days=1))
        self.log_in_again()

    def log_in_again(self) -> None:
        """Have everybody log in anew when they are asked for next: a token lasts 15 minutes."""
        self.close()
        self.admin = self.stack.admin()

    def close(self) -> None:
        """Log everybody out of this test."""
        for api in (self.admin, *self.apis.values()):
            api.client.close()
        self.apis.clear()


def heard_of(stack: Stack, member_ids: Collection[str]) -> None:
    """Wait until every service knows these members: before that whoever names them in one is told that there is nobody."""
    ids = ", ".join(f"'{UUID(one).hex}'" for one in member_ids)
    query = f"SELECT count(*) FROM known_members WHERE id IN ({ids})"
    for service in ("gamification", "content", "events", "analytics"):
        if stack.compose is not None and not stack.compose.has(f"{service}-worker"):
            continue
        known = partial(count, stack, service, query)
        eventually_sync(lambda: known() == len(member_ids), what=f"{service} knows the members")  # noqa: B023 - asked at once


def walk(stack: Stack) -> Journey:
    """The whole way; every step asserts what its user would look for."""
    journey = Journey(stack, stack.admin())
    try:
        _walk(journey)
    finally:
        journey.close()
    return journey


def _walk(journey: Journey) -> None:
    import_people(journey)
    open_community(journey)
    activate(journey)
    walk_from_a_campaign_to_the_board(journey)


def walk_from_a_campaign_to_the_board(journey: Journey) -> None:
    """What follows once people have passwords and a community is open."""
    open_campaign(journey)
    apply(journey)
    decide(journey)
    join(journey)
    check_in(journey)
    subscribe(journey)
    look_at_the_board(journey)
    look_at_the_audit(journey)


def import_people(journey: Journey) -> None:
    admin = journey.admin
    job = admin.upload("/v1/departments/imports", DEPARTMENTS.encode("gb18030"))
    assert (job["state"], job["done"], job["failed"]) == ("succeeded", 3, 0), job
    job = admin.upload("/v1/people/imports", _spreadsheet(), XLSX)
    assert (job["state"], job["done"], job["failed"]) == ("succeeded", len(PEOPLE), 0), job
    found = admin.get("/v1/people", q="zhangwei")["items"]
    assert [person["display_name"] for person in found] == ["张伟"]
    below = admin.get("/v1/people", department="HQ", limit=100)["items"]
    journey.people = {person["employee_no"]: person["id"] for person in below}
    assert set(journey.people) == {row[0] for row in PEOPLE}


def open_community(journey: Journey, slug: str = "sharing") -> None:
    body = {
        "slug": slug,
        "name": "内部讲师社群",
        "visibility": "internal",
        "time_zone": "Asia/Shanghai",
        "positioning": {
            "purpose": "skill",
            "statement": "让每位工程师都能讲好一门课",
            "audience": "全体研发与销售",
            "topics": ["授课", "课程设计"],
        },
        "charter": {
            "vision": "人人为师",
            "mission": "把经验变成课程",
            "values": [{"code": "share", "name": "乐于分享", "behaviours": ["每月至少分享一次"]}],
            "code_of_conduct": ["尊重每一位同事"],
        },
        "owner_person_id": journey.people[OWNER],
        "streak_days": "every_day",
    }
    community = journey.admin.post("/v1/communities", body, expect=201)
    journey.community_id = community["id"]
    assert community["status"] == "draft"
    opened = journey.admin.post(f"/v1/communities/{journey.community_id}/open")
    assert opened["status"] == "open"


def activate(journey: Journey) -> None:
    ids = list(journey.people.values())
    batch = journey.admin.post("/v1/people/batch", {"action": "activation", "ids": ids}, expect=200)
    with Api(journey.stack.url) as anyone:
        for item in batch["items"]:
            assert item["status"] in {200, 201}, item
            anyone.post("/v1/activations", {"code": item["result"]["code"], "password": PASSWORD}, expect=201)
        anyone.problem(
            "POST",
            "/v1/activations",
            422,
            "code_invalid",
            json={"code": batch["items"][0]["result"]["code"], "password": PASSWORD},
        )
    me = journey[OWNER].get("/v1/people/me")
    assert me["display_name"] == "王芳"
    assert [one["roles"] for one in me["memberships"]] == [["owner"]] * bool(journey.community_id)


def open_campaign(journey: Journey) -> None:
    owner = journey[OWNER]
    body = {
        "community_id": journey.community_id,
        "title": "2026 年秋季讲师招募",
        "quota": 1,
        "closes_at": (journey.stack.clock.now() + timedelta(days=14)).isoformat(),
        "channels": [
            {"code": "poster", "name": "海报", "kind": "poster"},
            {"code": "wecom", "name": "企业微信群", "kind": "im"},
        ],
        "requirements": [{"code": "time", "field": "answers.hours", "op": "gte", "value": 2, "knock_out": True}],
        "form": FORM,
        "steps": ["form"],
    }
    campaign = owner.post("/v1/campaigns", body, expect=201)
    assert campaign["status"] == "draft"
    owner.post(f"/v1/campaigns/{campaign['id']}/open", expect=200)
    journey.campaign = owner.get(f"/v1/campaigns/{campaign['id']}")
    assert journey.campaign["status"] == "open"
    tokens = {channel["code"]: channel["token"] for channel in journey.campaign["channels"]}
    with Api(journey.stack.url) as anyone:
        landing = anyone.get(f"/v1/landings/{tokens['poster']}")
    assert landing["form"] == FORM


def apply(journey: Journey) -> None:
    tokens = {channel["code"]: channel["token"] for channel in journey.campaign["channels"]}
    for employee_no, hours, channel in (
        (ACCEPTED, 5, "poster"),
        (WAITLISTED, 4, "poster"),
        (REJECTED, 3, "wecom"),
        (KNOCKED_OUT, 1, "wecom"),
        (RETURNED, 6, "wecom"),
    ):
        answers = {"motivation": "我想把做项目的经验讲给新同事听", "hours": hours}
        application = journey[employee_no].post(
            "/v1/applications", {"token": tokens[channel], "answers": answers}, expect=201
        )
        journey.applications[employee_no] = application["id"]
    knocked_out = journey[KNOCKED_OUT].get(f"/v1/applications/{journey.applications[KNOCKED_OUT]}")
    assert (knocked_out["state"], knocked_out["outcome"]) == ("decided", "rejected")
    assert knocked_out["failed_requirements"] == ["time"]
    journey[ACCEPTED].problem(
        "POST",
        "/v1/applications",
        409,
        "already_applied",
        json={"token": tokens["poster"], "answers": {"motivation": "再来一次,再来一次吧", "hours": 5}},
    )


def decide(journey: Journey) -> None:
    owner = journey[OWNER]
    returned = journey.applications[RETURNED]
    owner.post(f"/v1/applications/{returned}/return", {"what": "请补充可以讲的课题"}, expect=200)
    seen = journey[RETURNED].get(f"/v1/applications/{returned}")
    assert seen["state"] == "returned"
    journey[RETURNED].post(
        f"/v1/applications/{returned}/resubmit",
        {"answers": {"motivation": "我可以讲消息队列与一致性两个课题", "hours": 6}},
        expect=200,
    )
    release_at = journey.stack.clock.now() + timedelta(minutes=1)
    for employee_no, outcome in ((ACCEPTED, "accepted"), (WAITLISTED, "waitlisted"), (REJECTED, "rejected")):
        decision = {"outcome": outcome, "reason": "评审委员会的意见", "release_at": release_at.isoformat()}
        owner.post(f"/v1/applications/{journey.applications[employee_no]}/decide", decision, expect=200)
    owner.problem(
        "POST",
        f"/v1/applications/{returned}/decide",
        409,
        "quota_full",
        json={"outcome": "accepted", "reason": "还想再收一位"},
    )
    board = owner.get(f"/v1/campaigns/{journey.campaign['id']}/board")
    assert board["seats_left"] == 0
    before = journey[ACCEPTED].get(f"/v1/applications/{journey.applications[ACCEPTED]}")
    assert (before["state"], before["outcome"]) == ("in_review", None)
    journey.stack.clock.advance(timedelta(minutes=2))
    for employee_no, outcome in ((ACCEPTED, "accepted"), (WAITLISTED, "waitlisted"), (REJECTED, "rejected")):
        after = journey[employee_no].get(f"/v1/applications/{journey.applications[employee_no]}")
        assert after["outcome"] == outcome, str((employee_no, after))


def join(journey: Journey) -> None:
    """The accepted applicant is a member; their wallet and welcome points follow by an integration event."""
    journey.member_id = journey.membership(ACCEPTED)["member_id"]
    wallet = journey[ACCEPTED].until(f"/v1/wallets/{journey.member_id}", lambda body: body["points"] > 0)
    assert (wallet["points"], wallet["xp"], wallet["level"]["name"]) == (10, 0, "Sprout")
    roster = journey[OWNER].get("/v1/members", community_id=journey.community_id, q="zw")["items"]
    assert [member["channel"] for member in roster] == ["poster"]
    journey[REJECTED].problem("GET", f"/v1/wallets/{journey.member_id}", 403, "forbidden")


def subscribe(journey: Journey) -> None:
    made = journey[ACCEPTED].post("/v1/calendars", expect=201)
    with Api(journey.stack.url) as anyone:
        assert anyone.client.get(made["feed_url"]).text.startswith("BEGIN:VCALENDAR")


def check_in(journey: Journey) -> None:
    for day in range(1, 8):
        answer = journey[ACCEPTED].post("/v1/checkins", {"community_id": journey.community_id, "note": f"第 {day} 天"})
        assert answer["streak"]["current"] == day
        again = journey[ACCEPTED].post("/v1/checkins", {"community_id": journey.community_id}, expect=200)
        assert again["checkin"]["id"] == answer["checkin"]["id"]
        if day < 7:
            journey.next_day()
    wallet = journey[ACCEPTED].get(f"/v1/wallets/{journey.member_id}")
    # 10 for joining, 7 × 5 for checking in, 20 for seven full days; joining brings no xp.
    assert (wallet["points"], wallet["xp"]) == (65, 55)
    assert wallet["streak"] == {"current": 7, "longest": 7, "freezes": 0} | {
        key: value for key, value in wallet["streak"].items() if key not in {"current", "longest", "freezes"}
    }
    entries = journey[ACCEPTED].get("/v1/ledger-entries", member_id=journey.member_id, limit=100)["items"]
    assert sum(entry["amount"] for entry in entries if entry["currency"] == "points") == 65
    nothing = journey[ACCEPTED].get(
        "/v1/earning-outcomes", member_id=journey.member_id, source_id="00000000-0000-7000-8000-000000000000"
    )
    assert (nothing["items"], nothing["nothing"]) == ([], "not_seen_yet")


def look_at_the_board(journey: Journey) -> None:
    board = journey[ACCEPTED].get("/v1/leaderboards", community_id=journey.community_id, period="all_time")
    assert [(item["rank"], item["member"]["display_name"], item["score"]) for item in board["items"]] == [
        (1, "张伟", 55)
    ]
    assert board["me"] == {"rank": 1, "score": 55} | {
        k: v for k, v in board["me"].items() if k not in {"rank", "score"}
    }
    home = journey[ACCEPTED].get("/v1/me/home", community_id=journey.community_id)
    assert home["missing"] == []


def look_at_the_audit(journey: Journey) -> None:
    entries = journey.admin.get("/v1/audit", limit=100)["items"]
    actions = {entry["action"] for entry in entries}
    assert {"community.open", "application.decide"} <= actions, sorted(actions)
    decided = next(entry for entry in entries if entry["action"] == "application.decide")
    assert (decided["actor"]["id"], decided["actor"]["kind"]) == (journey.people[OWNER], "person")
    assert None not in (decided["actor"]["display_name"], decided["actor"]["member_id"])
    assert PASSWORD not in str(entries)
    journey[ACCEPTED].problem("GET", "/v1/audit", 403, "forbidden")


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _spreadsheet() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["工号", "姓名", "邮箱", "部门编码"])
    for row in PEOPLE:
        sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
