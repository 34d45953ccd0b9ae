"""What mail that came back says, whoever wrote it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.membership.mailings.bounce_rules import Bounce, read

ID = "01a221d6-92ae-71bd-bfef-36c7e6feb1c8.abc_-"


def report(*blocks: str, kind: str = "message/rfc822", returned: str = f"Message-ID: <{ID}@example.com>") -> bytes:
    """A delivery status notification as mail servers write them."""
    said = "\n".join(f"{block}\n" for block in blocks)
    return f"""Received: from mx.example.com
Return-Path: <>
From: Mail Delivery System <mailer-daemon@example.com>
To: learn@example.com
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
 boundary="AB.1/x"

This is a MIME-encapsulated message.

--AB.1/x
Content-Type: text/plain; charset=us-ascii

Your mail could not be delivered.

--AB.1/x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com
Arrival-Date: Sat, 28 Nov 2026 10:00:00 +0800

{said}
--AB.1/x
Content-Type: {kind}

From: learn@example.com
{returned}
Subject: News

--AB.1/x
Content-Type: text/plain

--AB.1/x--
""".replace("\n", "\r\n").encode()


def failed(status: str, more: str = "") -> str:
    return f"Final-Recipient: rfc822; ann@example.com\nAction: failed\nStatus: {status}{more}"


@pytest.mark.parametrize(
    ("blocks", "status"),
    [
        ([failed("5.1.1")], "5.1.1"),
        ([failed("5.1.10 (null MX)")], "5.1.10"),
        ([failed("5.2.1")], "5.2.1"),
        ([failed("5.0.0", "\nDiagnostic-Code: smtp; 550 no such user")], "5.0.0"),
        ([failed("5.0.0", "\nDiagnostic-Code: smtp;\n 550 5.1.1 no such user")], "5.0.0"),
        ([failed("5.0.0", "\nDiagnostic-Code: smtp; 550 5.7.1 spam")], None),
        ([failed("5.0.0")], None),
        ([failed("5.2.2")], None),
        ([failed("5.7.1")], None),
        ([failed("4.4.7")], None),
        ([failed("5.1.1").replace("failed", "delayed")], None),
        # One of several behind an address: the others had it.
        ([failed("5.1.1"), failed("2.0.0").replace("failed", "delivered")], None),
        ([failed("5.1.1"), failed("5.1.1")], "5.1.1"),
    ],
)
def test_only_want_of_a_mailbox_for_good_is_about_the_address(blocks, status):
    assert read(report(*blocks)) == Bounce(ID, status)


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers; charset=utf-8"])
def test_the_mail_or_its_headers_are_enough_with_any_ends_of_lines(kind):
    whole = report(failed("5.1.1"), kind=kind, returned=f"message-id:\n <{ID}@example.com>")
    for ends in (b"\r\n", b"\n", b"\r"):
        assert read(whole.replace(b"\r\n", ends)) == Bounce(ID, "5.1.1")


@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"\x00\xff" * 100,
        b"Subject: I am on holiday\r\n\r\nMessage-ID: <x@y>\r\n",
        report(failed("5.1.1")).replace(b"multipart/report", b"multipart/mixed"),
        report(failed("5.1.1")).replace(b"message/delivery-status", b"text/plain"),
        report(failed("5.1.1"), returned="X: y"),
        report(),
        report(failed("5.1.1")).replace(b'boundary="AB.1/x"', b'boundary="%s"' % (b"x" * 71)),
    ],
)
def test_what_is_no_report_about_a_mail_says_nothing(mail):
    assert read(mail) is None or read(mail) == Bounce(ID, None)


@given(st.binary(max_size=300) | st.lists(st.sampled_from(report(failed("5.1.1")).split(b"\r\n"))).map(b"\r\n".join))
def test_whatever_comes_is_read_or_not_and_raises_nothing(mail):
    assert read(mail) is None or isinstance(read(mail), Bounce)


@pytest.mark.parametrize(
    "filling",
    [
        b"\n",
        b" x\n",
        b"a:b\n",
        b"--AB.1/x\n",
        b"--AB.1/x\nContent-Type: message/delivery-status\n\n\n",
        b"x",
        b"Status: 5.1.1\n\n",
    ],
)
def test_the_dearest_mail_costs_little(filling):
    whole = report(failed("5.1.1")).replace(b"\r\n", b"\n")
    for where in (b"\n\n", b"Reporting-MTA", b"Message-ID"):
        head, mark, rest = whole.partition(where)
        mail = head + filling * ((256 * 1024 - len(whole)) // len(filling)) + mark + rest
        began = time.process_time()
        read(mail)
        # A tenth of it is usual; what grows with the square would take minutes.
        assert time.process_time() - began < 15
