"""Filling a fresh installation, step by step, as an administrator, an owner and the members would do it."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from qunxue.demo import history
from qunxue.demo.client import Client, DemoFailed
from qunxue.demo.company import SLUG, TEXTS, Calendar, by_name, members, people_table, roster_table

LINES = "application/x-ndjson"
TABLE = "text/csv"
OWNER = "林静"

COMMUNITY: dict[str, Any] = {
    "slug": SLUG,
    "name": "同行学堂",
    "visibility": "internal",
    "time_zone": "Asia/Shanghai",
    "streak_days": "workdays",
    "positioning": {
        "purpose": "skill",
        "statement": "把一线同事的经验变成大家都用得上的方法：会带人、会谈客户、会用数据。",
        "audience": "新任经理、销售与客户成功同事，以及愿意分享的每一位",
        "topics": ["新任经理", "客户沟通", "数据技能", "内部讲师"],
    },
    "charter": {
        "vision": "每个人都有可以请教的同行",
        "mission": "每周一次分享，每个问题两个工作日内有回应",
        "values": [
            {"code": "share", "name": "乐于分享", "behaviours": ["讲自己做过的事，也讲做砸的事"]},
            {"code": "concrete", "name": "具体", "behaviours": ["提问说清场景，回答给出步骤"]},
            {"code": "kind", "name": "友善", "behaviours": ["对事不对人，先谢再改"]},
        ],
        "code_of_conduct": ["不贴客户姓名与合同金额", "不转发群内内容到公司以外", "批评意见先私下说"],
    },
}

TERMS = (("term-1", "第一期", 62, 20), ("term-2", "第二期", 34, -40), ("term-3", "第三期", -3, -90))
AREAS = (
    ("招募与新成员", "周明远", "余思琪"),
    ("内容与知识库", "许可", "郭雪"),
    ("活动与讲师", "林静", "苏雅"),
    ("讨论区秩序", "何雨桐", "谢婉婷"),
    ("数据与周报", "郑佳琪", "叶青"),
)


@dataclass
class Filling:
    """What the steps know of the installation that they fill."""

    admin: Client
    password: str
    calendar: Calendar
    say: Callable[[str], None]
    people: dict[str, str] = field(default_factory=dict)
    """Ids of people by name."""
    members: dict[str, str] = field(default_factory=dict)
    """Ids of members by name."""
    clients: dict[str, Client] = field(default_factory=dict)
    plans: dict[str, list[str]] = field(default_factory=dict)
    """Which check-in plans somebody takes part in, by name."""
    community_id: str = ""

    def __getitem__(self, name: str) -> Client:
        """A client of the person of this name."""
        return self.clients[name]

    @property
    def owner(self) -> Client:
        return self[OWNER]

    def read_members(self) -> None:
        """Who is a member now."""
        rows = self.admin.every("/v1/members", community_id=self.community_id)
        self.members = {row["display_name"]: row["id"] for row in rows}


def fill(filling: Filling, *, steps: tuple[tuple[str, Callable[[Filling], None]], ...]) -> float:
    """Fill it; how many seconds it took."""
    began = time.monotonic()
    check_fresh(filling.admin)
    try:
        for title, step in steps:
            since = time.monotonic()
            step(filling)
            filling.say(f"{title} ({time.monotonic() - since:.1f} s)")
    finally:
        for client in filling.clients.values():
            client.__exit__()
    return time.monotonic() - began


def check_fresh(admin: Client) -> None:
    """Raises `DemoFailed` where somebody works already: their people and numbers are not ours to change."""
    found = admin.get("/v1/people", limit=100)["items"]
    numbered = [one for one in found if one["employee_no"]]
    if numbered or admin.get("/v1/communities")["items"]:
        raise DemoFailed("this installation has people or communities already; the demo needs a fresh one")


def now() -> datetime:
    """The moment at which the demo is filled."""
    return datetime.now(UTC)


def import_company(filling: Filling) -> None:
    """Departments and people, as files of the HR department."""
    filling.admin.upload("/v1/departments/imports", (TEXTS / "departments.csv").read_bytes(), TABLE)
    filling.admin.upload("/v1/people/imports", people_table(), TABLE)
    found = filling.admin.every("/v1/people")
    filling.people = {row["display_name"]: row["id"] for row in found if row["employee_no"]}


def activate(filling: Filling) -> None:
    """Everybody has a password, and is logged in. Two at a time: a password is slow to guess, so it is slow to set and to try."""
    ids = list(filling.people.values())
    batch = filling.admin.post("/v1/people/batch", {"action": "activation", "ids": ids})
    codes = {item["id"]: item["result"]["code"] for item in batch["items"]}

    def begin(name: str) -> tuple[str, Client]:
        code = codes[filling.people[name]]
        with Client(filling.admin.url) as anyone:
            anyone.post("/v1/activations", {"code": code, "password": filling.password})
            return name, anyone.log_in(by_name()[name].no, filling.password)

    with ThreadPoolExecutor(2) as workers:
        filling.clients.update(workers.map(begin, filling.people))


def open_community(filling: Filling) -> None:
    """The community, its terms, its members since they joined, and who runs it."""
    admin = filling.admin
    filling.community_id = str(admin.post("/v1/communities", COMMUNITY)["id"])
    admin.post(f"/v1/communities/{filling.community_id}/open")
    for code, name, first, last in TERMS:
        begins, ends = filling.calendar.at(first, "00:00"), filling.calendar.at(last, "00:00")
        dates = {"starts_on": begins.date().isoformat(), "ends_on": ends.date().isoformat()}
        admin.post("/v1/cohorts", {"community_id": filling.community_id, "code": code, "name": name} | dates)
    roster = roster_table(filling.calendar)
    admin.upload("/v1/members/imports", roster, TABLE, community_id=filling.community_id)
    filling.read_members()
    # An owner who founds a community joins it at that moment. Here it was founded before: the administrator founds it, and goes.
    admin.post("/v1/role-grants", {"member_id": filling.members[OWNER], "role": "owner"})
    founder = admin.get("/v1/people/me")["memberships"][0]["member_id"]
    admin.post(f"/v1/members/{founder}/leave")
    filling.read_members()


def appoint(filling: Filling) -> None:
    """The operating team: roles, and who answers for what."""
    for one in members():
        if one.role not in {"", "owner"}:
            filling.owner.post("/v1/role-grants", {"member_id": filling.members[one.name], "role": one.role})
    for area, holder, deputy in AREAS:
        held = {"holder_id": filling.members[holder], "deputy_id": filling.members[deputy]}
        filling.owner.post("/v1/responsibilities", {"community_id": filling.community_id, "area": area} | held)


def import_history(filling: Filling) -> None:
    """What was written, and who checked in, in sixty days."""
    where = {"community_id": filling.community_id}
    filling.owner.upload("/v1/archives/imports", history.archive(filling.calendar), LINES, **where)
    filling.owner.upload("/v1/checkins/imports", history.checkins(filling.calendar), LINES, **where)


FOUNDING = (
    ("13 departments and 60 people", import_company),
    ("everybody can log in", activate),
    ("the community 同行学堂, with its eight founders", open_community),
)
