"""The workshop as tests run it: with a membership that says what a test wants, and a projection of the age it wants."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, Self
from uuid import UUID

import httpx
import pytest
from sqlalchemy import insert, select
from sqlmodel import col
from starlette.requests import Request
from starlette.responses import JSONResponse

from chassis.database.engine import Database
from chassis.ids import new_id
from chassis.projections.authority import MEMBERSHIP_TOPIC
from chassis.testing import Harness
from tests.service.chassis.workshop_things import Base, Thing, known, tables


class Membership:
    """The owner of members, as this service reaches it: answers what a test says, or nothing."""

    def __init__(self) -> None:
        self.answers: dict[tuple[UUID | None, UUID], dict[str, Any]] = {}
        self.asked: list[tuple[UUID | None, UUID]] = []
        self.traces: list[str | None] = []
        self.reachable = True
        self.tokens_issued = 0
        self.good_token = "token-1"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        if not self.reachable:
            raise httpx.ConnectError("nobody there")
        if scope["path"] == "/v1/tokens":
            self.tokens_issued += 1
            answer = JSONResponse({"access_token": self.good_token, "expires_in": 900})
        elif request.headers["authorization"] != f"Bearer {self.good_token}":
            answer = JSONResponse({}, 401)
        else:
            pair = (await request.json())["pairs"][0]
            person = UUID(pair["person_id"]) if pair["person_id"] else None
            key = (person, UUID(pair["community_id"]))
            self.asked.append(key)
            self.traces.append(request.headers.get("traceparent"))
            answer = JSONResponse({"items": [self.answers.get(key, {"community": None})]})
        await answer(scope, receive, send)


async def make_tables(database: Database) -> None:
    """What migrations would do."""
    async with database.writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


class Workshop(Harness):
    """The service under test with one open community; its projection is as fresh as the clock unless a test lets it age."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.community_id = new_id()
        self.membership = Membership()
        self.runtime.peers.apps = {"membership": self.membership}

    async def __aenter__(self) -> Self:
        if not self._migrated:
            await make_tables(self.runtime.database)
        await self.community(self.community_id)
        await self.caught_up(self.clock())
        return self

    async def community(self, community_id: UUID, **facts: Any) -> UUID:
        row = {
            "id": community_id,
            "slug": str(community_id),
            "name": "读书会",
            "kind": "training",
            "status": "open",
            "visibility": "internal",
            "time_zone": "Asia/Shanghai",
            "day_starts_at": time(0),
            "streak_days": "every_day",
            "topics": [],
            "values": [],
            "version": 1,
        } | facts
        await self.write(insert(known.communities).values(row))
        return community_id

    async def member(self, *roles: str, community_id: UUID | None = None, **facts: Any) -> httpx.AsyncClient:
        """Someone who joined; the client of the person."""
        person_id = new_id()
        await self.write(
            insert(known.people).values(
                id=person_id,
                display_name="张伟",
                kind="employee",
                status=facts.pop("person_status", "active"),
                version=1,
            )
        )
        row = {
            "id": new_id(),
            "community_id": community_id or self.community_id,
            "person_id": person_id,
            "roles": list(roles),
            "status": "active",
            "joined_at": datetime(2024, 1, 1, tzinfo=UTC),
            "via": "import",
            "version": 1,
        } | facts
        await self.write(insert(known.members).values(row))
        client = self.as_person(person_id)
        client.person_id = person_id  # type: ignore[attr-defined]
        return client

    async def caught_up(self, at: datetime | None) -> None:
        """Say how fresh the projection is."""
        progress = tables.messaging.consumer_progress
        await self.write(
            progress.delete(),
            insert(progress).values(
                consumer="workshop",
                topic=MEMBERSHIP_TOPIC,
                partition=0,
                next_offset=0,
                caught_up_at=at,
                updated_at=self.clock(),
            ),
        )

    async def later(self, by: timedelta) -> None:
        """Time passes; the projection keeps up."""
        await self.caught_up(self.clock.advance(by))

    def answer(self, person_id: UUID | None, community_id: UUID, **facts: Any) -> None:
        """What membership says about a person in a community; `roles=None` for no member."""
        roles = facts.pop("roles", None)
        self.membership.answers[person_id, community_id] = {
            "community": {
                "id": str(community_id),
                "name": "读书会",
                "status": facts.pop("community_status", "open"),
                "visibility": facts.pop("visibility", "internal"),
                "time_zone": "Asia/Shanghai",
                "day_starts_at": "00:00:00",
                "streak_days": "every_day",
            },
            "person": {"status": facts.pop("person_status", "active"), "kind": "employee"} if person_id else None,
            "member": None
            if roles is None
            else {
                "member_id": str(new_id()),
                "person_id": str(person_id),
                "status": "active",
                "roles": list(roles),
                "joined_at": "2024-01-01T00:00:00+00:00",
                **facts,
            },
        }

    async def thing(self, **facts: Any) -> UUID:
        row = {
            "id": new_id(),
            "community_id": self.community_id,
            "member_id": None,
            "name": "a thing",
            "weight": 0,
            "status": "open",
            "version": 1,
            "seats": 0,
            "messages_published": 0,
            "made_at": self.clock(),
        } | facts
        await self.write(insert(Thing).values(row))
        made: UUID = row["id"]
        return made

    async def write(self, *statements: Any) -> None:
        async with self.runtime.database.transaction() as session:
            for statement in statements:
                await session.execute(statement)

    async def rows(self, statement: Any) -> Sequence[Any]:
        async with self.runtime.database.reading() as session:
            return (await session.execute(statement)).all()

    async def names(self) -> list[str]:
        return [row[0] for row in await self.rows(select(col(Thing.name)).order_by(col(Thing.made_at), col(Thing.id)))]


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """A refusal's status and code, once it is seen to be a problem document."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body = answer.json()
    assert body["status"] == answer.status_code
    return answer.status_code, body["code"]


ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"])
ON_POSTGRES = pytest.mark.parametrize("database", [pytest.param("postgres", marks=pytest.mark.postgres)])
