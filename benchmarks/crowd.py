"""Many members of one community, written into gamification's database by a few statements that make them there."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text

from chassis.ids import new_id
from chassis.projections.authority import MEMBERSHIP_TOPIC
from chassis.testing import Harness, received
from contracts.membership import CommunityOpened

START = datetime(2025, 1, 1, tzinfo=UTC)
"""When everybody joined."""

MEMBERS = (
    (
        "INSERT INTO known_people (id, employee_no, display_name, department_code, job_grade, kind, status, version)"
        " SELECT {person}, {number}, 'Person ' || n.i, {department}, {grade}, 'employee', 'active', 1 FROM {n}"
    ),
    (
        "INSERT INTO known_members (id, community_id, person_id, roles, status, acknowledged, joined_at, via, cohort_id, version)"
        " SELECT {member}, {community}, {person}, '[]', 'active', {true}, {start}, 'import', {cohort}, 1 FROM {n}"
    ),
    (
        "INSERT INTO wallets (member_id, community_id, points, xp, messages_published, joined_at, standing_changed,"
        " level_position, lots_kept, created_at)"
        " SELECT {member}, {community}, {points}, {xp}, 0, {start}, {false}, 0, {lots_kept}, {start} FROM {n}"
    ),
)
"""One spelling for both databases, with what differs filled in: `n` numbers the rows, the others make ids of them."""


class Crowd:
    """A community with members numbered from `first` on."""

    def __init__(self, harness: Harness, members: int, first: int = 1) -> None:
        self.harness = harness
        self.members = members
        self.first = first
        self.community_id = new_id()
        self.sqlite = harness.runtime.database.is_sqlite

    def person(self, number: int) -> UUID:
        """The person behind a member."""
        return UUID(hex=f"a{number:031x}")

    def member(self, number: int) -> UUID:
        return UUID(hex=f"b{number:031x}")

    async def open(self, slug: str = "crowd") -> None:
        """Open the community."""
        opened = CommunityOpened(
            community_id=self.community_id,
            slug=slug,
            name="Crowd",
            kind="training",
            status="open",
            visibility="internal",
            join="open",
            time_zone="Asia/Shanghai",
            day_starts_at=clock_time(0),
            streak_days="every_day",
            charter_version=1,
        )
        await self.harness.deliver(received(opened, occurred_at=START - timedelta(days=30)))
        progress = self.harness.runtime.service.tables.messaging.consumer_progress
        row = {"consumer": self.harness.runtime.name, "topic": MEMBERSHIP_TOPIC, "partition": 0, "next_offset": 0}
        row |= {"caught_up_at": datetime(2100, 1, 1, tzinfo=UTC), "updated_at": START}
        async with self.harness.runtime.database.transaction() as session:
            found = await session.execute(progress.select().where(progress.c.topic == MEMBERSHIP_TOPIC).limit(1))
            if found.first() is None:
                await session.execute(insert(progress).values(row))

    async def fill(self, **said: Any) -> None:
        """Write the members; `said` replaces parts of the spelling."""
        await self.write(MEMBERS, said)

    async def write(self, statements: Sequence[str], said: Mapping[str, Any] | None = None) -> None:
        """Run statements, with the spelling filled in."""
        spelling = self.spelling() | dict(said or {})
        async with self.harness.runtime.database.transaction() as session:
            for statement in statements:
                await session.execute(text(statement.format(**spelling)))

    async def analyzed(self) -> None:
        """Have the database know what it has."""
        async with self.harness.runtime.database.transaction() as session:
            await session.execute(text("ANALYZE"))

    def id_of(self, letter: str, number: str = "n.i") -> str:
        """An id made of a letter and a number."""
        if self.sqlite:
            return f"printf('{letter}%031x', {number})"
        return f"CAST('{letter}' || lpad(to_hex(({number})::bigint), 31, '0') AS uuid)"

    def id(self, key: UUID) -> str:
        """One id."""
        return f"'{key.hex}'" if self.sqlite else f"CAST('{key}' AS uuid)"

    def at(self, seconds: str) -> str:
        """The moment that is so many seconds after everybody joined."""
        began = int(START.timestamp())
        if self.sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%S', {began} + {seconds}, 'unixepoch') || '.000000'"
        return f"to_timestamp({began} + {seconds})"

    def numbers(self, first: int, last: int) -> str:
        """A table `n` of numbers `i`."""
        if not self.sqlite:
            return f"generate_series({first}::bigint, {last}::bigint) AS n(i)"
        return (
            f"(WITH RECURSIVE counted(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM counted WHERE i < {last})"
            " SELECT i FROM counted) AS n"
        )

    def spelling(self) -> dict[str, str]:
        """What is filled in."""
        return {
            "n": self.numbers(self.first, self.first + self.members - 1),
            "person": self.id_of("a"),
            "member": self.id_of("b"),
            "community": self.id(self.community_id),
            "start": self.at("0"),
            "number": "'N' || n.i",
            "department": "NULL",
            "grade": "NULL",
            "cohort": "NULL",
            "points": "0",
            "xp": "1 + (n.i * 7919) % 100003",
            "lots_kept": "0" if self.sqlite else "false",
            "true": "1" if self.sqlite else "true",
            "false": "0" if self.sqlite else "false",
        }
