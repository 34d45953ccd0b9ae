"""Mail to a server that is there, slow, refuses, or is not who it should be."""

import asyncio
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr, ValidationError

from chassis.settings import Settings
from services.membership.deliveries.channels import Again, Content, Message, Refused, Taken
from services.membership.deliveries.smtp import SmtpChannel
from tests.support.mail_server import HOST, PASSWORD, USER, certificate_in, mail_server


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return certificate_in(tmp_path_factory.mktemp("certificate"))


def mail_to(address: str = "ann@example.com") -> Message:
    return Message(uuid4(), address, Content("en", "News", ["It is said."]))


def set_to(settings: Settings, port: int, **fields: Any) -> Settings:
    said = {"smtp_host": HOST, "smtp_port": port, "smtp_tls": "none", "smtp_from": "Learn <learn@example.com>"}
    return settings.model_copy(update=said | fields)


@asynccontextmanager
async def open_channel(settings: Settings):
    from datetime import UTC, datetime

    channel = SmtpChannel(settings, lambda: datetime.now(UTC), b"s" * 32)
    try:
        yield channel
    finally:
        await channel.rest()


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_mail_goes_encrypted_after_log_in_all_of_it_by_one_connection(settings, certificate, tls):
    trusted, context = certificate
    async with mail_server(context, implicit=tls == "implicit") as server:
        secured = set_to(
            settings, server.port, smtp_tls=tls, smtp_cafile=trusted, smtp_user=USER, smtp_password=SecretStr(PASSWORD)
        )
        async with open_channel(secured) as channel:
            for name in ("ann", "bob", "cat"):
                assert await channel.send(mail_to(f"{name}@example.com")) == Taken()
        assert server.connections == 1
        assert server.to == [["ann@example.com"], ["bob@example.com"], ["cat@example.com"]]
        assert {one["From"] for one in server.arrived} == {"Learn <learn@example.com>"}


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_a_server_whose_certificate_nobody_vouches_for_gets_neither_mail_nor_password(settings, certificate, tls):
    async with mail_server(certificate[1], implicit=tls == "implicit") as server:
        tried: list[Any] = []
        server.authenticate = lambda *given: tried.append(given)  # type: ignore[method-assign, assignment]
        secured = set_to(settings, server.port, smtp_tls=tls, smtp_user=USER, smtp_password=SecretStr(PASSWORD))
        async with open_channel(secured) as channel:
            outcome = await channel.send(mail_to())
        assert isinstance(outcome, Again)
        assert outcome.away
        assert (server.arrived, tried) == ([], [])


async def test_a_server_that_offers_no_encryption_gets_nothing_unless_it_is_on_this_machine(settings):
    async with mail_server() as server, open_channel(set_to(settings, server.port, smtp_tls="starttls")) as channel:
        outcome = await channel.send(mail_to())
        assert isinstance(outcome, Again)
        assert outcome.away
        assert server.arrived == []


async def test_a_wrong_password_is_for_the_host_to_mend(settings, certificate):
    trusted, context = certificate
    async with mail_server(context) as server:
        secured = set_to(
            settings,
            server.port,
            smtp_tls="starttls",
            smtp_cafile=trusted,
            smtp_user=USER,
            smtp_password=SecretStr("wrong"),
        )
        async with open_channel(secured) as channel:
            assert await channel.send(mail_to()) == Again("login_refused_535", away=True)


async def test_what_is_refused_leaves_the_connection_good_for_the_next(settings):
    async with mail_server() as server, open_channel(set_to(settings, server.port)) as channel:
        said = {"bob@example.com": "550 5.1.1 no such user", "cat@example.com": "451 4.7.1 greylisted"}
        server.answer_to_recipient = said.get
        assert await channel.send(mail_to("bob@example.com")) == Refused("recipient_550", address=True)
        assert await channel.send(mail_to("cat@example.com")) == Again("recipient_451")
        server.answer_to_data = lambda: "554 5.6.0 I do not like it"
        assert await channel.send(mail_to()) == Refused("data_554")
        server.answer_to_data = lambda: None
        assert await channel.send(mail_to()) == Taken()
        assert server.connections == 1


async def test_a_connection_that_was_closed_meanwhile_is_opened_again(settings):
    async with mail_server() as server, open_channel(set_to(settings, server.port)) as channel:
        assert await channel.send(mail_to()) == Taken()
        server.answer_to_recipient = lambda _address: "421 4.3.2 shutting down"
        assert await channel.send(mail_to()) == Again("server_421", away=True)
        server.answer_to_recipient = lambda _address: None
        assert await channel.send(mail_to()) == Taken()
        assert server.connections == 2


async def test_a_server_that_says_nothing_costs_no_more_than_its_time(settings):
    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        writer.close()

    released = asyncio.Event()
    server = await asyncio.start_server(silent, HOST, 0)
    try:
        port = server.sockets[0].getsockname()[1]
        async with open_channel(set_to(settings, port, smtp_timeout=0.1)) as channel:
            outcome = await channel.send(mail_to())
        assert isinstance(outcome, Again)
        assert outcome.away
    finally:
        released.set()
        server.close()


async def test_a_server_that_is_not_there_is_away(settings):
    async with mail_server() as server:
        port = server.port
    async with open_channel(set_to(settings, port)) as channel:
        outcome = await channel.send(mail_to())
    assert isinstance(outcome, Again)
    assert outcome.away


@pytest.mark.parametrize("utf8", [True, False])
async def test_an_address_in_chinese_goes_where_the_server_takes_it_and_is_refused_clearly_elsewhere(settings, utf8):
    async with mail_server(utf8=utf8) as server, open_channel(set_to(settings, server.port)) as channel:
        outcome = await channel.send(mail_to("张伟@example.com"))
        assert outcome == (Taken() if utf8 else Refused("smtputf8_missing"))
        assert await channel.send(mail_to("ann@bücher.example")) == Taken()
        assert server.to[-1] == ["ann@xn--bcher-kva.example"]
        assert len(server.arrived) == (2 if utf8 else 1)


async def test_neither_address_nor_password_stands_in_a_log(settings, caplog, certificate):
    caplog.set_level("DEBUG")
    trusted, context = certificate
    async with mail_server(context) as server:
        server.answer_to_recipient = lambda _address: "550 5.1.1 no such user"
        secured = set_to(
            settings,
            server.port,
            smtp_tls="starttls",
            smtp_cafile=trusted,
            smtp_user=USER,
            smtp_password=SecretStr(PASSWORD),
        )
        async with open_channel(secured) as channel:
            await channel.send(mail_to("canary@example.com"))
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("mail.")]
    assert not [line for line in ours if "canary" in line]


@pytest.mark.parametrize(
    "fields",
    [
        {"smtp_host": "mail.example.com", "smtp_tls": "none", "smtp_from": "learn@example.com"},
        {"smtp_host": "mail.example.com"},
        {"smtp_host": "mail.example.com", "smtp_from": "nobody"},
        {"smtp_host": "mail.example.com", "smtp_from": "learn@example.com\nBcc: eve@example.com"},
        {"smtp_timeout": 60},
    ],
)
def test_settings_that_would_send_in_the_open_or_from_nobody_are_refused(fields):
    with pytest.raises(ValidationError):
        Settings(**fields)


def test_a_server_of_this_machine_may_be_spoken_to_in_the_open():
    for host in ("127.0.0.1", "::1", "localhost"):
        assert Settings(smtp_host=host, smtp_tls="none", smtp_from="learn@example.com").smtp_host == host
