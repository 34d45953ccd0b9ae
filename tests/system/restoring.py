"""Taking a backup while people write, and finding everything again: what the two ways of running have in common."""

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.support.waiting import eventually_sync
from tests.system.api import Api
from tests.system.stacks import Stack

WELCOME_POINTS = 10
SCOPES = ["people.write", "people.read", "members.import", "members.read", "wallets.read"]
ROWS = 3
NAME = "员工"


@dataclass
class Company:
    """A community, and a service account that fills it."""

    community_id: str
    account: dict[str, Any]
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def api(self, stack: Stack) -> Api:
        with Api(stack.url) as anyone:
            body = {"client_id": self.account["id"], "client_secret": self.account["secret"]}
            return Api(stack.url, anyone.post("/v1/tokens", body, expect=200)["access_token"])

    def hire(self, api: Api) -> list[str]:
        """Make some people and put them on the roster; returns their numbers once both are acknowledged."""
        hired = [f"{next(self.numbers):05}" for _ in range(ROWS)]
        for number in hired:
            api.post("/v1/people", {"employee_no": number, "display_name": f"{NAME}{number}"}, expect=201)
        rows = "employee_no\n" + "\n".join(hired) + "\n"
        answer = api.client.post(
            "/v1/members/imports",
            params={"community_id": self.community_id},
            content=rows.encode(),
            headers={"Content-Type": "text/csv"},
        )
        assert answer.status_code == 202, answer.text
        return hired

    def roster(self, api: Api) -> dict[str, str]:
        """Member ids by employee number."""
        found: dict[str, str] = {}
        cursor = None
        while True:
            page = api.get(
                "/v1/members",
                community_id=self.community_id,
                limit=100,
                **({"cursor": cursor} if cursor else {}),
            )
            found |= {
                item["display_name"].removeprefix(NAME): item["id"] for item in page["items"] if item["via"] == "import"
            }
            cursor = page["next"]
            if cursor is None:
                return found


@dataclass
class Hiring:
    """People hired without pause, by a thread."""

    company: Company
    stack: Stack
    acknowledged: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        stop = threading.Event()
        thread = threading.Thread(target=self._hire, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _hire(self, stop: threading.Event) -> None:
        with self.company.api(self.stack) as api:
            while not stop.is_set():
                try:
                    self.acknowledged += self.company.hire(api)
                except AssertionError as refused:
                    self.refused.append(str(refused))

    def more(self, rounds: int) -> None:
        """Wait until so many more were acknowledged."""
        wanted = len(self.acknowledged) + rounds * ROWS
        eventually_sync(lambda: len(self.acknowledged) >= wanted, what=f"{rounds} more rounds of hiring")


def found_company(stack: Stack) -> Company:
    with stack.admin() as admin:
        community = admin.post(
            "/v1/communities",
            {
                "slug": "everybody",
                "name": "全员学习社群",
                "visibility": "internal",
                "time_zone": "Asia/Shanghai",
                "positioning": {
                    "purpose": "skill",
                    "statement": "让每个人都能学到东西",
                    "audience": "全体员工",
                    "topics": [],
                },
                "charter": {
                    "vision": "人人为师",
                    "mission": "把经验变成课程",
                    "values": [],
                    "code_of_conduct": ["尊重每一位同事"],
                },
            },
            expect=201,
        )
        admin.post(f"/v1/communities/{community['id']}/open")
        account = admin.post(
            "/v1/service-accounts",
            {"name": "HR system", "scopes": SCOPES, "community_ids": [community["id"]]},
            expect=201,
        )
    return Company(community["id"], account)


def everyone_was_welcomed(company: Company, api: Api, roster: dict[str, str]) -> None:
    """Each member has their wallet with exactly the welcome points: nothing half-known, nothing applied twice."""
    for member_id in roster.values():
        wallet = api.until(f"/v1/wallets/{member_id}", lambda body: body["points"] >= WELCOME_POINTS)
        assert wallet["points"] == WELCOME_POINTS, wallet


def nobody_else_is_known(api: Api, roster: dict[str, str], before: dict[str, str]) -> None:
    """Who joined after the backup is known to no service, in its database or by a message still under way."""
    for number in set(before) - set(roster):
        api.problem("GET", f"/v1/wallets/{before[number]}", 404, "not_found")
