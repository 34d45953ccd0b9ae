"""Counting facts as a worker does, against inserting each by the ORM, on PostgreSQL and on SQLite; and how large a fact is.

The messages are handed to the worker's own dispatcher in batches of 500, as its consumer does: decoded, kept in the inbox, looked up, counted into
all rollups, with the progress in one transaction. The other side only adds one row a transaction through an ORM session: no inbox, no
rollups. Both wait for the disk.

    python -m benchmarks.facts [FACTS]
"""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import text

from benchmarks.figures import Figure, end_with
from chassis.ids import new_id
from chassis.memory import collect_less_often
from chassis.messaging.dispatch import Dispatcher
from chassis.messaging.envelope import Batch, Delivery
from chassis.settings import Settings
from chassis.testing import Harness, received
from chassis.testing.harness import _delivery
from contracts import content, events, gamification
from contracts.fields import ContentObject
from services.analytics.definition import definition
from services.analytics.facts.models import Fact
from services.analytics.facts.verbs import Verb
from tests.service.stage import Stage
from tests.support.postgres import PostgresServer

FACTS = 20_000
MEMBERS = 500
SINGLE = 500
A_BATCH = 500
TO_REACH = 10.0
BYTES = 300
BEGAN = datetime(2024, 1, 1, 1, tzinfo=UTC)
LASTS = timedelta(days=200)


def some_deeds(
    community_id: Any, members: list[Any], count: int, *, began: datetime = BEGAN, lasts: timedelta = LASTS
) -> list[Any]:
    """What members do over some time: replies, reactions, reading, check-ins, attendances."""
    chance = random.Random(1)
    roots, activities = [new_id() for _ in range(300)], [new_id() for _ in range(50)]

    def a_reply(member: Any, at: datetime) -> Any:
        return content.ReplyPosted(
            community_id=community_id, reply_id=new_id(), kind=chance.choice(("answer", "comment")), discussion_id=chance.choice(roots),
            discussion_kind="question", discussion_author_id=member, author_id=member, characters=chance.randint(2, 900),
        )  # fmt: skip

    def a_like(member: Any, at: datetime) -> Any:
        about = ContentObject(kind="reply", id=new_id(), root_id=chance.choice(roots), author_ids=(member,))
        return content.ReactionAdded(
            community_id=community_id, reaction_id=new_id(), reaction="like", member_id=member, object=about
        )

    def a_reading(member: Any, at: datetime) -> Any:
        return content.ArticleRead(
            community_id=community_id, article_id=new_id(), member_id=member, progress=0.4, finished=False
        )

    def a_checkin(member: Any, at: datetime) -> Any:
        return gamification.CheckinRecorded(
            community_id=community_id, checkin_id=new_id(), member_id=member, day=at.date(), time_zone="Asia/Shanghai", origin="now"
        )  # fmt: skip

    def an_attendance(member: Any, at: datetime) -> Any:
        return events.AttendanceRecorded(
            community_id=community_id, attendance_id=new_id(), activity_id=chance.choice(activities), activity_kind="course",
            member_id=member, role="attendee", extent="full", minutes=90, method="code",
        )  # fmt: skip

    kinds: list[Callable[[Any, datetime], Any]] = [a_reply, a_like, a_reading, a_checkin, an_attendance]
    told = []
    for n in range(count):
        at = began + lasts * (n / count)
        made = chance.choices(kinds, [4, 5, 6, 4, 1])[0](chance.choice(members), at)
        told.append(received(made, occurred_at=at))
    return told


async def ingest(harness: Harness, messages: list[Any]) -> float:
    """Facts a second."""
    return await apply(harness, [_delivery(message, place) for place, message in enumerate(messages)])


async def apply(harness: Harness, deliveries: Sequence[Delivery]) -> float:
    """Messages a second, as they lie in a log."""
    runtime = harness.runtime
    dispatcher = Dispatcher(runtime.database, runtime.service.handlers, runtime.name, clock=runtime.clock)
    began = time.perf_counter()
    for start in range(0, len(deliveries), A_BATCH):
        await dispatcher.apply(Batch(list(deliveries[start : start + A_BATCH]), {}, {}))
    return len(deliveries) / (time.perf_counter() - began)


async def by_the_orm(harness: Harness, community_id: Any, members: list[Any]) -> float:
    """Rows a second."""
    chance = random.Random(2)
    began = time.perf_counter()
    for n in range(SINGLE):
        async with harness.runtime.database.transaction() as session:
            session.add(
                Fact(
                    verb=int(Verb.REACTED),
                    key=new_id(),
                    community_id=community_id,
                    member_id=chance.choice(members),
                    at=BEGAN + timedelta(minutes=n),
                    about=new_id(),
                    version=1,
                    state_version=1,
                    day=BEGAN.date(),
                    place_id=1,
                )
            )
    return SINGLE / (time.perf_counter() - began)


async def size_of(harness: Harness, count: int) -> float:
    """Bytes a fact, with its indexes."""
    async with harness.runtime.database.reading() as session:
        if not harness.runtime.database.is_sqlite:
            found = (await session.execute(text("SELECT pg_total_relation_size('facts')"))).scalar_one()
            return float(found / count)
        names = "SELECT name FROM sqlite_master WHERE tbl_name = 'facts'"
        found = (await session.execute(text(f"SELECT SUM(pgsize) FROM dbstat WHERE name IN ({names})"))).scalar_one()
        return float(found / count)


async def measure(label: str, url: str, count: int) -> list[Figure]:
    """One database's figures."""
    folder = Path(tempfile.mkdtemp())
    settings = Settings(data_dir=folder, secret_key=SecretStr("b" * 32))
    async with Harness(definition, settings, database_url=url, held=False) as harness:
        stage = Stage(harness)
        await stage.open()
        members = [one.id for one in await stage.members(MEMBERS)]
        deeds = some_deeds(stage.community_id, members, count)
        await harness.deliver(*some_deeds(stage.community_id, members, A_BATCH))
        single = await by_the_orm(harness, stage.community_id, members)
        counted = await ingest(harness, deeds)
        size = await size_of(harness, count + A_BATCH + SINGLE + MEMBERS)
    return [
        Figure(
            f"facts counted, one worker, {label}",
            f"{counted:,.0f} facts/s",
            f"inserted one by one by the ORM {single:,.0f}/s",
            counted / single,
            TO_REACH,
            "least",
        ),
        Figure(f"a fact with its indexes, {label}", f"{size:.0f} bytes", "", size, BYTES, "most", "bytes"),
    ]


def run(count: int = FACTS) -> list[Figure]:
    """Both databases."""
    collect_less_often()
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure("SQLite", f"sqlite:///{folder}/analytics.sqlite", count))
    with PostgresServer(fsync=True) as server:
        return figures + asyncio.run(measure("PostgreSQL", server.create_database("analytics"), count))


def main() -> None:
    end_with(run(int(sys.argv[1]) if len(sys.argv) > 1 else FACTS))


if __name__ == "__main__":
    main()
