"""A mail server of the tests on 127.0.0.1, with a certificate made for it, which answers as it is told."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
USER, PASSWORD = "qunxue", "canary-smtp-password"
_LOOKS_EVERY = 0.02


@dataclass
class MailServer:
    """What arrived, and what to answer: a text such as `550 5.1.1 no such user` refuses. What is `held` is taken and not answered yet."""

    port: int = 0
    arrived: list[EmailMessage] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)
    connections: int = 0
    answer_to_recipient: Callable[[str], str | None] = lambda _address: None
    answer_to_sender: Callable[[str], str | None] = lambda _address: None
    answer_to_data: Callable[[], str | None] = lambda: None
    let_in: bool = True
    held: bool = False
    closing: bool = False
    held_back: list[bool] = field(default_factory=list)
    """Of each that arrived, whether it was held."""

    async def handle_MAIL(
        self, _server: Any, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refused = self.answer_to_sender(address)
        if refused is not None:
            return refused
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, _server: Any, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        refused = self.answer_to_recipient(address)
        if refused is not None:
            return refused
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Session, envelope: Envelope) -> str:
        refused = self.answer_to_data()
        if refused is not None:
            return refused
        content = cast("bytes", envelope.content)
        self.arrived.append(message_from_bytes(content, policy=SMTPUTF8))
        self.to.append(list(envelope.rcpt_tos))
        self.held_back.append(self.held)
        while self.held:
            await asyncio.sleep(_LOOKS_EVERY)
        return "421 4.3.2 going down" if self.closing else "250 OK"

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right and self.let_in, handled=False)


@asynccontextmanager
async def mail_server(
    certificate: ssl.SSLContext | None = None, *, implicit: bool = False, utf8: bool = False, port: int = 0
) -> AsyncIterator[MailServer]:
    """A server that takes mail; with a certificate by STARTTLS and after log-in alone, or `implicit`ly encrypted."""
    made, loop = MailServer(), asyncio.get_running_loop()

    def connected() -> SMTP:
        made.connections += 1
        secured: dict[str, Any] = {}
        if certificate is not None:
            secured = {"authenticator": made.authenticate, "auth_required": True}
            secured |= (
                {"auth_require_tls": False} if implicit else {"tls_context": certificate, "require_starttls": True}
            )
        with warnings.catch_warnings():
            # It does not see that the connection as a whole is encrypted.
            warnings.simplefilter("ignore")
            return SMTP(made, enable_SMTPUTF8=utf8, hostname=HOST, loop=loop, **secured)

    server = await loop.create_server(connected, HOST, port, ssl=certificate if implicit else None)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        made.closing, made.held = True, False
        server.close()
        await server.wait_closed()


def certificate_in(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for 127.0.0.1 that signs itself: the file that a client trusts, and what the server speaks with."""
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail of the tests")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, secret = folder / "mail.pem", folder / "mail.key"
    trusted.write_bytes(made.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, secret)
    return trusted, context
