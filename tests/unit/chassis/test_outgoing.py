"""Which addresses may be called, and who signed a call."""

import asyncio
import socket
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest

from chassis.outgoing import MOST_PARTS, AddressRefusedError, check, is_outside, post
from chassis.webhooks import is_signed, secret_text, signed_headers

NOW = datetime(2024, 5, 6, 4, 0, tzinfo=UTC)
KEY = b"k" * 32


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b:1::a00:1",
        "2002:a00:1::1",
        "2001:0:a00:1::1",
        "::10.0.0.1",
        "::ffff:0:10.0.0.1",
        "fec0::1",
        "3fff::1",
        "5f00::1",
        "192.0.0.8",
        "192.88.99.1",
        "168.63.129.16",
    ],
)
def test_an_address_inside_is_not_called(address):
    assert not is_outside(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_an_address_of_the_internet_is_called(address):
    assert is_outside(ip_address(address))


def test_a_network_that_the_operator_allows_is_called_and_no_other():
    assert is_outside(ip_address("10.1.2.3"), ["10.1.0.0/16"])
    assert is_outside(ip_address("::ffff:10.1.2.3"), ["10.1.0.0/16"])
    assert not is_outside(ip_address("10.2.2.3"), ["10.1.0.0/16"])


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "100.100.100.200",
        "0.0.0.0",
        "fd00:ec2::254",
        "fe80::1",
        "64:ff9b::a9fe:a9fe",
        "::ffff:169.254.169.254",
    ],
)
def test_where_machines_tell_their_secrets_is_called_in_no_case(address):
    assert not is_outside(ip_address(address), ["0.0.0.0/0", "::/0"])


@pytest.mark.parametrize(
    "url",
    [
        "http://8.8.8.8/",
        "https://8.8.8.8:22/",
        "https://8.8.8.8:80/",
        "https://user@8.8.8.8/",
        "ftp://8.8.8.8/",
        "https://017700000001/",
        "https:///",
        "https://[::ffff:127.0.0.1]/",
    ],
)
async def test_what_is_no_address_to_be_called_is_refused_and_nothing_is_sent(url):
    with pytest.raises(AddressRefusedError):
        await check(url)
    with pytest.raises((AddressRefusedError, OSError)):
        await post(url, b"{}", {})


@pytest.mark.parametrize("url", ["https://8.8.8.8/", "https://8.8.8.8:8443/hook", "https://[2606:4700:4700::1111]/"])
async def test_an_address_of_the_internet_may_be_called_by_tls(url):
    await check(url)


async def test_a_name_is_asked_for_once_and_what_it_stood_for_then_is_called(monkeypatch):
    asked = []

    async def answers(reader, writer):
        await reader.readuntil(b"{}")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()

    def resolves(host, port, **_options):
        asked.append(host)
        # Who asks again is told of another machine.
        return [(0, 0, 0, "", ("127.0.0.1" if len(asked) == 1 else "10.0.0.1", port))]

    async with await asyncio.start_server(answers, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        monkeypatch.setattr(socket, "getaddrinfo", resolves)
        answer = await post(f"http://changing.example:{port}/", b"{}", {}, allowed=["127.0.0.0/8"])
    assert (answer.status, asked) == (204, ["changing.example"])


async def test_an_answer_that_is_only_ever_begun_is_read_no_further():
    async def begins(reader, writer):
        await reader.readuntil(b"{}")
        with suppress(OSError):
            while not writer.is_closing():
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 200)
                await writer.drain()

    async with await asyncio.start_server(begins, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(OSError, match="too much"):
            await post(f"http://127.0.0.1:{port}/", b"{}", {}, allowed=["127.0.0.0/8"])


async def test_a_redirect_is_an_answer_and_not_followed():
    asked = []

    async def answers(reader, writer):
        asked.append(await reader.readuntil(b"{}"))
        writer.write(b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answers, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        answer = await post(f"http://127.0.0.1:{port}/", b"{}", {}, allowed=["127.0.0.0/8"])
    assert (answer.status, len(asked)) == (307, 1)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1"])
async def test_a_name_that_stands_for_an_address_inside_is_refused(host):
    with pytest.raises((AddressRefusedError, OSError)):
        await post(f"http://{host}:9/", b"{}", {})


async def test_an_answer_in_very_many_parts_is_not_read_to_its_end():
    async def answers(reader, writer):
        await reader.readuntil(b"{}")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 60_000 + b"0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answers, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        answer = await post(f"http://127.0.0.1:{port}/", b"{}", {}, allowed=["127.0.0.0/8"])
    assert len(answer.body) == MOST_PARTS


def test_what_is_signed_is_believed_for_five_minutes_and_for_that_body_alone():
    headers = signed_headers(KEY, "one", b"{}", NOW)
    stamp, signature = headers["webhook-timestamp"], headers["webhook-signature"]
    assert is_signed(KEY, "one", stamp, f"v1,wrong {signature}", b"{}", NOW + timedelta(minutes=5))
    assert not is_signed(KEY, "one", stamp, signature, b"{}", NOW + timedelta(minutes=5, seconds=1))
    assert not is_signed(KEY, "one", stamp, signature, b"{}", NOW - timedelta(minutes=5, seconds=1))
    assert not is_signed(KEY, "two", stamp, signature, b"{}", NOW)
    assert not is_signed(KEY, "one", stamp, signature, b"{ }", NOW)
    assert not is_signed(b"x" * 32, "one", stamp, signature, b"{}", NOW)
    assert not is_signed(KEY, "one", str(int(stamp) + 1), signature, b"{}", NOW)
    assert secret_text(KEY).startswith("whsec_")


@pytest.mark.parametrize("stamp", ["", "-1", "now", "１２３", "9" * 400])
def test_what_is_no_moment_is_not_believed(stamp):
    assert not is_signed(KEY, "one", stamp, "v1,x", b"{}", NOW)
