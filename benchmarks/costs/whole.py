"""What people do most, asked of the whole product as it runs: CPU of its one process, with what follows in the other services.

Only the public API is used, so any release can be asked. What the product takes while nobody wants anything is measured first and taken
off.
"""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.costs.product import PASSWORD, PATIENCE, Product, running

ADMIN = "admin@qunxue.example"
ACTIVE, APPLYING, ALL = range(1, 31), range(31, 61), 600
"""Numbers of people: those who do something as members, those who apply, and everybody. The first is the owner."""
BATCH, EACH = 500, 25
"""Members of whom the cohort is set, so many at a time: on a busy machine more do not fit the deadline."""


@dataclass(frozen=True)
class Row:
    """Something asked, and at most how many milliseconds of CPU it is to take."""

    what: str
    to_reach: float | None
    key: str


ROWS = [
    Row("`GET /livez`", None, "livez"),
    Row("`GET /v1/people/me`", 1.5, "me"),
    Row("`GET /v1/members`, 50 of them", 5, "members"),
    Row("`GET /v1/leaderboards`, 50 places", 5, "board"),
    Row("`GET /v1/me/home`", 6, "home"),
    Row("`POST /v1/applications`, with what follows", 10, "apply"),
    Row("`POST /v1/checkins`, with what follows", 12, "checkin"),
    Row("`POST /v1/role-grants`, with what follows", 12, "grant"),
    Row("`POST /v1/applications/{id}/decide`, accepted, with what follows", 25, "decide"),
    Row("500 members in batches of 25, without what follows", 1000, "batch"),
    Row("the first OpenAPI document", 300, "document"),
    Row("a second in which nobody is connected", 10, "idle"),
]


def costs(checkout: Path) -> dict[str, float]:
    """Milliseconds of CPU by the key of a row, for one of each."""
    with running(checkout) as product:
        found = {"document": product.taken([lambda: _document(product)])}
        product.quiet()
        found["idle"] = product.measure_idle()
        print(f"  embedded: idle {found['idle']:.0f} ms a second", flush=True)
        scene = Scene(product)
        product.quiet()
        found["idle"] = product.measure_idle()
        return found | scene.measured()


def _document(product: Product) -> None:
    """Ask until it is there: on a busy machine the gateway's patience ends first."""
    for _ in range(10):
        with contextlib.suppress(RuntimeError):
            product.ask("GET", "/openapi.json")
            return
    raise RuntimeError("there is no document")


class Scene:
    """A community of six hundred, a campaign, and those who do something."""

    def __init__(self, product: Product) -> None:
        self.product = product
        ask = product.ask
        begun = ask("POST", "/v1/sessions", {"login": ADMIN, "password": PASSWORD})
        admin = begun["access_token"]
        rows = [f"{_number(n)},张伟{n}" for n in range(1, ALL + 1)]
        self._import("/v1/people/imports", ["工号,姓名", *rows], admin)
        people = self._pages("/v1/people?limit=100", admin)
        ids = {one["employee_no"]: one["id"] for one in people}
        self.tokens = self._log_in({number: ids[number] for number in map(_number, (*ACTIVE, *APPLYING))}, admin)
        self.community = ask("POST", "/v1/communities", _community(ids[_number(1)]), token=admin)["id"]
        ask("POST", f"/v1/communities/{self.community}/open", token=admin)
        self.owner = self.tokens[0]
        joining = [_number(n) for n in range(2, ALL + 1) if n not in APPLYING]
        self._import(f"/v1/members/imports?community_id={self.community}", ["工号", *joining], self.owner)
        self.members = self._pages(f"/v1/members?community_id={self.community}&limit=100", self.owner)
        self.campaign = self._campaign()
        self.cohort = ask(
            "POST",
            "/v1/cohorts",
            {"community_id": self.community, "code": "first", "name": "首期"},
            token=self.owner,
        )["id"]

    def measured(self) -> dict[str, float]:
        ask, taken, here = self.product.ask, self.product.taken, f"community_id={self.community}"
        found: dict[str, float] = {}

        def read(key: str, path: str, token: str) -> None:
            taken([lambda: ask("GET", path, token=token)] * 5)
            found[key] = taken([lambda: ask("GET", path, token=token)] * 50)

        read("livez", "/livez", "")
        members = self.tokens[1 : len(ACTIVE)]
        found["checkin"] = taken(
            [_posting(ask, "/v1/checkins", {"community_id": self.community}, one) for one in members], follows=True
        )
        read("me", "/v1/people/me", members[0])
        read("members", f"/v1/members?{here}&limit=50", members[0])
        read("board", f"/v1/leaderboards?{here}&period=all_time&limit=50", members[0])
        read("home", f"/v1/me/home?{here}", members[0])
        granted = [{"member_id": one["id"], "role": "mentor"} for one in self.members[100:130]]
        found["grant"] = taken([_posting(ask, "/v1/role-grants", one, self.owner) for one in granted], follows=True)
        applying = self.tokens[len(ACTIVE) :]
        body = {
            "campaign_id": self.campaign,
            "channel": "poster",
            "answers": {"motivation": "我想把做项目的经验讲给新同事听"},
        }
        made: list[str] = []
        found["apply"] = taken(
            [
                lambda token=one: made.append(ask("POST", "/v1/applications", body, token=token)["id"])
                for one in applying
            ],
            follows=True,
        )
        decision = {"outcome": "accepted", "reason": "评审委员会的意见"}
        decided = [_posting(ask, f"/v1/applications/{one}/decide", decision, self.owner) for one in made]
        found["decide"] = taken(decided, follows=True)
        ids = [one["id"] for one in self.members[:BATCH]]
        batches = [
            {"action": "set_cohort", "cohort_id": self.cohort, "ids": ids[n : n + EACH]} for n in range(0, BATCH, EACH)
        ]
        posted = [_posting(ask, "/v1/members/batch", one, self.owner) for one in batches]
        found["batch"] = taken(posted) * len(posted)
        return found

    def _log_in(self, people: dict[str, str], admin: str) -> list[str]:
        """Of people by number; in their order."""
        ask = self.product.ask
        for one in people.values():
            issued = ask("POST", f"/v1/people/{one}/activation", token=admin)
            ask("POST", "/v1/activations", {"code": issued["code"], "password": PASSWORD})
        begun = [ask("POST", "/v1/sessions", {"login": number, "password": PASSWORD}) for number in people]
        return [one["access_token"] for one in begun]

    def _campaign(self) -> str:
        body = {
            "community_id": self.community,
            "title": "讲师招募",
            "quota": 100,
            "closes_at": (datetime.now(UTC) + timedelta(days=14)).isoformat(),
            "channels": [{"code": "poster", "name": "海报", "kind": "poster"}],
            "form": {
                "type": "object",
                "required": ["motivation"],
                "additionalProperties": False,
                "properties": {"motivation": {"type": "string", "minLength": 10, "maxLength": 1000}},
            },
            "steps": ["form"],
        }
        made: str = self.product.ask("POST", "/v1/campaigns", body, token=self.owner)["id"]
        self.product.ask("POST", f"/v1/campaigns/{made}/open", token=self.owner)
        return made

    def _import(self, path: str, lines: list[str], token: str) -> None:
        job = self.product.ask("POST", path, "\n".join(lines).encode(), token=token, kind="text/csv")
        place, end = path.partition("?")[0] + "/" + job["id"], time.monotonic() + PATIENCE
        while (now := self.product.ask("GET", place, token=token))["state"] not in {"succeeded", "failed"}:
            if time.monotonic() > end:
                raise RuntimeError(f"{place} does not end")
            time.sleep(0.2)
        if now["state"] != "succeeded" or now["failed"]:
            raise RuntimeError(f"{place}: {now}")

    def _pages(self, path: str, token: str) -> list[dict[str, Any]]:
        found, cursor = [], ""
        for _ in range(ALL):
            page = self.product.ask("GET", path + (f"&cursor={cursor}" if cursor else ""), token=token)
            found += page["items"]
            cursor = page["next"]
            if not cursor:
                break
        return found


def _number(n: int) -> str:
    return f"{n:05}"


def _posting(ask: Callable[..., Any], path: str, body: Any, token: str) -> Callable[[], Any]:
    return lambda: ask("POST", path, body, token=token)


def _community(owner: str) -> dict[str, Any]:
    return {
        "slug": "sharing",
        "name": "内部讲师社群",
        "visibility": "internal",
        "time_zone": "Asia/Shanghai",
        "positioning": {
            "purpose": "skill",
            "statement": "让每位工程师都能讲好一门课",
            "audience": "全体研发与销售",
            "topics": ["授课"],
        },
        "charter": {
            "vision": "人人为师",
            "mission": "把经验变成课程",
            "values": [{"code": "share", "name": "乐于分享", "behaviours": ["每月至少分享一次"]}],
            "code_of_conduct": ["尊重每一位同事"],
        },
        "owner_person_id": owner,
    }
