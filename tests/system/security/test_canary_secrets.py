"""Passwords, codes, tokens, addresses and phones of a whole journey, looked for wherever they must not be."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest

from chassis.settings import SERVICES
from tests.support.beside import beside
from tests.support.mail_server import MailServer, mail_server
from tests.support.waiting import eventually_sync
from tests.system import journey
from tests.system.api import Api
from tests.system.compose import ADMIN_EMAIL, ADMIN_PASSWORD
from tests.system.speaking_from_outside import OUTSIDE, walk_a_guest
from tests.system.stacks import embedded
from tests.system.telling import UNREAD_FOR, next_mail, plain, posted_to

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
    "login_code",
    "recovery_codes",
    "verifier",
}
PHONE, EMAIL = "+8613912345678", "canary.zhou@example.com"
WRONG_PASSWORD = "canary that was never right"
MASKED_TABLES = ("dead_letters", "outbox", "audit_entries", "job_errors", "jobs", "idempotency_keys", "timers")
"""What is kept of what happened; `idempotency_keys` keeps answers, so operations that answer secrets must not use it."""
OWN_TABLES = (
    "deliveries",
    "notifications",
    "second_factors",
    "recovery_codes",
    "webhooks",
    "webhook_messages",
    "webhook_deliveries",
)
"""What membership keeps of what it tells, and of what proves who somebody is."""
_SHORT = {"recovery_codes": 7}
HOST_SECRETS = {"canary-app-secret", "canary-smtp-password"}
REASON = "金丝雀才知道的原因"
"""What a member reads where they have logged in, and nobody else."""


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
            for said in one if isinstance(one, list) else [one]:
                if name in SECRET_FIELDS and isinstance(said, str) and len(said) > _SHORT.get(name, 15):
                    yield said.rpartition("/")[2] if name == "feed_url" else said
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
    told = {"QUNXUE_LOG_LEVEL": "DEBUG", "QUNXUE_LOGINS_PER_MINUTE": "1000"}
    with (
        beside(mail_server()) as server,
        embedded(tmp_path / "stack", **(told | _secrets_of_the_host(server))) as stack,
    ):
        walked = journey.walk(stack)
        walked.log_in_again()
        walk_a_guest(walked)
        _told_a_reason(walked, server)
        walked.close()
        with stack.admin() as admin:
            _mishaps(admin, stack.url)
            listener.secrets |= _code_in(server) | HOST_SECRETS
        addresses = {PHONE, PHONE[3:], EMAIL, ADMIN_EMAIL, OUTSIDE["email"], *(row[2] for row in journey.PEOPLE)}
        data = tmp_path / "stack" / "data"
        eventually_sync(lambda: not _rows(data, "membership", "outbox"), what="everything is relayed")
        assert len(listener.secrets) > 20, "the listener hears"
        places = dict(_places(tmp_path, data, listener.problems))
        mails = "\n".join(f"{mail['Subject']}\n{plain(mail)}" for mail in server.arrived)
        assert REASON not in mails
        assert (
            REASON not in places["log.records"] + places["membership.deliveries"] + places["membership.notifications"]
        )
        looked_for = listener.secrets | addresses
        found = [
            f"{name}: {_hidden(secret)}" for name, text in places.items() for secret in looked_for if secret in text
        ]
    where_it_may_stand = {name for name, text in places.items() if walked.community_id in text}
    assert {"membership.audit_entries", "log.records"} <= where_it_may_stand, sorted(where_it_may_stand)
    assert found == []


def _secrets_of_the_host(server: MailServer) -> dict[str, str]:
    app, password = sorted(HOST_SECRETS)
    # A link to a calendar leads to where the product runs.
    mail = {name: value for name, value in posted_to(server).items() if name != "QUNXUE_PUBLIC_URL"}
    wecom = {"QUNXUE_WECOM_CORP_ID": "corp", "QUNXUE_WECOM_AGENT_ID": "1000002", "QUNXUE_WECOM_SECRET": app}
    return mail | wecom | {"QUNXUE_SMTP_PASSWORD": password, "QUNXUE_WEBHOOK_NETWORKS": "127.0.0.0/8"}


def _told_a_reason(walked: journey.Journey, server: MailServer) -> None:
    """A member is muted, which they are told by mail, and why they are not; somebody sets up what proves who they are, and an endpoint."""
    until = (walked.stack.clock.now() + timedelta(days=1)).isoformat()
    walked[journey.OWNER].post(f"/v1/members/{walked.member_id}/mute", {"until": until, "reason": REASON}, expect=200)
    walked[journey.ACCEPTED].until("/v1/notifications", lambda page: page["items"], unread=True, category="conduct")
    hook = {"community_id": walked.community_id, "url": "http://127.0.0.1:9/hook"}
    walked[journey.OWNER].post("/v1/webhooks", hook | {"types": ["qunxue.content.discussion.started.v1"]}, expect=201)
    made = walked[journey.REJECTED].post("/v1/second-factors")
    code = pyotp.TOTP(made["secret"]).at(walked.stack.clock.now())
    walked[journey.REJECTED].post(f"/v1/second-factors/{made['id']}/confirm", {"code": code})
    walked.stack.clock.advance(UNREAD_FOR)
    next_mail(server, journey.ACCEPTED)


def _code_in(server: MailServer) -> set[str]:
    """The codes that were mailed, once one is."""

    def codes() -> set[str]:
        lines = [line for mail in list(server.arrived) for line in plain(mail).splitlines()]
        return {line.strip() for line in lines if line.startswith("    ") and line.strip()}

    return eventually_sync(codes, what="a code by mail")


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
        for login in (EMAIL, ADMIN_EMAIL):
            anyone.post("/v1/password-resets", {"login": login}, expect=202)
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
    for table in OWN_TABLES:
        yield f"membership.{table}", "\n".join(_rows(data, "membership", table))
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
