"""A random community counted twice: by the product, as its files and messages arrive, and from the beginning by somebody else."""

import ast
import sys
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from chassis.messaging import outbox
from chassis.projections import workdays
from chassis.testing import SettableClock
from chassis.work_calendar import CHINA, WorkCalendar
from services.gamification.definition import definition
from services.gamification.earning import recounting
from tests.service.gamification.deeds import a_reply, removed
from tests.service.gamification.recount import accounts
from tests.service.gamification.recount.making import OFF_IN_2027, WORKED_IN_2027, ZONES, Plan, plan, plan_over_new_year
from tests.service.gamification.stage import OnStage, Stage

COMMUNITIES = 12
WELCOME = 10
"""Points for joining, without xp."""


def test_the_second_bookkeeper_uses_nothing_of_the_product():
    tree = ast.parse(Path(accounts.__file__).read_text(encoding="utf-8"))
    named = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
    }
    assert named <= set(sys.stdlib_module_names)


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("seed", range(COMMUNITIES))
async def test_a_random_community_comes_out_the_same_when_it_is_counted_again(start_service, seed, monkeypatch):
    # Every second one leaves all that rules change of the past to the background.
    monkeypatch.setattr(recounting, "ROWS_AT_ONCE", 500 if seed % 2 else 0)
    await count_twice(start_service, plan(seed), Random(seed))


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_it_comes_out_the_same_on_postgres(start_service):
    seed = ZONES.index("America/Havana")
    await count_twice(start_service, plan(seed), Random(seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(COMMUNITIES))
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_workdays_that_become_known_late_come_out_as_if_they_had_been_known(start_service, seed, monkeypatch):
    await count_over_new_year(start_service, seed, monkeypatch)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_late_workdays_come_out_the_same_on_postgres(start_service, monkeypatch):
    await count_over_new_year(start_service, ZONES.index("America/Santiago"), monkeypatch)


async def count_over_new_year(start_service, seed: int, monkeypatch) -> None:
    plan = plan_over_new_year(seed)
    # Whatever later releases know, and whenever this runs.
    until_2026 = {year: told for year, told in CHINA.years.items() if year <= 2026}
    monkeypatch.setattr(workdays, "CHINA", WorkCalendar("CN", until_2026))
    monkeypatch.setattr(outbox, "system_clock", SettableClock(plan.now))
    monkeypatch.setattr(recounting, "ROWS_AT_ONCE", 500 if seed % 2 else 0)
    await count_twice(start_service, plan, Random(seed), told_late=2027)


async def count_twice(start_service, plan: Plan, dice: Random, *, told_late: int | None = None) -> None:
    async with start_service(definition, clock=SettableClock(plan.now)) as harness:
        told = Told(Stage(harness), plan, dice, told_late)
        await told.open()
        await told.tell()
        await told.compare()


class Told:
    """A plan told to the product in some order, and what the product then says."""

    def __init__(self, stage: Stage, plan: Plan, dice: Random, told_late: int | None = None) -> None:
        self.stage, self.plan, self.dice, self.told_late = stage, plan, dice, told_late
        self.members: dict[str, OnStage] = {}
        self.most: defaultdict[str, int] = defaultdict(int)

    async def open(self) -> None:
        community = self.plan.community
        await self.stage.open(
            time_zone=community.zone,
            day_starts_at=community.day_starts_at,
            streak_days="workdays" if community.workdays_only else "every_day",
        )
        joined_at = min(min(member.moments) for member in community.members).replace(hour=0, minute=0, second=0)
        self.owner = await self.stage.member(roles=("owner",), joined_at=joined_at)
        for member in community.members:
            zone = None if member.zone == community.zone else member.zone
            self.members[member.name] = await self.stage.member(joined_at=joined_at, time_zone=zone)

    async def tell(self) -> None:
        """Six files, the members' replies and what was removed of them, and rules that change: in any order.

        What rules change of the past is counted again in the background, with the next file or at the end.
        """
        steps: list[Any] = [self._file(lines) for lines in self.plan.files]
        steps += [self._put(version) for version in self.plan.made_first]
        steps += [self._messages(lot) for lot in self._replies()]
        if self.told_late:
            steps.append(self.stage.tell_workdays(self.told_late, off=OFF_IN_2027, workdays=WORKED_IN_2027))
        self.dice.shuffle(steps)
        # A version comes after the one before it, wherever else it comes.
        after = max(n for n, step in enumerate(steps) if step.__name__ == "_put") + 1
        for version in self.plan.made_between:
            steps.insert(self.dice.randrange(after, len(steps) + 1), self._put(version))
            after = max(n for n, step in enumerate(steps) if step.__name__ == "_put") + 1
        for step in steps:
            await step
            for name, one in self.members.items():
                self.most[name] = max(self.most[name], (await self._wallet(one))["xp"])
        await self.stage.harness.run_jobs()

    async def _file(self, lines: list[tuple[str, datetime]]) -> None:
        rows = [f"{self.members[name].employee_no},{at.isoformat()},," for name, at in lines]
        job = await self.stage.import_csv(*rows)
        assert (job["state"], job["failed"]) == ("succeeded", 0), job

    async def _put(self, version: accounts.Version) -> None:
        body = {
            "trigger": version.trigger,
            "points": version.points,
            "xp": version.points,
            "daily_cap": version.daily_cap,
            "weekly_cap": version.weekly_cap,
            "valid_from": version.since.isoformat() if version.since else None,
        }
        if version.least_length:
            body["when"] = [{"field": "length", "op": "gte", "value": version.least_length}]
        params = {"community_id": str(self.stage.community_id)}
        answer = await self.owner.client.put(f"/v1/earning-rules/{version.code}", params=params, json=body)
        assert answer.status_code == 200, answer.text

    async def _messages(self, lot: list[Any]) -> None:
        await self.stage.harness.deliver(*lot)

    def _replies(self) -> list[list[Any]]:
        messages: list[Any] = []
        for member in self.plan.community.members:
            for deed in member.deeds:
                posted = a_reply(self.stage.community_id, self.members[member.name].id, at=deed.at)
                messages.append(posted)
                if deed.removed:
                    messages.append(removed(posted, at=self.plan.now))
        self.dice.shuffle(messages)
        return [messages[n::5] for n in range(5)]

    async def compare(self) -> None:
        community, wallets = self.plan.community, {}
        entries, streaks = {}, {}
        for member in community.members:
            clock = accounts.Clock(member.zone, community.day_starts_at)
            first = accounts.first_moments(member, clock)
            today = clock.day(self.plan.now)
            streaks[member.name] = accounts.streak_of(sorted(first), clock, community, today)
            entries[member.name] = accounts.entries_of(member, streaks[member.name], first, community)
            wallets[member.name] = await self._wallet(self.members[member.name])
        days = accounts.Clock(community.zone, community.day_starts_at)
        assert {name: said(wallet) for name, wallet in wallets.items()} == {
            name: {
                "points": sum(entry.amount for entry in entries[name]) + WELCOME,
                "xp": sum(entry.amount for entry in entries[name]),
                "level": accounts.level_of(max(self.most[name], wallets[name]["xp"])),
                "streak": {"current": streak.current, "longest": streak.longest, "freezes": streak.freezes},
            }
            for name, streak in streaks.items()
        }
        for name, earned in entries.items():
            assert await self._paid(self.members[name], days) == by_rule_and_day(earned, days)
        ids = {name: str(one.id) for name, one in self.members.items()}
        for board, places in accounts.boards_of(entries, ids, days).items():
            assert (board, await self._board(board)) == (board, places)

    async def _wallet(self, one: OnStage) -> dict[str, Any]:
        answer: dict[str, Any] = (await one.client.get(f"/v1/wallets/{one.id}")).json()
        return answer

    async def _paid(self, one: OnStage, days: accounts.Clock) -> dict[tuple[str, str], int]:
        """What stands by rule and day, in xp."""
        sums: defaultdict[tuple[str, str], int] = defaultdict(int)
        query: dict[str, Any] = {"member_id": str(one.id), "limit": 100}
        while True:
            page = (await one.client.get("/v1/ledger-entries", params=query)).json()
            for entry in page["items"]:
                if entry["currency"] == "xp":
                    day = days.day(datetime.fromisoformat(entry["occurred_at"]))
                    sums[entry["rule"]["code"], str(day)] += entry["amount"]
            if page["next"] is None:
                return {key: amount for key, amount in sums.items() if amount}
            query["cursor"] = page["next"]

    async def _board(self, board: str) -> accounts.Board:
        period, _, on = board.partition(" ")
        names = {str(one.id): name for name, one in self.members.items()}
        page = await self.stage.board(self.owner.client, period=period, **({"on": on} if on else {}))
        return [(names[item["member"]["member_id"]], item["score"]) for item in page["items"]]


def said(wallet: dict[str, Any]) -> dict[str, Any]:
    return {
        "points": wallet["points"],
        "xp": wallet["xp"],
        "level": wallet["level"]["code"],
        "streak": wallet["streak"],
    }


def by_rule_and_day(entries: list[accounts.Entry], days: accounts.Clock) -> dict[tuple[str, str], int]:
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    for entry in entries:
        sums[entry.code, str(days.day(entry.at))] += entry.amount
    return dict(sums)
