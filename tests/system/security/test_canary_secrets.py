"""Passwords, codes, tokens, addresses and phones of a whole journey, looked for wherever they must not be."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.settings import SERVICES
from tests.support.waiting import eventually_sync
from tests.system import journey
from tests.system.api import Api
from tests.system.compose import ADMIN_EMAIL, ADMIN_PASSWORD
from tests.system.speaking_from_outside import OUTSIDE, walk_a_guest
from tests.system.stacks import embedded

SECRET_FIELDS = {
    "access_token",
    "refresh_token",
    "code",
    "secret",
    "client_secret",
    "password",
    "old_password",
    "new_password",
    "feed_url",
    "invitation",
}
PHONE, EMAIL = "+8613912345678", "canary.zhou@example.com"
WRONG_PASSWORD = "canary that was never right"
MASKED_TABLES = ("dead_letters", "outbox", "audit_entries", "job_errors", "jobs", "idempotency_keys", "timers")
"""What is kept of what happened; `idempotency_keys` keeps answers, so operations that answer secrets must not use it."""


class Listener:
    """Hears everything that a client and the product say to each other."""

    def __init__(self, send: Any) -> None:
        self._send = send
        self.secrets: set[str] = {WRONG_PASSWORD, journey.PASSWORD, ADMIN_PASSWORD}
        self.problems: list[str] = []

    def __call__(self, client: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        response: httpx.Response = self._send(client, request, **options)
        said = b"" if response.is_error else response.content
        for content in (
            request.content if "json" in request.headers.get("content-type", "") else b"",
            said,
        ):
            self.secrets |= set(_secrets_in(content))
        if response.is_error:
            self.problems.append(response.text)
        return response


def _secrets_in(content: bytes) -> Iterator[str]:
    try:
        yield from _named(json.loads(content))
    except ValueError:
        return


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            # Channels and rules have codes too; a one-time code is long.
            if name in SECRET_FIELDS and isinstance(one, str) and len(one) > 15:
                yield one.rpartition("/")[2] if name == "feed_url" else one
            yield from _named(one)
    elif isinstance(value, list):
        for one in value:
            yield from _named(one)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_secret_and_no_address_is_found_in_logs_letters_messages_audit_errors_or_problems(tmp_path, monkeypatch):
    listener = Listener(httpx.Client.send)

    def overheard(client: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        return listener(client, request, **options)

    monkeypatch.setattr(httpx.Client, "send", overheard)
    with embedded(tmp_path / "stack", QUNXUE_LOG_LEVEL="DEBUG", QUNXUE_LOGINS_PER_MINUTE="1000") as stack:
        walked = journey.walk(stack)
        walked.log_in_again()
        walk_a_guest(walked)
        walked.close()
        with stack.admin() as admin:
            _mishaps(admin, stack.url)
        addresses = {PHONE, PHONE[3:], EMAIL, ADMIN_EMAIL, OUTSIDE["email"], *(row[2] for row in journey.PEOPLE)}
        data = tmp_path / "stack" / "data"
        eventually_sync(lambda: not _rows(data, "membership", "outbox"), what="everything is relayed")
        assert len(listener.secrets) > 20, "the listener hears"
        places = dict(_places(tmp_path, data, listener.problems))
        looked_for = listener.secrets | addresses
        found = [
            f"{name}: {_hidden(secret)}" for name, text in places.items() for secret in looked_for if secret in text
        ]
    where_it_may_stand = {name for name, text in places.items() if walked.community_id in text}
    assert {"membership.audit_entries", "log.records"} <= where_it_may_stand, sorted(where_it_may_stand)
    assert found == []


def _mishaps(admin: Api, url: str) -> None:
    """What goes wrong on an ordinary day, each with something secret in it."""
    body = {"display_name": "周小", "employee_no": "00090", "email": EMAIL, "phone": PHONE}
    admin.post("/v1/people", body, expect=201)
    admin.post("/v1/people", body, expect=409)
    admin.post("/v1/people", body | {"email": f"{EMAIL} {PHONE}"}, expect=422)
    admin.upload("/v1/people/imports", f"employee_no,display_name,email,phone\n00091,周大,{EMAIL},{PHONE}\n".encode())
    account = admin.post("/v1/service-accounts", {"name": "canary", "scopes": ["people.read"]}, expect=201)
    with Api(url) as anyone:
        with anyone.as_service(account) as program:
            program.get("/v1/people", q=EMAIL)
        for login in (EMAIL, PHONE, ADMIN_EMAIL):
            anyone.post("/v1/sessions", {"login": login, "password": WRONG_PASSWORD}, expect=401)
        anyone.post("/v1/sessions", {"login": EMAIL, "password": {"not": WRONG_PASSWORD}}, expect=422)
        anyone.post("/v1/password-resets", {"login": EMAIL}, expect=202)
        anyone.client.get(f"/v1/calendars/feeds/{WRONG_PASSWORD}")
        anyone.post("/v1/sessions/refresh", {"refresh_token": WRONG_PASSWORD}, expect=401)
        anyone.get("/v1/people/me", expect=401, access_token=WRONG_PASSWORD)
        anyone.client.get("/v1/people/me", headers={"Authorization": f"Bearer {WRONG_PASSWORD}"})
        for headers in ({}, {"Content-Type": "application/json"}):
            cut_off = f'{{"login": "{EMAIL}", "password": "{WRONG_PASSWORD}"'.encode()
            anyone.client.post("/v1/sessions", content=cut_off, headers=headers)


def _places(folder: Path, data: Path, problems: list[str]) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.rglob("*.log")):
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        # What stands on the terminal is told once, to who starts it.
        yield file.name, "\n".join(line for line in lines if line != f"  Administrator: {ADMIN_EMAIL}")
    for service in SERVICES:
        for table in MASKED_TABLES:
            yield f"{service}.{table}", "\n".join(_rows(data, service, table))
    for table in _tables(data / "log.sqlite"):
        yield f"log.{table}", "\n".join(_read(data / "log.sqlite", table))
    yield "problems", "\n".join(problems)


def _rows(data: Path, service: str, table: str) -> list[str]:
    return _read(data / f"{service}.sqlite", table)


def _tables(file: Path) -> list[str]:
    with sqlite3.connect(file) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]


def _read(file: Path, table: str) -> list[str]:
    with sqlite3.connect(file) as connection:
        rows = connection.execute(f'SELECT * FROM "{table}"').fetchall()
    connection.close()
    return [" ".join(_text(cell) for cell in row) for row in rows]


def _text(cell: Any) -> str:
    return cell.decode("utf-8", errors="replace") if isinstance(cell, bytes) else str(cell)


def _hidden(secret: str) -> str:
    return f"{secret[:6]}… ({len(secret)})"
