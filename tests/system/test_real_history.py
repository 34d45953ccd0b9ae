"""A real community's seven years, brought in through the public API, killed half-way while analytics counts, and brought in again.

The figures are those that the data's own description gives; they were computed from the file, not by this product.
"""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.children import Child
from tests.support.processes import product_command
from tests.system.api import Api
from tests.system.archive_recount import experience, lines_of, said
from tests.system.history_figures import figures_are_those_of_the_file, some_are_counted
from tests.system.stacks import STARTS, WAYS, Stack

SCOPES = ["archive.import", "discussions.read", "people.import", "people.read", "members.import", "checkins.import", "members.read", "wallets.read",
          "standing.read", "checkins.read", "communities.read", "metrics.read", "retention.read"]  # fmt: skip

AT_WORK = {
    "people": ("membership",),
    "members": ("membership",),
    "checkins": ("gamification",),
    "archive": ("content", "analytics"),
}


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.timeout(900)
@pytest.mark.parametrize("way", WAYS)
def test_seven_years_of_a_community_come_in_exactly_once(way, tmp_path, shared_data):
    archive = shared_data / "history-meta.ndjson.gz"
    with STARTS[way](tmp_path / "stack") as stack:
        admin = stack.admin()
        account = admin.post("/v1/service-accounts", {"name": "history", "scopes": SCOPES, "community_ids": None})
        community = _open_community(admin)
        service = admin.as_service(account)
        importer = Importer(stack, account, tmp_path)

        importer.run_killed("people", archive, community=None, half_way=lambda: _people(service) > 300)
        importer.run("people", archive, community=None)
        assert _people(service) == 2294

        importer.run_killed(
            "members", archive, community=community, half_way=lambda: _members(service, community) > 300
        )
        importer.run("members", archive, community=community)
        assert _members(service, community) == 2294

        importer.run_killed(
            "checkins", archive, community=community, half_way=lambda: _checkins(service, community) > 300
        )
        importer.run("checkins", archive, community=community)
        _figures_are_exact(stack, service, community)
        for what in ("people", "members", "checkins"):
            importer.run(what, archive, community=None if what == "people" else community)
        _figures_are_exact(stack, service, community)
        _what_they_said_comes_in_too(admin, service, importer, archive)
        importer.command("ledger", "verify")
        admin.client.close()
        service.client.close()


def _what_they_said_comes_in_too(admin: Api, service: Api, importer: "Importer", archive: Any) -> None:
    """Into a community of its own: killed half-way, again, and a third time; with points of the default rules, figures and search."""
    community = _open_community(admin, slug="history-said", time_zone="Etc/UTC")
    lines = lines_of(archive)

    def half_way() -> bool:
        return _total(service, "discussions", community) > 50 and some_are_counted(service, community)

    importer.run_killed("archive", archive, community=community, half_way=half_way)
    for _ in range(2):
        importer.run("archive", archive, community=community)
        assert _total(service, "discussions", community) == 523
    threads = _all(service, "/v1/discussions", community_id=community)
    expected_threads = said(lines)
    assert {_known_by(thread): _counted(thread) for thread in threads} == {
        name: (answers + comments, accepted) for name, (answers, comments, accepted) in expected_threads.items()
    }
    for thread in threads[::20]:
        answers = sum(one["kind"] == "answer" for one in _all(service, "/v1/replies", discussion_id=thread["id"]))
        assert answers == expected_threads[_known_by(thread)][0]
    number = {person["id"]: person["employee_no"] for person in _all(service, "/v1/people")}
    members = _all(service, "/v1/members", community_id=community)
    number_of_member = {member["id"]: number[member["person_id"]] for member in members}

    def paid(page: dict[str, Any]) -> bool:
        return sum(item["score"] for item in page["items"]) >= sum(sorted(expected.values())[-100:])

    expected = experience(lines)
    service.until("/v1/leaderboards", paid, community_id=community, period="all_time", limit=100)
    board = _all(service, "/v1/leaderboards", community_id=community, period="all_time")
    assert {number_of_member[item["member"]["member_id"]]: item["score"] for item in board} == expected
    figures_are_those_of_the_file(service, community, lines)
    _search_finds(admin, community, threads)


def _search_finds(reader: Api, community: str, threads: list[dict[str, Any]]) -> None:
    for thread in threads[::40]:
        found = reader.get("/v1/search", community_id=community, q=f'"{thread["title"]}"', kind="discussion")["items"]
        assert [one["id"] for one in found].count(thread["id"]) == 1, thread["title"]


def _known_by(thread: dict[str, Any]) -> str:
    return f"{thread['title']} {thread['created_at'].replace('.000000', '')}"


def _counted(thread: dict[str, Any]) -> tuple[int, int]:
    """How many replies it has, and whether an answer is accepted."""
    return thread["reply_count"], int(thread["accepted_reply_id"] is not None)


class Importer:
    """The command line, as an operator uses it."""

    def __init__(self, stack: Stack, account: dict[str, Any], folder: Any) -> None:
        self.stack = stack
        self.folder = folder
        self.count = 0
        self.env = stack.environment() | {
            "QUNXUE_API_URL": stack.url,
            "QUNXUE_CLIENT_ID": str(account["id"]),
            "QUNXUE_CLIENT_SECRET": account["secret"],
        }

    def start(self, *arguments: str) -> Child:
        self.count += 1
        child = Child(
            f"command-{self.count}",
            product_command(["qunxue", *arguments]),
            log=self.folder / f"command-{self.count}.log",
            env=self.env,
        )
        child.start()
        return child

    def command(self, *arguments: str) -> None:
        child = self.start(*arguments)
        assert child.wait(within=300) == 0, child.tail()

    def run(self, what: str, archive: Any, *, community: str | None) -> None:
        self.command("import", what, str(archive), *(["--community", community] if community else []))

    def run_killed(self, what: str, archive: Any, *, community: str | None, half_way: Callable[[], bool]) -> None:
        """Kill whatever does the work while it is at it, and the command, and start the product again."""
        child = self.start("import", what, str(archive), *(["--community", community] if community else []))
        end = time.monotonic() + 120
        while not half_way():
            assert time.monotonic() < end, child.tail()
            assert child.running, f"it was over before it could be killed\n{child.tail()}"
        self._kill_workers(AT_WORK[what])
        child.kill()

    def _kill_workers(self, services: tuple[str, ...]) -> None:
        if self.stack.compose is not None:
            workers = [self.stack.compose.process(f"{service}-worker") for service in services]
            for worker in workers:
                worker.kill()
            for worker in workers:
                worker.start()
            return
        product = self.stack.product
        assert product is not None
        product.kill()
        product.start()
        product.ready_sync(f"{self.stack.url}/readyz")


def _open_community(admin: Api, slug: str = "history-meta", time_zone: str = "Asia/Shanghai") -> str:
    body = {
        "slug": slug,
        "name": "History Meta",
        "visibility": "private",
        "time_zone": time_zone,
        "streak_days": "every_day",
        "positioning": {"purpose": "culture", "statement": "Talk about how we talk about history", "topics": ["meta"]},
        "charter": {"vision": "History for everybody", "values": [], "code_of_conduct": ["Be kind"]},
    }
    community: dict[str, Any] = admin.post("/v1/communities", body, expect=201)
    admin.post(f"/v1/communities/{community['id']}/open")
    return str(community["id"])


def _people(service: Api) -> int:
    # The administrator is no line of the archive.
    return int(service.get("/v1/people", limit=1, count=True)["total"]["value"]) - 1


def _members(service: Api, community: str) -> int:
    # Neither is the community's owner.
    total = service.get("/v1/members", community_id=community, limit=1, count=True)["total"]
    return int(total["value"]) - 1


def _checkins(service: Api, community: str) -> int:
    return _total(service, "checkins", community)


def _total(service: Api, what: str, community: str) -> int:
    return int(service.get(f"/v1/{what}", community_id=community, limit=1, count=True)["total"]["value"])


def _all(service: Api, path: str, **params: Any) -> list[dict[str, Any]]:
    page = service.get(path, limit=100, **params)
    items: list[dict[str, Any]] = page["items"]
    while page["next"]:
        page = service.get(path, limit=100, cursor=page["next"], **params)
        items += page["items"]
    return items


def _figures_are_exact(stack: Stack, service: Api, community: str) -> None:
    board = _all(service, "/v1/leaderboards", community_id=community, period="all_time")
    assert len(board) == 378
    assert sum(item["score"] for item in board) == 14_130
    assert _checkins(service, community) == 2818
    wallets = {}
    for item in board:
        wallet = service.get(f"/v1/wallets/{item['member']['member_id']}")
        wallets[item["member"]["member_id"]] = wallet
        assert wallet["xp"] == item["score"]
    levels = [wallet["level"]["code"] for wallet in wallets.values()]
    counts = sorted((levels.count(code) for code in set(levels)), reverse=True)
    assert counts == [349, 25, 3, 1]
    assert max(wallet["streak"]["longest"] for wallet in wallets.values()) == 9
    for employee_no, xp in (("771", 1595), ("1401", 1020)):
        assert wallets[_member_id(service, community, employee_no)]["xp"] == xp
    nine = [member_id for member_id, wallet in wallets.items() if wallet["streak"]["longest"] == 9]
    assert nine == [_member_id(service, community, "1933")]


def _member_id(service: Api, community: str, employee_no: str) -> str:
    found = service.get("/v1/people", q=employee_no, limit=100)["items"]
    person = next(person for person in found if person["employee_no"] == employee_no)
    members = service.get("/v1/members", community_id=community, q=person["display_name"], limit=100)["items"]
    return next(str(member["id"]) for member in members if member["person_id"] == person["id"])
