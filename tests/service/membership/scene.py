"""Communities, campaigns and applications for tests: short ways to valid things, by the public API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID

import httpx
import orjson
from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.jobs import JobRun
from chassis.problems import Problem
from chassis.testing import Harness
from services.membership.directory.schemas import PersonCreate
from services.membership.directory.service import add_person
from services.membership.people.models import Person
from services.membership.roster.joining import find_member, join

DAY = timedelta(days=1)

POSITIONING = {"purpose": "skill", "statement": "一起学数据分析", "audience": "全体员工", "topics": ["sql", "python"]}
CHARTER = {
    "vision": "人人会用数据",
    "mission": "每周练习",
    "values": [{"code": "open", "name": "开放", "behaviours": ["主动分享"]}],
    "code_of_conduct": ["尊重他人"],
}
FORM: dict[str, Any] = {
    "type": "object",
    "required": ["motive", "years"],
    "additionalProperties": False,
    "properties": {"motive": {"type": "string", "minLength": 2}, "years": {"type": "integer", "minimum": 0}},
}
SENIOR = {"code": "senior", "field": "answers.years", "op": "gte", "value": 2, "knock_out": True}
ANSWERS = {"motive": "想学数据分析", "years": 3}


@dataclass
class Scene:
    """The service with its administrator; people are known by name."""

    harness: Harness
    admin: httpx.AsyncClient
    people: dict[str, UUID] = field(default_factory=dict)
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    numbers: dict[str, str | None] = field(default_factory=dict)
    """As they were registered with."""
    _made: int = 0

    async def client(self, name: str, **fields: Any) -> httpx.AsyncClient:
        """A client of the person of this name, who is registered at the first mention."""
        if name not in self.clients:
            self._made += 1
            body = PersonCreate(**{"display_name": name, "employee_no": f"{self._made:05}"} | fields)
            runtime = self.harness.runtime
            async with runtime.database.transaction() as session:  # what a request would do behind its authorization
                person = await add_person(session, body.model_dump(), runtime.clock())
            self.people[name], self.numbers[name] = person.id, person.employee_no
            self.clients[name] = self.harness.as_person(self.people[name])
        return self.clients[name]

    def again(self, name: str) -> httpx.AsyncClient:
        """The client of somebody who was mentioned before."""
        return self.clients[name]

    async def send(
        self, client: httpx.AsyncClient, path: str, body: Any = None, *, status: int | None = None, **options: Any
    ) -> Any:
        """POST, and what comes back; any 2xx unless a status is named."""
        answer = await client.post(path, json=body, **options)
        expected = answer.is_success if status is None else answer.status_code == status
        assert expected, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def see(self, client: httpx.AsyncClient, path: str, *, status: int = 200, **query: Any) -> Any:
        """GET, and what comes back. A path may have its query in it."""
        answer = await client.get(path, params=query or None)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def change(self, client: httpx.AsyncClient, path: str, body: Any, *, status: int = 200) -> Any:
        """PATCH of the version that the client reads just before."""
        etag = (await client.get(path)).headers["ETag"]
        answer = await client.patch(path, json=body, headers={"If-Match": etag})
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def community(self, *, owner: str = "owner", opened: bool = True, **fields: Any) -> dict[str, Any]:
        """A community of an owner, open unless said otherwise."""
        self._made += 1
        await self.client(owner)
        body = {
            "slug": f"club-{self._made}",
            "name": "数据社群",
            "positioning": POSITIONING,
            "charter": CHARTER,
            "owner_person_id": str(self.people[owner]),
        }
        made = await self.send(self.admin, "/v1/communities", body | fields)
        if opened:
            made = await self.send(self.again(owner), f"/v1/communities/{made['id']}/open")
        return dict(made)

    async def campaign(
        self, community: dict[str, Any], *, owner: str = "owner", opened: bool = True, days: int = 30, **fields: Any
    ) -> dict[str, Any]:
        """A campaign with two channels, a form and a requirement that knocks out."""
        body = {
            "community_id": community["id"],
            "title": "春季招募",
            "quota": 2,
            "closes_at": (self.harness.clock() + days * DAY).isoformat(),
            "channels": [
                {"code": "poster", "name": "海报", "kind": "poster"},
                {"code": "im", "name": "群", "kind": "im"},
            ],
            "form": FORM,
            "requirements": [SENIOR],
        }
        made = await self.send(self.again(owner), "/v1/campaigns", body | fields)
        if opened:
            made = await self.send(self.again(owner), f"/v1/campaigns/{made['id']}/open")
        return dict(made)

    async def apply(
        self, name: str, campaign: dict[str, Any], *, status: int = 201, channel: str = "poster", **fields: Any
    ) -> dict[str, Any]:
        """An application of the person of this name."""
        body = {"campaign_id": campaign["id"], "channel": channel, "answers": ANSWERS} | fields
        return dict(await self.send(await self.client(name), "/v1/applications", body, status=status))

    async def decide(
        self, application: dict[str, Any], outcome: str, *, by: str = "owner", status: int = 200, **fields: Any
    ) -> dict[str, Any]:
        """A decision, at once unless `release_at` says otherwise."""
        body = {"outcome": outcome, "reason": "委员会决定"} | fields
        path = f"/v1/applications/{application['id']}/decide"
        return dict(await self.send(self.again(by), path, body, status=status))

    async def member(self, name: str, community: dict[str, Any], **row: Any) -> dict[str, Any]:
        """A plain member by import; who is none yet, and of whom the row says no more, without the job that most tests are not about."""
        await self.client(name)
        if row or not await self._joins(name, community):
            await self._import_members(community, [{"employee_no": self.numbers[name]} | row])
        found = await self.see(self.again("owner"), "/v1/members", community_id=community["id"], q=name)
        return dict(found["items"][0])

    async def _joins(self, name: str, community: dict[str, Any]) -> bool:
        """What the import's step does with one row; False where it would not make a member."""
        runtime, now = self.harness.runtime, self.harness.clock()
        with suppress(Problem):
            async with runtime.database.transaction() as session:
                context_of(session).backfill = True
                person = (await session.execute(select(Person).where(col(Person.id) == self.people[name]))).scalar_one()
                if person.status in ("left", "erased"):
                    return False
                if await find_member(session, community_id=UUID(community["id"]), person_id=person.id) is not None:
                    return False
                await join(
                    session, person=person, community_id=UUID(community["id"]), via="import", joined_at=now, now=now
                )
            return True
        return False

    async def number(self, name: str) -> str:
        """The employee number of a person."""
        return str((await self.see(self.admin, f"/v1/people/{self.people[name]}"))["employee_no"])

    async def import_members(
        self, community: dict[str, Any], rows: list[dict[str, Any]], *, dry_run: bool = False, language: str = "en"
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """An import to its end: the job, and what was wrong with its rows."""
        account, where = await self._import_members(community, rows, dry_run=dry_run, language=language)
        job = await self.see(account, where)
        errors = await self.see(account, where + "/errors", limit=100)
        return job, errors["items"]

    async def _import_members(
        self, community: dict[str, Any], rows: list[dict[str, Any]], *, dry_run: bool = False, language: str = "en"
    ) -> tuple[httpx.AsyncClient, str]:
        """An import to its end: who started it, and where its job is."""
        account = self.harness.as_service("members.import")
        started = await account.post(
            "/v1/members/imports",
            params={"community_id": community["id"], "dry_run": dry_run},
            content=b"\n".join(orjson.dumps(row) for row in rows),
            headers={"Content-Type": "application/x-ndjson", "Accept-Language": language},
        )
        assert started.status_code == 202, started.text
        await self.harness.run_jobs()
        return account, started.headers["Location"]

    async def import_people(self, rows: list[tuple[str, str]]) -> None:
        """People by import, of these numbers and names."""
        await self.send_csv(
            "/v1/people/imports", "\n".join(["employee_no,display_name", *(f"{one[0]},{one[1]}" for one in rows)])
        )

    async def send_csv(self, path: str, table: str) -> None:
        """An administrator's import to its end."""
        started = await self.admin.post(path, content=table.encode(), headers={"Content-Type": "text/csv"})
        assert started.status_code == 202, started.text
        await self.harness.run_jobs()

    async def stop_import_after(self, community: dict[str, Any], rows: list[dict[str, Any]], *, steps: int) -> None:
        """An import of members whose worker dies after so many steps; another may take it up at once."""
        account = self.harness.as_service("members.import")
        started = await account.post(
            "/v1/members/imports",
            params={"community_id": community["id"]},
            content=b"\n".join(orjson.dumps(row) for row in rows),
            headers={"Content-Type": "application/x-ndjson"},
        )
        assert started.status_code == 202, started.text
        original, done = JobRun.step, 0

        @asynccontextmanager
        async def dying(job: JobRun) -> AsyncIterator[AsyncSession]:
            nonlocal done
            done += 1
            if done > steps:
                raise asyncio.CancelledError
            async with original(job) as session:
                yield session

        with patch.object(JobRun, "step", dying), suppress(asyncio.CancelledError):
            await self.harness.run_jobs()
        self.harness.clock.advance(timedelta(minutes=5))

    async def role(self, name: str, community: dict[str, Any], role: str, *, by: str = "owner") -> dict[str, Any]:
        """A role for somebody who is made a member for it."""
        member = await self.member(name, community)
        granted = await self.send(self.again(by), "/v1/role-grants", {"member_id": member["id"], "role": role})
        return dict(granted)

    async def audit(self, community_id: str) -> list[dict[str, Any]]:
        """The audit trail of a community, from its beginning."""
        entries = self.harness.runtime.service.tables.chassis.audit_entries
        async with self.harness.runtime.database.reading() as session:
            found = await session.execute(
                select(entries).where(entries.c.community_id == UUID(community_id)).order_by(entries.c.id)
            )
            return [dict(row) for row in found.mappings()]

    async def told(self, type_part: str) -> list[dict[str, Any]]:
        """The data of what was published, in order."""
        return [published.data for published in await self.harness.published(type_part)]
