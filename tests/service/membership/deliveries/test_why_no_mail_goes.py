"""Whoever runs an installation reads why no mail goes, and mends it: nothing is lost meanwhile."""

import asyncio
import re
from datetime import timedelta

import pytest
from pydantic import SecretStr

from chassis.settings import Settings
from chassis.web.ops import status_of
from services.membership.deliveries.channels import Again
from services.membership.deliveries.sending import Sender
from services.membership.deliveries.smtp import by_mail
from tests.service.membership.deliveries.test_codes import ask
from tests.service.membership.deliveries.test_smtp import mail_to, open_channel, set_to
from tests.support.mail_server import PASSWORD, USER, certificate_in, mail_server
from tests.support.needs import ROOT
from tests.support.ports import free_port

LOGIN = {"smtp_user": USER, "smtp_password": SecretStr(PASSWORD)}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return certificate_in(tmp_path_factory.mktemp("certificate"))


def explained() -> set[str]:
    """The reasons in the table of operations.md."""
    guide = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    table = guide.partition("| why | what to mend |")[2].partition("\n\n")[0]
    return {
        code
        for row in table.splitlines()
        for code in re.findall(r"`([a-z_]+?)(?:_\d+)?`", row.split("|")[1:2][0] if "|" in row else "")
    }


async def why(settings: Settings) -> str:
    async with open_channel(settings) as channel:
        outcome = await channel.send(mail_to())
    assert isinstance(outcome, Again)
    assert outcome.away
    assert re.sub(r"_\d+$", "", outcome.code) in explained(), outcome.code
    return outcome.code


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"smtp_tls": "starttls"}, "no_encryption"),
        ({"smtp_tls": "implicit"}, "tls_failed"),
        (LOGIN, "login_not_offered"),
        ({"smtp_host": "nowhere.invalid"}, "no_such_host"),
    ],
)
async def test_settings_that_do_not_fit_the_server_are_told_apart(settings, fields, code):
    async with mail_server() as found:
        assert await why(set_to(settings, found.port, **fields)) == code


async def test_a_port_at_which_nobody_listens_is_not_reachable(settings):
    assert await why(set_to(settings, free_port())) == "not_reachable"


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_a_certificate_that_nobody_vouches_for_is_named(settings, certificate, tls):
    async with mail_server(certificate[1], implicit=tls == "implicit") as found:
        assert await why(set_to(settings, found.port, smtp_tls=tls)) == "certificate_refused"


async def test_a_wrong_password_is_named(settings, certificate):
    trusted, context = certificate
    async with mail_server(context) as found:
        secured = set_to(settings, found.port, smtp_tls="starttls", smtp_cafile=trusted, smtp_user=USER)
        assert await why(secured.model_copy(update={"smtp_password": SecretStr("wrong")})) == "login_refused_535"


async def test_a_sender_whom_the_server_does_not_let_write_is_named(settings):
    async with mail_server() as found:
        found.answer_to_sender = lambda _address: "553 5.7.1 not yours"
        assert await why(set_to(settings, found.port)) == "sender_refused_553"


async def test_after_ten_minutes_it_is_an_alarm_until_the_host_has_mended_it(membership, server, zhou):
    runtime = membership.harness.runtime
    right = runtime.settings.smtp_port
    runtime.settings = runtime.settings.model_copy(update={"smtp_port": free_port()})
    await ask(membership)
    found = await status_of(runtime)
    assert (found.alarms, found.figures["messages_retried"]) == ([], 1)
    membership.harness.clock.advance(timedelta(minutes=10))
    assert (await status_of(runtime)).alarms == ["mail_not_sent:not_reachable"]
    runtime.settings = runtime.settings.model_copy(update={"smtp_port": right})
    await restarted(membership)
    found = await status_of(runtime)
    assert (found.alarms, found.figures["messages_retried"]) == ([], 0)
    assert len(server.arrived) == 1


async def test_what_the_server_says_of_one_recipient_is_no_alarm(membership, server, zhou):
    server.answer_to_recipient = lambda _address: "451 4.7.1 greylisted"
    await ask(membership)
    membership.harness.clock.advance(timedelta(minutes=11))
    found = await status_of(membership.harness.runtime)
    assert (found.alarms, found.figures["messages_retried"]) == ([], 1)


async def restarted(membership) -> None:
    """A worker that begins anew remembers nothing of a server that was away."""
    await Sender(by_mail).run_due(membership.harness.runtime, asyncio.Event())
