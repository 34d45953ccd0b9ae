"""Codes by mail, against a mail server of the tests."""

import asyncio
import re
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from services.membership.credentials import by_mail
from services.membership.credentials import service as credentials
from services.membership.deliveries.models import Delivery
from tests.service.membership.conftest import ADMIN_EMAIL, ADMIN_PASSWORD, PASSWORD
from tests.service.membership.deliveries.conftest import CANARY

CODE = re.compile(r"\b[0-9A-Z]{5}(?:-[0-9A-Z]{5}){3}\b")
NEW = "another good long one"


async def ask(membership, login: str = "c1") -> None:
    answer = await membership.anonymous.post("/v1/password-resets", json={"login": login})
    assert (answer.status_code, answer.content) == (202, b"")
    await membership.harness.run_errands()


def code_in(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    found = CODE.search(body.get_content())
    assert found is not None
    return found[0]


async def reset(membership, code: str) -> int:
    answer = await membership.anonymous.post("/v1/password-resets/confirm", json={"code": code, "password": NEW})
    return int(answer.status_code)


async def deliveries(membership) -> list[Delivery]:
    async with membership.harness.runtime.database.reading() as session:
        return list((await session.execute(select(Delivery).order_by(col(Delivery.created_at)))).scalars())


async def tasks(membership) -> list[str]:
    admin = await membership.entered(ADMIN_EMAIL, ADMIN_PASSWORD)
    return [task["code"] for task in (await admin.get("/internal/tasks")).json()]


async def test_who_lost_their_password_is_mailed_a_code_and_nobody_is_asked_for_one(membership, server, zhou):
    await ask(membership)
    (mail,) = server.arrived
    assert (server.to, mail["Subject"]) == ([[CANARY]], "重置密码")
    assert "周，您好" in mail.get_body(("plain",)).get_content()
    code = code_in(mail)
    assert f"https://app.example/password-resets#{code}" in mail.get_body(("html",)).get_content()
    assert await tasks(membership) == []
    assert await reset(membership, code) == 204
    assert (await membership.log_in("c1", NEW)).status_code == 201


async def test_the_mail_speaks_the_language_of_its_person(membership, server, zhou):
    client = await membership.entered("c1")
    etag = (await client.get("/v1/people/me")).headers["ETag"]
    changed = await client.patch(
        "/v1/people/me", json={"locale": "en", "time_zone": "Europe/Berlin"}, headers={"If-Match": etag}
    )
    assert changed.status_code == 200
    await ask(membership)
    (mail,) = server.arrived
    assert mail["Subject"] == "A new password"
    assert "(Europe/Berlin)" in mail.get_body(("plain",)).get_content()


async def test_the_code_is_sealed_while_it_waits_and_gone_when_it_was_sent(membership, server, zhou):
    await membership.anonymous.post("/v1/password-resets", json={"login": "c1"})
    (waiting,) = await deliveries(membership)
    assert waiting.sealed
    assert (waiting.kind, waiting.state) == ("code", "waiting")
    assert waiting.lapses_at - waiting.due_at == timedelta(hours=1)
    await membership.harness.run_errands()
    (sent,) = await deliveries(membership)
    assert (sent.state, sent.sealed) == ("taken", None)


async def test_nobody_there_is_answered_alike_and_gets_nothing(membership, server, zhou):
    await membership.person("吴", email="wu@example.com")
    for login in ("nobody@example.com", "wu@example.com", "no such number"):
        await ask(membership, login)
    assert server.arrived == []


async def test_the_work_takes_as_long_for_nobody_as_for_somebody(membership, server, zhou, monkeypatch):
    monkeypatch.setattr(by_mail, "EVEN_SECONDS", 0.3)
    loop = asyncio.get_running_loop()
    for login in ("c1", "nobody@example.com"):
        began = loop.time()
        await by_mail.ask_for_reset(membership.harness.runtime, login)
        assert loop.time() - began >= 0.29


async def test_whoever_asks_again_is_mailed_a_code_every_five_minutes_at_most_and_the_codes_before_stay_good(
    membership, server, zhou
):
    by_hand = (await membership.admin.post(f"/v1/people/{zhou['id']}/password-reset-code")).json()["code"]
    await ask(membership)
    await ask(membership)
    assert len(server.arrived) == 1
    membership.harness.clock.advance(timedelta(minutes=5))
    await ask(membership)
    assert len({code_in(mail) for mail in server.arrived}) == 2
    assert await reset(membership, by_hand) == 204
    assert await reset(membership, code_in(server.arrived[0])) == 422, "one password uses up all codes"


async def test_after_ten_codes_a_day_a_person_is_asked(membership, server, zhou):
    for _ in range(10):
        await ask(membership)
        membership.harness.clock.advance(timedelta(minutes=5))
    assert (len(server.arrived), await tasks(membership)) == (10, [])
    await ask(membership)
    assert (len(server.arrived), await tasks(membership)) == (10, ["give_password_resets"])


async def test_who_cannot_be_reached_waits_for_a_person_and_everybody_sees_why(membership, server, zhou):
    server.answer_to_recipient = lambda _address: "550 5.1.1 no such user"
    await ask(membership)
    assert await tasks(membership) == ["give_password_resets"]
    read = (await membership.admin.get(f"/v1/people/{zhou['id']}")).json()
    assert read["mail_refused"]["code"] == "recipient_550"
    client = await membership.entered("c1")
    assert (await client.get("/v1/people/me")).json()["mail_refused"]["code"] == "recipient_550"
    etag = (await membership.admin.get(f"/v1/people/{zhou['id']}")).headers["ETag"]
    changed = await membership.admin.patch(
        f"/v1/people/{zhou['id']}", json={"email": "zhou.new@example.com"}, headers={"If-Match": etag}
    )
    assert changed.json()["mail_refused"] is None


async def test_a_code_is_still_tried_where_mail_was_refused_and_a_person_is_asked_as_well(membership, server, zhou):
    server.answer_to_recipient = lambda _address: "550 5.1.1 no such user"
    await ask(membership)
    server.answer_to_recipient = lambda _address: None
    membership.harness.clock.advance(timedelta(minutes=5))
    await ask(membership)
    assert len(server.arrived) == 1
    assert await tasks(membership) == ["give_password_resets"]


async def test_a_server_that_is_away_for_longer_than_the_code_is_good_leaves_it_to_a_person(membership, server, zhou):
    server.answer_to_recipient = lambda _address: "451 4.3.0 later"
    await ask(membership)
    assert await tasks(membership) == []
    membership.harness.clock.advance(timedelta(hours=1))
    await membership.harness.run_errands()
    (lapsed,) = await deliveries(membership)
    assert (lapsed.state, lapsed.sealed) == ("lapsed", None)
    assert await tasks(membership) == ["give_password_resets"]


async def test_a_code_that_was_used_up_meanwhile_is_not_mailed(membership, server, zhou):
    await membership.anonymous.post("/v1/password-resets", json={"login": "c1"})
    by_hand = (await membership.admin.post(f"/v1/people/{zhou['id']}/password-reset-code")).json()["code"]
    assert await reset(membership, by_hand) == 204
    await membership.harness.run_errands()
    assert server.arrived == []
    assert [one.state for one in await deliveries(membership)] == ["withdrawn"]


async def test_without_a_mail_server_all_is_as_it_was(membership, zhou):
    runtime = membership.harness.runtime
    runtime.settings = runtime.settings.model_copy(update={"smtp_host": None})
    await ask(membership)
    assert await tasks(membership) == ["give_password_resets"]
    assert await deliveries(membership) == []
    body = {"action": "activation", "by": "mail", "ids": [zhou["id"]]}
    (item,) = (await membership.admin.post("/v1/people/batch", json=body)).json()["items"]
    assert item["problem"]["code"] == "no_mail"


async def test_many_are_activated_by_mail_and_whoever_does_it_sees_no_code(membership, server, zhou):
    reached = await membership.person("吴", email="wu@example.com")
    nowhere = await membership.person("郑", employee_no="d4")
    body = {"action": "activation", "by": "mail", "ids": [reached["id"], nowhere["id"], zhou["id"]]}
    answer = await membership.admin.post("/v1/people/batch", json=body, headers={"Accept": "text/csv"})
    sent, none, active = answer.json()["items"]
    assert (sent["status"], sorted(sent["result"])) == (200, ["display_name", "employee_no", "expires_at", "person_id"])
    assert none["problem"]["code"] == "no_address"
    assert active["problem"]["code"] == "already_activated"
    await membership.harness.run_errands()
    (mail,) = server.arrived
    assert (server.to, mail["Subject"]) == ([["wu@example.com"]], "您的账号已开通")
    code = code_in(mail)
    activated = await membership.anonymous.post("/v1/activations", json={"code": code, "password": PASSWORD})
    assert activated.status_code == 201


async def test_only_activations_go_by_mail(membership, server, zhou):
    body = {"action": "suspend", "by": "mail", "ids": [zhou["id"]]}
    answer = await membership.admin.post("/v1/people/batch", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/by")


@pytest.mark.parametrize("outcome", ["250 OK", "550 5.1.1 no such user", "451 4.3.0 later", "421 4.3.2 away"])
async def test_neither_code_nor_address_is_found_in_logs_messages_audit_or_what_is_kept(
    membership, server, zhou, caplog, monkeypatch, outcome
):
    caplog.set_level("DEBUG")
    seen: list[str] = []
    server.answer_to_recipient = lambda _address: None if outcome == "250 OK" else outcome
    issue = credentials.issue

    async def overheard(*arguments, **options):
        issued = await issue(*arguments, **options)
        seen.append(issued.code)
        return issued

    monkeypatch.setattr(credentials, "issue", overheard)
    await ask(membership)
    (code,) = seen
    tables = membership.harness.runtime.metadata.tables
    kept = [name for name in tables if name not in {"people", "person_search_keys"}]
    async with membership.harness.runtime.database.reading() as session:
        rows = [str((await session.execute(text(f"SELECT * FROM {name}"))).all()) for name in kept]
    lines = [
        record.getMessage() + str(record.__dict__)
        for record in caplog.records
        if record.name.startswith(("qunxue", "aiosmtplib"))
    ]
    for where in (*rows, *lines):
        assert code not in where
        assert CANARY not in where


async def test_until_when_a_code_is_good_is_said_by_the_clock_of_its_reader(membership, server, zhou):
    await ask(membership)
    (mail,) = server.arrived
    text = mail.get_body(("plain",)).get_content()
    assert "（Asia/Shanghai）" in text
    assert "设置新密码：https://app.example/password-resets#" in text
