"""What a mail says, and that nothing in it is more than text."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8
from typing import Any
from uuid import UUID

import aiosmtplib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.membership.deliveries.channels import Again, Content, Message, Refused
from services.membership.deliveries.mail import NoAddressError, as_html, as_sent, as_text, mail
from services.membership.deliveries.smtp import meaning

NOW = datetime(2026, 11, 28, 8, 30, tzinfo=UTC)
KEY = UUID("01a221d6-92ae-71bd-bfef-36c7e6feb1c8")
HOSTILE = st.text(st.sampled_from("\r\n\t\x00\x0b\x1b\u2028\u2029 <>&\"'a你:@,;=?"), max_size=40)


def content(**fields: Any) -> Content:
    return Content(**{"locale": "en", "title": "News", "paragraphs": ["One.", "Two."]} | fields)


def sent(to: str = "ann@example.com", sender: str = "学习社群 <learn@example.com>", **fields: Any) -> EmailMessage:
    """As it reads after it has travelled."""
    made = mail(Message(KEY, to, content(**fields)), sender=sender, now=NOW)
    return message_from_bytes(made.as_bytes(), policy=SMTPUTF8)


def test_a_mail_has_a_text_and_a_page_that_say_the_same():
    made = sent(title="你好", secret="K7Q2", link=("Open", "https://learn.example.com/a?b=1&c=2"), locale="zh-CN")
    assert (made["Subject"], made["To"], made["From"]) == ("你好", "ann@example.com", "学习社群 <learn@example.com>")
    assert made["Message-ID"] == f"<{KEY}@example.com>"
    assert made["Auto-Submitted"] == "auto-generated"
    plain, page = made.get_body(("plain",)), made.get_body(("html",))
    assert plain is not None
    assert page is not None
    for part in ("One.", "Two.", "K7Q2"):
        assert part in plain.get_content()
        assert part in page.get_content()
    assert "https://learn.example.com/a?b=1&c=2" in plain.get_content()
    assert 'href="https://learn.example.com/a?b=1&amp;c=2"' in page.get_content()
    assert "List-Unsubscribe" not in made


def test_one_click_ends_mail_of_a_kind():
    made = sent(unsubscribe="https://learn.example.com/v1/unsubscribes/abc", locale="zh-CN")
    assert made["List-Unsubscribe"] == "<https://learn.example.com/v1/unsubscribes/abc>"
    assert made["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    page = made.get_body(("html",))
    assert page is not None
    assert "退订" in page.get_content()


@given(title=HOSTILE, paragraph=HOSTILE, footer=HOSTILE)
def test_nothing_that_is_said_becomes_a_header_or_markup(title, paragraph, footer):
    said = content(title=title, paragraphs=[paragraph], footer=footer)
    made = mail(Message(KEY, "ann@example.com", said), sender="learn@example.com", now=NOW)
    read = message_from_bytes(made.as_bytes(), policy=SMTPUTF8)
    plain = mail(Message(KEY, "ann@example.com", content()), sender="learn@example.com", now=NOW)
    assert read.keys() == message_from_bytes(plain.as_bytes(), policy=SMTPUTF8).keys()
    assert "<" not in as_html(said).replace("<br>", "").partition("<p>")[2].partition("</p>")[0]
    assert not set(as_text(said)) & set("\x00\x0b\x1b\r")


@pytest.mark.parametrize(
    "title", ["Hi\r\nBcc: eve@example.com", "Hi\nBcc: eve@example.com", "Hi\u2028Bcc: eve@example.com"]
)
def test_a_title_names_no_other_recipient(title):
    made = sent(title=title)
    assert made["Bcc"] is None
    assert made["Subject"] == "Hi Bcc: eve@example.com"


@pytest.mark.parametrize(
    "address",
    [
        "ann",
        "@example.com",
        "ann@",
        "ann@example.com\r\nRCPT TO:<eve@example.com>",
        "ann @example.com",
        "a\x00b@example.com",
        "",
        "ann@" + "x" * 300 + "é.example",
    ],
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(NoAddressError):
        mail(Message(KEY, address, content()), sender="learn@example.com", now=NOW)


def test_a_domain_travels_as_machines_write_it_and_a_name_as_it_is():
    assert as_sent("ann@bücher.example") == "ann@xn--bcher-kva.example"
    assert as_sent("张伟@公司.example") == "张伟@xn--55qx5d.example"


def test_a_link_that_leads_nowhere_is_text():
    assert "href" not in as_html(content(link=("Open", "javascript:alert(1)")))


REFUSALS = {
    "550 5.1.1 no such user": Refused("recipient_550", address=True),
    "550 no such user": Refused("recipient_550", address=True),
    "550 5.2.1 mailbox disabled": Refused("recipient_550", address=True),
    "552 5.2.2 mailbox full": Refused("recipient_552"),
    "550 5.7.1 relaying denied": Refused("recipient_550"),
    "554 go away": Refused("recipient_554"),
    "450 4.2.0 greylisted": Again("recipient_450"),
    "421 4.3.2 shutting down": Again("server_421", away=True),
}


@pytest.mark.parametrize("answer", REFUSALS)
def test_only_a_permanent_refusal_of_the_recipient_is_about_the_address(answer):
    code, _, said = answer.partition(" ")
    refused = aiosmtplib.SMTPRecipientRefused(int(code), said, "ann@example.com")
    assert meaning(aiosmtplib.SMTPRecipientsRefused([refused])) == REFUSALS[answer]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (aiosmtplib.SMTPDataError(554, "spam"), Refused("data_554")),
        (aiosmtplib.SMTPDataError(451, "later"), Again("data_451")),
        (aiosmtplib.SMTPSenderRefused(550, "who are you", "learn@example.com"), Again("sender_refused_550", away=True)),
        (aiosmtplib.SMTPAuthenticationError(535, "no"), Again("login_refused_535", away=True)),
        (aiosmtplib.SMTPServerDisconnected("gone"), Again("connection_lost", away=True)),
        (ConnectionRefusedError(), Again("not_reachable", away=True)),
    ],
)
def test_what_is_for_the_host_to_mend_loses_no_mail(error, outcome):
    assert meaning(error) == outcome
