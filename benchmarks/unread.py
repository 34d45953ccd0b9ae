"""A page of 50 discussions with what they are to a member against the same page for a service account, on both databases.

A member's page has in `mine` what is unread, with the first new reply, their reactions, bookmarks and subscriptions; authors and
counts both have. Measured is the processor time of this process for the whole request, in turns, without a network.

    python -m benchmarks.unread [DISCUSSIONS [REPETITIONS]]
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

from benchmarks.figures import Figure
from chassis.database.bulk import insert_many
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.testing import Harness, SettableClock, received
from contracts.base import IntegrationEvent
from contracts.membership import CommunityOpened, MemberJoined, PersonRegistered
from services.content.bookmarks.models import Bookmark
from services.content.definition import definition
from services.content.discussions.models import Discussion
from services.content.reactions.models import Reaction
from services.content.replies.models import Reply
from services.content.threads.models import ReadMark
from tests.support.postgres import PostgresServer
from tests.support.statements import listening, recorded

NOW = datetime(2026, 3, 4, 4, tzinfo=UTC)
START = NOW - timedelta(days=400)
PAGE = 50
AUTHORS = 40
REPLIES = 8
TO_REACH = 1.3


class Community:
    """A community whose members talk; the first of them reads, and so does a service account, to which nothing is its own."""

    def __init__(self) -> None:
        self.id = new_id()
        self.people = [new_id() for _ in range(AUTHORS + 1)]
        self.members = [new_id() for _ in self.people]

    async def fill(self, harness: Harness, discussions: int) -> None:
        """Write everything that a page shows."""
        told: list[IntegrationEvent] = [
            CommunityOpened(
                community_id=self.id,
                slug="talk",
                name="Talk",
                kind="training",
                status="open",
                visibility="internal",
                join="open",
                time_zone="Asia/Shanghai",
                day_starts_at=clock_time(0),
                streak_days="every_day",
                charter_version=1,
            )
        ]
        for n, person in enumerate(self.people):
            told.append(
                PersonRegistered(person_id=person, display_name=f"Person {n}", kind="employee", status="active")
            )
        for person, member in zip(self.people, self.members, strict=True):
            told.append(
                MemberJoined(
                    community_id=self.id,
                    member_id=member,
                    person_id=person,
                    display_name="Person",
                    person_kind="employee",
                    status="active",
                    joined_at=START,
                    via="import",
                )
            )
        await harness.deliver(*(received(one, occurred_at=START) for one in told))
        await self._talk(harness, discussions)

    def sides(self, harness: Harness) -> list[httpx.AsyncClient]:
        """A member and a service account."""
        return [harness.as_person(self.people[0]), harness.as_service("discussions.read")]

    async def _talk(self, harness: Harness, discussions: int) -> None:
        chance = random.Random(1)
        reader, others = self.members[0], self.members[1:]
        rows: dict[Any, list[dict[str, Any]]] = {one: [] for one in (Discussion, Reply, ReadMark, Reaction, Bookmark)}
        for n in range(discussions):
            at = NOW - timedelta(minutes=discussions - n)
            one = Discussion(
                community_id=self.id,
                kind="question",
                title=f"怎么写好教案？{n}",
                excerpt="请指教。" * 20,
                tags=["教案", "课件"],
                author_id=chance.choice(others),
                reply_count=REPLIES,
                others=REPLIES,
                last_position=REPLIES,
                last_reply_by_id=others[0],
                last_reply_at=at,
                last_activity_at=at,
                seen_since=at,
                created_at=at,
                reactions={"like": 3},
            )
            rows[Discussion].append(one.model_dump())
            for position in range(1, REPLIES + 1):
                reply = Reply(
                    community_id=self.id,
                    discussion_id=one.id,
                    kind="answer",
                    author_id=chance.choice(others),
                    body="先写目标。",
                    body_html="<p>先写目标。</p>",
                    position=position,
                    created_at=at,
                )
                rows[Reply].append(reply.model_dump())
            if n % 2:
                mark = ReadMark(
                    member_id=reader,
                    discussion_id=one.id,
                    read_upto=chance.randint(0, REPLIES),
                    changed_at=NOW,
                )
                rows[ReadMark].append(mark.model_dump())
            if n % 3 == 0:
                reaction = Reaction(
                    community_id=self.id,
                    member_id=reader,
                    object_kind="discussion",
                    object_id=one.id,
                    reaction="like",
                    created_at=NOW,
                    changed_at=NOW,
                )
                rows[Reaction].append(reaction.model_dump())
            if n % 10 == 0:
                kept = Bookmark(member_id=reader, object_id=one.id, object_kind="discussion", created_at=NOW)
                rows[Bookmark].append(kept.model_dump())
        async with harness.runtime.database.transaction() as session:
            for model, written in rows.items():
                await insert_many(session, model.__table__, written)
        async with harness.runtime.database.transaction() as session:
            await session.execute(text("ANALYZE"))

    async def page(self, client: httpx.AsyncClient) -> list[Any]:
        """The latest discussions, as somebody reads them."""
        answer = await client.get("/v1/discussions", params={"community_id": str(self.id), "limit": PAGE})
        assert answer.status_code == 200, answer.text
        items: list[Any] = answer.json()["items"]
        assert len(items) == PAGE
        return items


async def counted(harness: Harness, community: Community) -> list[int]:
    """How many statements each side takes, and whether it has what it should."""
    member, other = community.sides(harness)
    items = await community.page(member)
    assert any(one["first_unread_reply_id"] for one in items)
    assert any(one["mine"]["reacted"] for one in items)
    assert [one["mine"] for one in await community.page(other)] == [None] * PAGE
    counts = []
    for client in (member, other):
        with recorded() as statements:
            await community.page(client)
        counts.append(len(statements))
    return counts


async def timed(harness: Harness, community: Community, repetitions: int) -> list[float]:
    """The median of each side in milliseconds of this process, in turns."""
    sides = community.sides(harness)
    taken: tuple[list[float], list[float]] = ([], [])
    for repetition in range(repetitions + 10):
        for client, results in zip(sides, taken, strict=True):
            begun = time.process_time()
            await community.page(client)
            if repetition >= 10:  # the first ones warm caches
                results.append((time.process_time() - begun) * 1000)
    return [statistics.median(results) for results in taken]


def run(discussions: int = 2_000, repetitions: int = 100) -> list[Figure]:
    """Both databases."""
    return asyncio.run(measure(discussions, repetitions))


async def measure(discussions: int, repetitions: int) -> list[Figure]:
    """Measure both databases."""
    figures = []
    with tempfile.TemporaryDirectory() as folder, PostgresServer() as server:
        settings = Settings(
            data_dir=Path(folder), secret_key="only-for-benchmarks-only-for-benchmarks", mode="embedded"
        )
        urls = {"PostgreSQL": server.create_database("content"), "SQLite": f"sqlite:///{folder}/content.sqlite"}
        for name, url in urls.items():
            community, clock = Community(), SettableClock(NOW)
            with listening():
                async with Harness(definition, settings, database_url=url, clock=clock, held=False) as harness:
                    await community.fill(harness, discussions)
                    more, fewer = await counted(harness, community)
            async with Harness(definition, settings, database_url=url, clock=clock, held=False) as harness:
                ours, other = await timed(harness, community, repetitions)
            what = f"list page of {PAGE} discussions with unread, reactions and authors, {name}"
            figures += [
                Figure(what, f"{ours:.2f} ms", f"{other:.2f} ms without `mine`", ours / other, TO_REACH, "most"),
                Figure(
                    f"statements of that page, {name}",
                    str(more),
                    f"{fewer} without `mine`",
                    more - fewer,
                    1,
                    "most",
                    "more",
                ),
            ]
    return figures


if __name__ == "__main__":
    found = run(*(int(argument) for argument in sys.argv[1:]))
    for figure in found:
        print(figure.line())
    sys.exit(0 if all(figure.reached for figure in found) else 1)
