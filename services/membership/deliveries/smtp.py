"""Mail by SMTP: one connection for as long as there is something to send, its certificate checked, and each answer read as what it means."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr
from uuid import UUID

import aiosmtplib
from aiosmtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from sqlalchemy import bindparam, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared
from chassis.runtime import Runtime
from chassis.settings import Settings
from services.membership.deliveries.channels import Again, Message, Outcome, Outlet, Refused, Taken
from services.membership.deliveries.mail import NoAddressError, as_sent, mail
from services.membership.deliveries.references import reference_of
from services.membership.deliveries.refusal_rules import names_no_mailbox
from services.membership.people.models import Person

MAIL = "mail"
_MOST_BY_CONNECTION = 100
"""Servers close a connection that never ends."""
_PORTS = {"starttls": 587, "implicit": 465, "none": 25}
_WHY: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (ssl.SSLCertVerificationError, "certificate_refused"),
    (ssl.SSLError, "tls_failed"),
    (socket.gaierror, "no_such_host"),
    (TimeoutError, "timeout"),
    (aiosmtplib.SMTPServerDisconnected, "connection_lost"),
    ((aiosmtplib.SMTPConnectError, OSError), "not_reachable"),
    (aiosmtplib.SMTPNotSupported, "not_supported"),
)
_EMAIL = Prepared(select(col(Person.email)).where(col(Person.id) == bindparam("person_id")))


class SmtpChannel:
    """Hands mail to the server that the host has set."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime], secret: bytes) -> None:
        self._settings = settings
        self._secret = secret
        self._clock = clock
        self._client: aiosmtplib.SMTP | None = None
        self._sent = 0

    async def send(self, message: Message) -> Outcome:
        """Hand a mail over."""
        try:
            reference = reference_of(self._secret, message.id, message.to)
            made = mail(message, sender=self._settings.smtp_from or "", now=self._clock(), reference=reference)
        except NoAddressError:
            return Refused("address_invalid", address=True)
        try:
            async with asyncio.timeout(self._settings.smtp_timeout):
                return await self._handed_over(made, as_sent(message.to))
        except TimeoutError:
            await self._drop()
            return Again("timeout", away=True)

    async def rest(self) -> None:
        """Say good-bye."""
        client, self._client, self._sent = self._client, None, 0
        if client is not None:
            with suppress(SMTPException, OSError, TimeoutError):
                async with asyncio.timeout(2):
                    await client.quit()
            client.close()

    async def _handed_over(self, made: EmailMessage, to: str) -> Outcome:
        sender = as_sent(parseaddr(self._settings.smtp_from or "")[1])
        options = [] if to.isascii() and sender.isascii() else ["smtputf8", "body=8bitmime"]
        try:
            client = await self._connected()
            if options and not client.supports_extension("smtputf8"):
                return Refused("smtputf8_missing")
            await client.sendmail(sender, [to], made.as_bytes(), mail_options=options)
        except (SMTPException, OSError, ssl.SSLError) as error:
            outcome = meaning(error)
            if isinstance(outcome, Again) and outcome.away:
                await self._drop()
            return outcome
        self._sent += 1
        if self._sent >= _MOST_BY_CONNECTION:
            await self.rest()
        return Taken()

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        settings = self._settings
        secure = settings.smtp_tls != "none"
        password = settings.smtp_password.get_secret_value() if settings.smtp_password else None
        client = aiosmtplib.SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port or _PORTS[settings.smtp_tls],
            username=settings.smtp_user,
            password=password,
            timeout=settings.smtp_timeout,
            use_tls=settings.smtp_tls == "implicit",
            start_tls=settings.smtp_tls == "starttls",
            tls_context=ssl.create_default_context(cafile=settings.smtp_cafile) if secure else None,
        )
        self._client, self._sent = client, 0
        await client.connect()
        await client.ehlo()
        return client

    async def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def meaning(error: Exception) -> Outcome:
    """What follows from what a server answered, or from its silence.

    Only a permanent refusal of the recipient is about the address, and not where it is about policy or room. What is refused before any
    recipient is named, such as our log-in or our own address, is for the host to mend: nothing is lost meanwhile.
    """
    if isinstance(error, SMTPRecipientsRefused):
        one = error.recipients[0]
        if one.code == 421:
            return Again("server_421", away=True)
        if one.code < 500:
            return Again(f"recipient_{one.code}")
        return Refused(f"recipient_{one.code}", address=names_no_mailbox(one.code, one.message))
    if isinstance(error, aiosmtplib.SMTPDataError):
        if error.code < 500:
            return Again(f"data_{error.code}", away=error.code == 421)
        return Refused(f"data_{error.code}")
    return Again(_why_away(error), away=True)


def _why_away(error: Exception) -> str:
    """Why the server takes nothing, as operations.md explains it to who has to mend it."""
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return f"login_refused_{error.code}"
    if isinstance(error, aiosmtplib.SMTPSenderRefused):
        return f"sender_refused_{error.code}"
    if isinstance(error, SMTPResponseException):
        return f"server_{error.code}"
    causes = _causes(error)
    for kinds, code in _WHY:
        if any(isinstance(one, kinds) for one in causes):
            return code
    # The library has no class of its own for these two.
    said = str(error)
    if "SMTP AUTH extension" in said:
        return "login_not_offered"
    return "no_encryption" if "STARTTLS extension" in said else type(error).__name__


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def is_set(runtime: Runtime) -> bool:
    """Whether the host has named a mail server."""
    return runtime.settings.smtp_host is not None


async def email_of(session: AsyncSession, person_id: UUID) -> str | None:
    """The address that mail to a person goes to."""
    return await _EMAIL.first(session, person_id=person_id)


by_mail = Outlet(MAIL, is_set, lambda runtime: SmtpChannel(runtime.settings, runtime.clock, runtime.secret), email_of)
