"""A message as mail: plain text and HTML, with headers that nothing in it can break out of. Pure but for the moment it is given."""

import html
import re
import unicodedata
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr
from typing import Final

from chassis.locale import Locale
from services.membership.deliveries.channels import Content, Message

MOST_TITLE: Final = 200
_SPACE = re.compile(r"\s+")
_STYLE = "font-family:sans-serif;font-size:16px;line-height:1.5;color:#222;max-width:36em"
_CODE_STYLE = "font-family:monospace;font-size:22px;letter-spacing:1px"
_SMALL_STYLE = "font-size:13px;color:#666"
_COLON: Final[dict[Locale, str]] = {"zh-CN": "：", "en": ": "}
_UNSUBSCRIBE: Final[dict[Locale, str]] = {"zh-CN": "退订此类邮件", "en": "Unsubscribe from mail of this kind"}


class NoAddressError(ValueError):
    """It is no address that mail could go to."""


def mail(message: Message, *, sender: str, now: datetime, reference: str | None = None) -> EmailMessage:
    """The mail of a message. Its Message-ID is made of `reference`, or of the message's id. Raises `NoAddressError`."""
    content = message.content
    name, address = parseaddr(sender)
    to = as_sent(message.to)
    made = EmailMessage(policy=SMTP if to.isascii() else SMTPUTF8)
    made["From"] = _address(one_line(name), as_sent(address))
    made["To"] = _address("", to)
    made["Subject"] = one_line(content.title)[:MOST_TITLE]
    made["Date"] = format_datetime(now)
    made["Message-ID"] = f"<{reference or message.id}@{as_sent(address).rpartition('@')[2]}>"
    # Nobody's answering machine is to answer.
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"
    if content.unsubscribe is not None:
        made["List-Unsubscribe"] = f"<{content.unsubscribe}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(as_text(content))
    made.add_alternative(as_html(content), subtype="html")
    # After its parts: what was there before became the first one's.
    made["Content-Language"] = content.locale
    return made


def as_text(content: Content) -> str:
    """What it says as plain text."""
    parts = list(content.paragraphs)
    if content.secret is not None:
        parts.append(f"    {content.secret}")
    if content.link is not None:
        parts.append(f"{content.link[0]}{_COLON[content.locale]}{content.link[1]}")
    if content.footer is not None:
        parts.append(f"-- \n{content.footer}")
    if content.unsubscribe is not None:
        parts.append(f"{_UNSUBSCRIBE[content.locale]}{_COLON[content.locale]}{content.unsubscribe}")
    return "\n\n".join(_seen(part) for part in parts) + "\n"


def as_html(content: Content) -> str:
    """What it says as HTML, in which nothing that it says is markup."""
    parts = [f"<p>{_escaped(part)}</p>" for part in content.paragraphs]
    if content.secret is not None:
        parts.append(f'<p style="{_CODE_STYLE}">{_escaped(content.secret)}</p>')
    if content.link is not None:
        parts.append(_linked(*content.link))
    small = [] if content.footer is None else [f'<p style="{_SMALL_STYLE}">{_escaped(content.footer)}</p>']
    if content.unsubscribe is not None:
        small.append(_linked(_UNSUBSCRIBE[content.locale], content.unsubscribe, style=_SMALL_STYLE))
    body = "\n".join([*parts, *small])
    head = f'<meta charset="utf-8"><title>{_escaped(one_line(content.title))}</title>'
    return f'<!DOCTYPE html>\n<html lang="{content.locale}"><head>{head}</head>\n<body><div style="{_STYLE}">\n{body}\n</div></body></html>\n'


def as_sent(address: str) -> str:
    """An address with its domain as machines write it; what stands before `@` stays as it is. Raises `NoAddressError`."""
    local, _, domain = address.strip().rpartition("@")
    if not local or not domain or one_line(address) != address.strip() or _SPACE.search(address.strip()):
        raise NoAddressError("not an address")
    try:
        return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"
    except UnicodeError:
        raise NoAddressError("not a domain") from None


def one_line(text: str) -> str:
    """A text on one line, without anything that a header could be ended by."""
    return _SPACE.sub(
        " ", "".join(" " if unicodedata.category(one) in {"Cc", "Zl", "Zp"} else one for one in text)
    ).strip()


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    try:
        return Address(name, local, domain)
    except ValueError:
        raise NoAddressError("not an address") from None


def _seen(text: str) -> str:
    return "".join(one for one in text if one == "\n" or unicodedata.category(one) != "Cc")


def _escaped(text: str) -> str:
    return html.escape(_seen(text)).replace("\n", "<br>\n")


def _linked(word: str, address: str, style: str = "") -> str:
    if not address.startswith(("https://", "http://")):
        return f"<p>{_escaped(word)}: {_escaped(address)}</p>"
    styled = f' style="{style}"' if style else ""
    return f'<p{styled}><a href="{html.escape(address)}">{_escaped(word)}</a></p>'
