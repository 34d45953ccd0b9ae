"""A calendar of 2,000 dates, read by its link: what the answer takes, and its writing against the library `icalendar`.

Measured is the processor time of this process, in turns, without a network. Both writers say the same, which is checked.

    python -m benchmarks.calendar_feed [DATES [REPETITIONS]]
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar

from benchmarks.figures import Figure
from benchmarks.unread import Community
from chassis.database.bulk import insert_many
from chassis.settings import Settings
from chassis.testing import Harness, SettableClock
from services.events.activities.models import Activity
from services.events.calendars import service, views
from services.events.calendars.rules import Entry, feed
from services.events.definition import definition
from services.events.registrations.models import Registration
from tests.support.postgres import PostgresServer

NOW = datetime(2026, 3, 4, 4, tzinfo=UTC)
ZONES = ["Asia/Shanghai"] * 8 + ["America/New_York", "Europe/Berlin"]
TO_REACH_WRITING, TO_REACH, TO_REACH_UNCHANGED = 5.0, 2.5, 0.6
DESCRIPTION = "带上上次的笔记；没有来过的同事请先看一遍录像。\n" * 4


def activities(community: Community, dates: int) -> list[Activity]:
    """One each day, the last year's and those to come."""
    made = []
    for n in range(dates):
        starts = NOW + timedelta(days=n - 300) / 1.2
        made.append(
            Activity(
                community_id=community.id,
                kind="sharing_session",
                mode="hybrid",
                title=f"怎么讲好一门课，第 {n} 次",
                description=DESCRIPTION,
                starts_at=starts,
                ends_at=starts + timedelta(hours=2),
                time_zone=ZONES[n % len(ZONES)],
                location={"name": "总部", "address": "长江路 1 号", "room": f"{n % 40 + 100}"},
                join_url=f"https://meet.example/rooms/{n}",
                tags=["教学", "新人"],
                status="announced",
                announced_at=NOW - timedelta(days=400),
                created_at=NOW - timedelta(days=400),
            )
        )
    return made


async def fill(harness: Harness, community: Community, dates: int) -> None:
    """Have the first member registered for all of them."""
    held = activities(community, dates)
    rows = [
        Registration(
            community_id=community.id,
            activity_id=one.id,
            member_id=community.members[0],
            status="confirmed",
            registered_at=NOW - timedelta(days=350),
            messages_published=1,
        ).model_dump()
        for one in held
    ]
    async with harness.runtime.database.transaction() as session:
        await insert_many(session, Activity.__table__, [one.model_dump() for one in held])
        await insert_many(session, Registration.__table__, rows)


def entries(dates: int) -> list[Entry]:
    """The same, as the writer gets them."""
    return [
        Entry(
            uid=str(one.id),
            sequence=2,
            changed_at=NOW,
            title=one.title,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            time_zone=one.time_zone,
            status="announced",
            part="seated",
            location=one.location,
            description=one.description,
            tags=one.tags,
            join_url=one.join_url,
        )
        for one in activities(Community(), dates)
    ]


def by_library(dates: list[Entry]) -> bytes:
    """The calendar as the library writes it."""
    calendar = icalendar.Calendar()
    for name, value in (("VERSION", "2.0"), ("PRODID", "-//Qunxue//Calendars//EN"), ("CALSCALE", "GREGORIAN")):
        calendar.add(name, value)
    for one in dates:
        event, zone = icalendar.Event(), ZoneInfo(one.time_zone)
        event.add("UID", one.uid)
        event.add("DTSTAMP", one.changed_at)
        event.add("LAST-MODIFIED", one.changed_at)
        event.add("SEQUENCE", one.sequence)
        event.add("SUMMARY", one.title)
        event.add("DTSTART", one.starts_at.astimezone(zone))
        event.add("DTEND", one.ends_at.astimezone(zone))
        assert one.location is not None
        event.add("LOCATION", ", ".join(one.location.values()))
        event.add("DESCRIPTION", f"{one.description}\n\n参加：{one.join_url}")
        event.add("CATEGORIES", list(one.tags))
        event.add("URL", one.join_url)
        event.add("STATUS", "CONFIRMED")
        event.add("TRANSP", "OPAQUE")
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar.to_ical()


def said(content: bytes) -> list[Any]:
    """What a reader has of it, to see that both say the same."""
    names = ("UID", "SEQUENCE", "SUMMARY", "LOCATION", "DESCRIPTION", "URL", "STATUS", "TRANSP")
    events: Any = icalendar.Calendar.from_ical(content).walk("VEVENT")
    return [[*(str(one[name]) for name in names), one["DTSTART"].dt, one["DTEND"].dt] for one in events]


def taken(calls: list[Callable[[], Any]], repetitions: int) -> list[float]:
    """The median of each in milliseconds of this process, in turns."""
    results: list[list[float]] = [[] for _ in calls]
    for _ in range(repetitions):
        for call, found in zip(calls, results, strict=True):
            begun = time.process_time()
            call()
            found.append((time.process_time() - begun) * 1000)
    return [statistics.median(found) for found in results]


def writing(dates: int, repetitions: int) -> Figure:
    """Our writer against the library."""
    made = entries(dates)
    assert said(feed(made, "zh-CN")) == said(by_library(made))
    ours, other = taken([lambda: feed(made, "zh-CN"), lambda: by_library(made)], repetitions)
    return Figure(
        what=f"writing a calendar of {dates:,} dates",
        ours=f"{ours:.0f} ms",
        other=f"{other:.0f} ms by icalendar",
        value=other / ours,
        to_reach=TO_REACH_WRITING,
        at="least",
    )


async def requests(harness: Harness, dates: int, repetitions: int, database: str) -> list[Figure]:
    """The whole request, against the one in which the library writes; and the one whose answer is that nothing has changed."""
    community = Community()
    await community.fill(harness, 0)
    await fill(harness, community, dates)
    made = await harness.as_person(community.people[0]).post("/v1/calendars")
    link, client = made.json()["feed_url"], harness.anonymous()
    first = await client.get(link)
    assert first.content.count(b"BEGIN:VEVENT") == dates
    ours, tag = service.Feed.written, {"If-None-Match": first.headers["etag"]}
    sides: list[tuple[Any, dict[str, str], int]] = [(ours, {}, 200), (_by_library, {}, 200), (ours, tag, 304)]
    results: list[list[float]] = [[] for _ in sides]
    for _ in range(repetitions):
        for (writer, headers, status), found in zip(sides, results, strict=True):
            service.Feed.written = writer  # type: ignore[method-assign]
            begun = time.process_time()
            answer = await client.get(link, headers=headers)
            found.append((time.process_time() - begun) * 1000)
            assert answer.status_code == status
    service.Feed.written = ours  # type: ignore[method-assign]
    whole, library, unchanged = (statistics.median(found) for found in results)
    what, shown = f"reading a calendar of {dates:,} dates by its link, {database}", f"{whole:.0f} ms"
    return [
        Figure(what, shown, f"{library:.0f} ms where icalendar writes", library / whole, TO_REACH, "least"),
        Figure(
            f"the same where nothing has changed, {database}",
            f"{unchanged:.0f} ms",
            shown,
            unchanged / whole,
            TO_REACH_UNCHANGED,
            "most",
        ),
    ]


def _by_library(self: service.Feed) -> bytes:
    return by_library([views.of_feed(row) for row in self.rows])


def run(dates: int = 2_000, repetitions: int = 15) -> list[Figure]:
    """The writer, and the request on both databases."""
    return [writing(dates, repetitions), *asyncio.run(measure(dates, repetitions))]


async def measure(dates: int, repetitions: int) -> list[Figure]:
    """The request on both databases."""
    figures = []
    with tempfile.TemporaryDirectory() as folder, PostgresServer() as server:
        settings = Settings(
            data_dir=Path(folder), secret_key="only-for-benchmarks-only-for-benchmarks", mode="embedded"
        )
        urls = {"PostgreSQL": server.create_database("events"), "SQLite": f"sqlite:///{folder}/events.sqlite"}
        for name, url in urls.items():
            clock = SettableClock(NOW)
            async with Harness(definition, settings, database_url=url, clock=clock, held=False) as harness:
                figures += await requests(harness, dates, repetitions, name)
    return figures


if __name__ == "__main__":
    results = run(*(int(argument) for argument in sys.argv[1:]))
    for figure in results:
        print(figure.line())
    sys.exit(0 if all(figure.reached for figure in results) else 1)
