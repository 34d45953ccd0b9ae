"""Fault 18: what other services know of membership is gone, so are facts, what they add up to, and the messages that told it."""

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.analytics.facts.verbs import Verb
from tests.support.scale import FULL
from tests.support.waiting import eventually_sync
from tests.system.api import Api
from tests.system.earning_and_giving import earn_and_give
from tests.system.journey import OWNER, PASSWORD, Journey, walk
from tests.system.stacks import STARTS, WAYS, Stack

pytestmark = [pytest.mark.fault(18), pytest.mark.slow, pytest.mark.timeout(900)]

FOLLOWERS = ("gamification", "content", "events", "analytics")
ROLLUPS = ("member_days", "member_periods", "object_days")
PLAYED = (
    Verb.CHECKED_IN,
    Verb.EARNED_POINTS,
    Verb.PROMOTED,
    Verb.REACHED_STREAK,
    Verb.SPENT_POINTS,
    Verb.GAVE_KUDOS,
    Verb.RECEIVED_KUDOS,
    Verb.COMPLETED_PLAN,
)
"""What gamification tells that is counted here."""
_VERBS = ", ".join(str(int(verb)) for verb in PLAYED)
WHEN = {"told_at"}
"""When something was told is of the message, not of what it tells."""


@pytest.mark.parametrize("way", WAYS if FULL else WAYS[:1])
def test_what_was_known_and_is_restated_equals_what_was_followed_live(way, tmp_path, processes):
    with STARTS[way](tmp_path / "stack") as stack:
        _much_happens(stack)
        _come_to_rest(stack)
        live, facts, counted = _known(stack), _facts(stack), _added_up(stack)
        assert {fact["verb"] for fact in facts} == set(PLAYED)
        assert all(live["gamification"][table] for table in ("known_people", "known_members", "known_sanctions"))
        assert all(counted.values())
        _stop_followers(stack)
        _forget(stack)
        assert not any(rows for tables in _known(stack).values() for rows in tables.values())
        assert not _facts(stack)
        _start_followers(stack)
        environment = {name: value for name, value in stack.environment().items() if name.startswith("QUNXUE_")}
        processes.run(["qunxue", "republish", "membership"], env=environment)
        eventually_sync(lambda: _known(stack) == live, what="everything is known again")
        processes.run(["qunxue", "republish", "gamification", "deeds"], env=environment)
        eventually_sync(lambda: _facts(stack) == facts, what="all deeds are told again")
        assert _added_up(stack) != counted
        processes.run(["qunxue", "recount"], env=environment)
        assert _added_up(stack) == counted
        processes.run(["qunxue", "ledger", "verify"], env=environment)


def _much_happens(stack: Stack) -> None:
    """People apply, join and check in; then one moves, one is muted, one leaves and one is suspended."""
    journey: Journey = walk(stack)
    with stack.admin() as admin, Api(stack.url) as anyone, anyone.log_in(OWNER, PASSWORD) as owner:
        everybody = "employee_no\n" + "\n".join(journey.people) + "\n"
        owner.upload("/v1/members/imports", everybody.encode(), community_id=journey.community_id)
        earn_and_give(stack, journey.community_id, owner)
        members = owner.get("/v1/members", community_id=journey.community_id, limit=100)["items"]
        muted, leaving, *_ = (member for member in members if not member["roles"])
        until = stack.clock.now() + timedelta(days=1)
        owner.post(f"/v1/members/{muted['id']}/mute", {"until": until.isoformat(), "reason": "与主题无关"})
        owner.post(f"/v1/members/{leaving['id']}/remove", {"reason": "已转岗"})
        people = [number for number in journey.people if number != OWNER]
        admin.patch(f"/v1/people/{journey.people[people[0]]}", {"title": "高级工程师"})
        admin.post(f"/v1/people/{journey.people[people[-1]]}/suspend")


def _ask(stack: Stack, service: str, *queries: str) -> list[dict[str, Any]]:
    """What the last of these finds in one service's database."""
    if stack.compose is not None:
        return asyncio.run(_on_postgres(stack.compose.database_url(service).replace("+asyncpg", ""), queries))
    connection = sqlite3.connect(_data(stack) / f"{service}.sqlite", timeout=10)
    connection.row_factory = sqlite3.Row
    try:
        with connection:
            for query in queries:
                rows = [dict(row) for row in connection.execute(query)]
        return rows
    finally:
        connection.close()


async def _on_postgres(url: str, queries: tuple[str, ...]) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(url)
    try:
        for query in queries:
            rows = [dict(row) for row in await connection.fetch(query)]
        return rows
    finally:
        await connection.close()


def _data(stack: Stack) -> Path:
    return Path(stack.environment()["QUNXUE_DATA_DIR"])


def _tables(stack: Stack, service: str) -> list[str]:
    """Its projections."""
    named = (
        "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
        if stack.compose is not None
        else "SELECT name FROM sqlite_master WHERE type = 'table'"
    )
    return sorted(row["name"] for row in _ask(stack, service, named) if row["name"].startswith("known_"))


def _known(stack: Stack) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """The rows of every projection of every follower."""
    return {
        service: {
            table: [
                {name: value for name, value in row.items() if name not in WHEN}
                for row in _ask(stack, service, f"SELECT * FROM {table} ORDER BY 1, 2")
            ]
            for table in _tables(stack, service)
        }
        for service in FOLLOWERS
    }


def _added_up(stack: Stack) -> dict[str, list[dict[str, Any]]]:
    """What the rollups of analytics have, of the generation that is read."""
    read = "generation = (SELECT reading FROM rollup_generations)"
    some = {"member_days": "n <> 0", "object_days": "n <> 0", "member_periods": "deeds <> 0 OR reads <> 0"}
    return {
        table: [
            {name: value for name, value in row.items() if name != "generation"}
            for row in _ask(
                stack, "analytics", f"SELECT * FROM {table} WHERE {read} AND ({counts}) ORDER BY 2, 3, 4, 5, 6"
            )
        ]
        for table, counts in some.items()
    }


def _facts(stack: Stack) -> list[dict[str, Any]]:
    """The facts of what members did in gamification; the number of a place is of the database, not of what happened."""
    rows = _ask(stack, "analytics", f"SELECT * FROM facts WHERE verb IN ({_VERBS}) ORDER BY verb, key")
    return [{name: value for name, value in row.items() if name != "place_id"} for row in rows]


def _come_to_rest(stack: Stack) -> None:
    """Wait until everything was told and everybody knows it."""
    outbox = "SELECT count(*) AS waiting FROM outbox"
    eventually_sync(
        lambda: all(_ask(stack, name, outbox)[0]["waiting"] == 0 for name in ("membership", *FOLLOWERS)),
        what="all outboxes are empty",
    )
    before: dict[str, Any] = {}

    def unchanged() -> bool:
        last = dict(before)
        before.update(_known(stack) | _added_up(stack))
        return last == before

    eventually_sync(unchanged, interval=1, what="nothing changes")


def _stop_followers(stack: Stack) -> None:
    if stack.compose is not None:
        for name in FOLLOWERS:
            stack.compose.process(f"{name}-worker").stop()
    else:
        assert stack.product is not None
        stack.product.stop()


def _start_followers(stack: Stack) -> None:
    if stack.compose is not None:
        for name in FOLLOWERS:
            stack.compose.process(f"{name}-worker").start()
    else:
        assert stack.product is not None
        stack.product.start()
        stack.product.ready_sync(f"{stack.url}/readyz")


def _forget(stack: Stack) -> None:
    """Empty every projection, what was done in gamification, every rollup, and the log of what told it."""
    for name in FOLLOWERS:
        # Who lost facts has no inbox either: what was heard of them is to be heard again.
        lost = (*ROLLUPS, f"facts WHERE verb IN ({_VERBS})", "inbox") if name == "analytics" else ()
        emptied = [*_tables(stack, name), *lost]
        _ask(stack, name, *(f"DELETE FROM {table}" for table in emptied))
    if stack.compose is not None:
        stack.compose.kafka.forget_records()
        return
    with sqlite3.connect(_data(stack) / "log.sqlite") as log:
        log.execute("DELETE FROM records")
    log.close()
