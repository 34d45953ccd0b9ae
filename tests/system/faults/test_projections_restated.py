"""Fault 18: what other services know of membership is gone, what facts add up to is gone, and so are the messages that told it."""

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.waiting import eventually_sync
from tests.system.api import Api
from tests.system.journey import OWNER, PASSWORD, Journey, walk
from tests.system.stacks import Stack, embedded

pytestmark = [pytest.mark.fault(18), pytest.mark.slow, pytest.mark.timeout(600)]

FOLLOWERS = ("gamification", "content", "events", "analytics")
WHEN = {"told_at"}
"""When something was told is of the message, not of what it tells."""


def test_what_was_known_and_is_restated_equals_what_was_followed_live(tmp_path, processes):
    with embedded(tmp_path / "stack") as stack:
        _much_happens(stack)
        assert stack.product is not None
        data = Path(stack.product.env["QUNXUE_DATA_DIR"])
        _come_to_rest(data)
        live, counted = _known(data), _added_up(data)
        assert all(live["gamification"][table] for table in ("known_people", "known_members", "known_sanctions"))
        assert all(counted.values())
        stack.product.stop()
        _forget(data)
        stack.product.start()
        stack.product.ready_sync(f"{stack.url}/readyz")
        environment = {name: value for name, value in stack.environment().items() if name.startswith("QUNXUE_")}
        processes.run(["qunxue", "republish", "membership"], env=environment)
        eventually_sync(lambda: _known(data) == live, what="everything is known again")
        assert _added_up(data) != counted
        processes.run(["qunxue", "recount"], env=environment)
        assert _added_up(data) == counted
        processes.run(["qunxue", "ledger", "verify"], env=environment)


def _much_happens(stack: Stack) -> None:
    """People apply, join and check in; then one moves, one is muted, one leaves and one is suspended."""
    journey: Journey = walk(stack)
    with stack.admin() as admin, Api(stack.url) as anyone, anyone.log_in(OWNER, PASSWORD) as owner:
        everybody = "employee_no\n" + "\n".join(journey.people) + "\n"
        owner.upload("/v1/members/imports", everybody.encode(), community_id=journey.community_id)
        members = owner.get("/v1/members", community_id=journey.community_id, limit=100)["items"]
        muted, leaving, *_ = (member for member in members if not member["roles"])
        until = stack.clock.now() + timedelta(days=1)
        owner.post(f"/v1/members/{muted['id']}/mute", {"until": until.isoformat(), "reason": "与主题无关"})
        owner.post(f"/v1/members/{leaving['id']}/remove", {"reason": "已转岗"})
        people = [number for number in journey.people if number != OWNER]
        admin.patch(f"/v1/people/{journey.people[people[0]]}", {"title": "高级工程师"})
        admin.post(f"/v1/people/{journey.people[people[-1]]}/suspend")


def _rows(file: Path, query: str) -> list[dict[str, Any]]:
    connection = sqlite3.connect(file, timeout=10)
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute(query)]
    finally:
        connection.close()


def _tables(file: Path) -> list[str]:
    named = _rows(file, "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'known~_%' ESCAPE '~'")
    return sorted(row["name"] for row in named)


def _known(data: Path) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """The rows of every projection of every follower."""
    return {
        service: {
            table: [
                {name: value for name, value in row.items() if name not in WHEN}
                for row in _rows(data / f"{service}.sqlite", f"SELECT * FROM {table} ORDER BY 1, 2")
            ]
            for table in _tables(data / f"{service}.sqlite")
        }
        for service in FOLLOWERS
    }


def _added_up(data: Path) -> dict[str, list[dict[str, Any]]]:
    """What the rollups of analytics have, of the generation that is read."""
    read = "generation = (SELECT reading FROM rollup_generations)"
    some = {"member_days": "n <> 0", "object_days": "n <> 0", "member_periods": "deeds <> 0 OR reads <> 0"}
    return {
        table: [
            {name: value for name, value in row.items() if name != "generation"}
            for row in _rows(
                data / "analytics.sqlite", f"SELECT * FROM {table} WHERE {read} AND ({counts}) ORDER BY 2, 3, 4, 5, 6"
            )
        ]
        for table, counts in some.items()
    }


def _come_to_rest(data: Path) -> None:
    """Wait until everything was told and everybody knows it."""
    outbox = "SELECT count(*) AS waiting FROM outbox"
    eventually_sync(
        lambda: all(_rows(data / f"{name}.sqlite", outbox)[0]["waiting"] == 0 for name in ("membership", *FOLLOWERS)),
        what="all outboxes are empty",
    )
    before: dict[str, Any] = {}

    def unchanged() -> bool:
        last = dict(before)
        before.update(_known(data) | _added_up(data))
        return last == before

    eventually_sync(unchanged, interval=1, what="nothing changes")


def _forget(data: Path) -> None:
    """Empty every projection and every rollup, and the log of what told it."""
    for name in FOLLOWERS:
        with sqlite3.connect(data / f"{name}.sqlite") as connection:
            rollups = ["member_days", "member_periods", "object_days"] if name == "analytics" else []
            for table in _tables(data / f"{name}.sqlite") + rollups:
                connection.execute(f"DELETE FROM {table}")
        connection.close()
    with sqlite3.connect(data / "log.sqlite") as log:
        log.execute("DELETE FROM records")
    log.close()
