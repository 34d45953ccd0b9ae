"""The membership service with its first administrator, on either database."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest
from argon2 import PasswordHasher
from pydantic import SecretStr
from sqlalchemy import select
from sqlmodel import col

from chassis.settings import Settings
from chassis.testing import Harness, SettableClock
from services.membership.credentials import passwords
from services.membership.definition import definition
from services.membership.people.models import Person
from tests.service.membership.scene import Scene
from tests.service.membership.testing import Events, Testing

ADMIN_EMAIL = "admin@qunxue.example"
ADMIN_PASSWORD = "the administrator's own"
PASSWORD = "correct horse battery"
THEN = datetime.fromisoformat("2026-05-12T10:00:00.123456+08:00").astimezone(UTC)
"""A working day's morning, whenever the tests run; past, so that a test may let months go by: no message may come from the future."""


@dataclass
class Membership:
    """The service, and short ways to say what a test is not about."""

    harness: Harness
    admin_id: UUID
    admin: httpx.AsyncClient
    """A client of the first administrator."""

    async def person(self, name: str = "张伟", **fields: object) -> dict[str, object]:
        """A registered person, with a number of their own unless some identifier is given."""
        if not fields.keys() & {"email", "phone", "employee_no"}:
            fields["employee_no"] = f"n{self._next()}"
        answer = await self.admin.post("/v1/people", json={"display_name": name, **fields})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def activated(self, name: str = "张伟", **fields: object) -> dict[str, object]:
        """A person who has set `PASSWORD`."""
        person = await self.person(name, **fields)
        issued = await self.admin.post(f"/v1/people/{person['id']}/activation")
        assert issued.status_code == 201, issued.text
        answer = await self.anonymous.post(
            "/v1/activations", json={"code": issued.json()["code"], "password": PASSWORD}
        )
        assert answer.status_code == 201, answer.text
        return person

    async def log_in(self, login: object, password: str = PASSWORD, **options: object) -> httpx.Response:
        """The answer to a log-in."""
        body = {"login": login, "password": password}
        return await self.harness.anonymous().post("/v1/sessions", json=body, **options)  # type: ignore[arg-type]

    async def entered(self, login: object, password: str = PASSWORD) -> httpx.AsyncClient:
        """A client of who has logged in."""
        answer = await self.log_in(login, password)
        assert answer.status_code == 201, answer.text
        client = self.harness.anonymous()
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return client

    async def program(self, account_id: object, secret: object) -> httpx.AsyncClient:
        """A client of a service account."""
        body = {"client_id": str(account_id), "client_secret": secret}
        answer = await self.anonymous.post("/v1/tokens", json=body)
        assert answer.status_code == 200, answer.text
        client = self.harness.anonymous()
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return client

    async def account(self, *scopes: str, **options: object) -> httpx.AsyncClient:
        """A client of a new service account with these scopes."""
        body = {"name": f"program {self._next()}", "scopes": list(scopes), **options}
        answer = await self.admin.post("/v1/service-accounts", json=body)
        assert answer.status_code == 201, answer.text
        return await self.program(answer.json()["id"], answer.json()["secret"])

    async def import_file(
        self, kind: str, content: str | bytes, *, dry_run: bool = False, media_type: str = "text/csv"
    ) -> tuple[dict[str, object], list[dict[str, object]]]:
        """A finished import: the job and its errors."""
        body = content.encode() if isinstance(content, str) else content
        answer = await self.admin.post(
            f"/v1/{kind}/imports", params={"dry_run": dry_run}, content=body, headers={"Content-Type": media_type}
        )
        assert answer.status_code == 202, answer.text
        await self.harness.run_jobs()
        job = await self.admin.get(answer.headers["Location"])
        errors = await self.admin.get(answer.headers["Location"] + "/errors", params={"limit": 100})
        return job.json(), errors.json()["items"]

    async def find(self, **query: object) -> list[str]:
        """The names of the people a search finds."""
        answer = await self.admin.get("/v1/people", params={"limit": 100, **query})  # type: ignore[dict-item]
        assert answer.status_code == 200, answer.text
        return [item["display_name"] for item in answer.json()["items"]]

    @property
    def anonymous(self) -> httpx.AsyncClient:
        return self.harness.anonymous()

    _number = 0

    def _next(self) -> int:
        self._number += 1
        return self._number


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With an administrator whose password the tests know, and whose rights do not sleep when a test moves the clock."""
    return settings.model_copy(update={"admin_password": SecretStr(ADMIN_PASSWORD), "second_factor": "optional"})


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords hashed with little work: the real parameters have a test of their own."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
async def membership(start_service) -> AsyncIterator[Membership]:
    """The service after its migration step. Tokens are its own: what a test holds came from a log-in."""
    async with start_service(
        definition, clock=SettableClock(THEN), real_keys=True, bootstrapped="with_keys"
    ) as harness:
        made = Membership(harness, UUID(int=0), harness.anonymous())
        answer = await made.log_in(ADMIN_EMAIL, ADMIN_PASSWORD)
        assert answer.status_code == 201, answer.text
        made.admin_id = UUID(answer.json()["person_id"])
        made.admin.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield made


@pytest.fixture
async def scene(start_service) -> AsyncIterator[Scene]:
    """The service with its administrator; callers' tokens are the harness's own, so that the clock may be moved."""
    async with start_service(definition, clock=SettableClock(THEN), bootstrapped="with_tokens") as harness:
        async with harness.runtime.database.reading() as session:
            found = await session.execute(select(col(Person.id)).where(col(Person.email) == ADMIN_EMAIL))
            admin_id = found.scalar_one()
        yield Scene(harness, harness.as_person(admin_id, platform=["admin"]))


@pytest.fixture
async def testing(scene: Scene) -> Testing:
    """The scene, with events beside it, and short ways to a campaign with a test."""
    return Testing(scene, Events(scene))
