"""Attacks on the gateway by raw sockets: a real server runs it, a recording service stands behind it.

The server is uvicorn as the product starts it (httptools); the same attacks run against its other parser (h11). What the server
refuses itself, before the gateway is asked, is a plain 400 that closes the connection, and is pinned here as such: both must stay
refusals when the server changes.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from chassis.settings import SERVICES, Settings
from gateway.app import create_gateway
from tests.support.standins import MembershipStandIn, listening, person, token
from tests.support.waiting import PATIENCE

DEADLINE = 1.0
MIB = 1024 * 1024


@dataclass
class Attacked:
    """The gateway's port, and the service behind it."""

    port: int
    service: MembershipStandIn
    parser: str

    async def send(self, *lines: str | bytes, body: bytes = b"") -> "Answered":
        """A request from its lines; `Host` is added where none is given."""
        raw = [line.encode("latin-1") if isinstance(line, str) else line for line in lines]
        if not any(line.lower().startswith(b"host:") for line in raw):
            raw.insert(1, b"Host: gateway")
        return await self.send_raw(b"\r\n".join(raw) + b"\r\n\r\n" + body)

    async def send_raw(self, data: bytes) -> "Answered":
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(data)
            await writer.drain()
            return await answer_from(reader)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    @property
    def reached(self) -> list[str]:
        """What got through, the gateway's own questions left out."""
        own = {"/.well-known/jwks.json", "/v1/tokens", "/v1/revocations"}
        return [path for path in self.service.started if path not in own]

    def headers_of_last(self) -> dict[str, str]:
        return dict(self.service.seen[-1].headers)


@dataclass
class Answered:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The problem's code; empty where h11 itself refused, which the product does not use."""
        if "problem" not in self.headers.get("content-type", ""):
            return ""
        code: str = json.loads(self.body)["code"]
        return code


async def answer_from(reader: asyncio.StreamReader) -> Answered:
    async with asyncio.timeout(120):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        length = int(headers.get("content-length", 0))
        return Answered(int(head[0].split()[1]), headers, await reader.readexactly(length))


@pytest.fixture
async def attacked(tmp_path: Path, monkeypatch) -> AsyncIterator[Attacked]:
    """The gateway on the server that the product uses."""
    async with under_attack("httptools", tmp_path, monkeypatch) as one:
        yield one


@pytest.fixture(params=["httptools", "h11"])
async def either(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch) -> AsyncIterator[Attacked]:
    """The same, and on the server's other parser."""
    async with under_attack(request.param, tmp_path, monkeypatch) as one:
        yield one


@contextlib.asynccontextmanager
async def under_attack(
    parser: str, folder: Path, monkeypatch: pytest.MonkeyPatch, *, deadline: float = PATIENCE
) -> AsyncIterator[Attacked]:
    service = MembershipStandIn()
    async with listening(service) as behind:
        for name in SERVICES:
            monkeypatch.setenv(f"QUNXUE_{name.upper()}_URL", f"http://127.0.0.1:{behind}")
        settings = Settings(data_dir=folder, secret_key=SecretStr("only-for-tests-only-for-tests"), mode="distributed")
        gateway = create_gateway(settings, apps=None, deadline_seconds=deadline)
        async with listening(gateway, http=parser) as port:
            yield Attacked(port, service, parser)


# --- who one is ------------------------------------------------------------------------------------------------------

IDENTITIES = [
    "X-User-Id: 1", "x-user-id: 1", "X-USER-ID: 1", "X_User_Id: 1", "X-User_Id: 1", "X-Caller: admin", "X-Person-Id: 1",
    "X-Forwarded-User: admin", "X-Remote-User: admin", "Remote_User: admin", "X-Auth-Request-Email: a@b", "X-Roles: admin",
    "X-Authenticated-User: admin", "X-Original-URL: /internal/audit", "X-Rewrite-URL: /internal/audit",
    "X-HTTP-Method-Override: DELETE", "X-Internal: true", "Forwarded: for=1.2.3.4", "X-Real-IP: 1.2.3.4",
    "X-Forwarded-Host: evil", "Proxy-Authorization: Basic YTpi", "Proxy: http://evil",
]  # fmt: skip


async def test_no_header_says_who_one_is(either: Attacked):
    leaked = {}
    for identity in IDENTITIES:
        assert (await either.send("GET /v1/people HTTP/1.1", identity)).status == 200
        leaked[identity] = set(either.headers_of_last()) - {
            "host",
            "x-request-id",
            "x-forwarded-for",
            "x-forwarded-proto",
        }
    assert not any(leaked.values()), leaked


async def test_what_follows_a_body_is_no_header(either: Attacked):
    """A proxy before us looks at the headers alone, so what comes behind them must say nothing."""
    await either.send(
        "POST /v1/people HTTP/1.1",
        "Transfer-Encoding: chunked",
        "Trailer: X-Forwarded-For",
        body=b"2\r\n{}\r\n0\r\nX-Forwarded-For: 203.0.113.77\r\nAccept-Language: en\r\n\r\n",
    )
    assert either.headers_of_last()["x-forwarded-for"] == "127.0.0.1"
    assert "accept-language" not in either.headers_of_last()


async def test_a_trailer_gives_nobody_more_tries_to_log_in(tmp_path: Path, monkeypatch):
    """Where the peer is a proxy that may say where a request came from."""
    monkeypatch.setenv("QUNXUE_TRUSTED_PROXIES", "127.0.0.1")
    monkeypatch.setenv("QUNXUE_LOGINS_PER_MINUTE", "3")
    async with under_attack("httptools", tmp_path, monkeypatch) as attacked:
        # Whatever is answered here counts whole: it does not prove that a secret was right.
        lines = ["POST /v1/password-resets HTTP/1.1", "Transfer-Encoding: chunked", "X-Forwarded-For: 198.51.100.1"]
        found = []
        for number in range(6):
            trailer = f"2\r\n{{}}\r\n0\r\nX-Forwarded-For: 203.0.113.{number}\r\n\r\n".encode()
            found.append((await attacked.send(*lines, body=trailer)).status)
    assert found.count(429) == 3


async def test_a_request_of_http_1_1_without_a_host_is_refused(either: Attacked):
    answered = await either.send_raw(b"GET /v1/people HTTP/1.1\r\nAccept: */*\r\n\r\n")
    assert answered.status == 400
    assert either.reached == []


async def test_an_identity_said_twice_is_dropped_twice(attacked: Attacked):
    await attacked.send("GET /v1/people HTTP/1.1", "X-User-Id: 1", "x-user-id: 2", "X_USER_ID: 3")
    assert "1" not in attacked.headers_of_last().values()


@pytest.mark.parametrize(
    "header", ["Authorization: Bearer a", "Host: other", "Content-Length: 0", "Idempotency-Key: a"]
)
async def test_what_may_be_said_once_is_not_said_twice(attacked: Attacked, header: str):
    name = header.partition(":")[0]
    answered = await attacked.send("POST /v1/people HTTP/1.1", "Host: gateway", header, f"{name.upper()}: 1")
    assert answered.status == 400
    assert not attacked.reached


async def test_connection_does_not_make_the_gateways_own_headers_go_away(attacked: Attacked):
    await attacked.send(
        "GET /v1/people HTTP/1.1", "Connection: close, X-Forwarded-For, X-Request-Id, Host", "X-Forwarded-For: 1.2.3.4"
    )
    reached = attacked.headers_of_last()
    assert reached["x-forwarded-for"] == "127.0.0.1"
    assert reached["x-request-id"]


async def test_what_connection_names_ends_at_the_gateway(attacked: Attacked):
    await attacked.send("GET /v1/people HTTP/1.1", "Connection: keep-alive, Cookie, TE", "Cookie: a=b", "TE: trailers")
    reached = attacked.headers_of_last()
    assert not {"cookie", "te", "connection"} & set(reached)


async def test_nobody_says_where_he_comes_from(attacked: Attacked):
    for claimed in ["1.2.3.4", "127.0.0.1", "10.0.0.1, 127.0.0.1", "x" * 500, "::1"]:
        await attacked.send("GET /v1/people HTTP/1.1", f"X-Forwarded-For: {claimed}", "X-Forwarded-For: 5.6.7.8")
        assert attacked.headers_of_last()["x-forwarded-for"] == "127.0.0.1"


# --- where one goes --------------------------------------------------------------------------------------------------

PATHS = [
    "/v1/people/%2f..%2f..%2finternal/audit", "/v1/people/..%2finternal", "/v1/people/%2e%2e/%2e%2e/internal/audit",
    "/v1/people/../../internal/audit", "/v1/../internal/audit", "/v1/people/%5c..%5cinternal", "/v1/people/..;/internal",
    "/internal/audit", "//internal/audit", "/./internal/audit", "/INTERNAL/audit", "/v1//internal/audit",
    "/v1/people/\\..\\internal", "/v1/people/%00", "/v1/people/%0d%0aHost:%20evil", "/internal%2faudit", "/%69nternal/audit",
    "/v1/people/..%00/", "/v1/people/.%2E/x", "/docs/../internal/audit", "/docs/%2e%2e/app.py", "/.well-known/../internal/audit",
]  # fmt: skip


async def test_no_path_leads_round_the_table(either: Attacked):
    statuses = {path: (await either.send(f"GET {path} HTTP/1.1")).status for path in PATHS}
    assert set(statuses.values()) == {400, 404}, statuses
    assert not either.reached


async def test_an_absolute_address_is_still_routed_by_its_path(attacked: Attacked):
    answered = await attacked.send("GET http://evil.example.com/internal/audit HTTP/1.1")
    assert answered.status in {400, 404}
    assert not attacked.reached


# --- where a request ends --------------------------------------------------------------------------------------------

HIDDEN = b"GET /v1/hidden HTTP/1.1\r\nHost: gateway\r\n\r\n"


ENDS = [
    ["Content-Length: 5", "Transfer-Encoding: chunked"],
    ["Transfer-Encoding: chunked", "Content-Length: 5"],
    ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
    ["Transfer-Encoding: gzip, chunked"],
    ["Transfer-Encoding: xchunked"],
    ["Transfer-Encoding : chunked"],
    ["Transfer-Encoding:\x0bchunked"],
    ["Content-Length: 5", "Content-Length: 6"],
    ["Content-Length: +5"],
    ["Content-Length: -5"],
    ["Content-Length: 5,6"],
    ["Content-Length: 0x5"],
    ["Content-Length: 99999999999999999999999"],
    ["Content-Length:"],
]
ONE_TO_H11 = [
    ["Content-Length: 5", "Content-Length: 5"],
    ["Content-Length: 5,5"],
    ["Content-Length: 5", "X: 1", " folded: 2"],
]


@pytest.mark.parametrize("lines", [*ENDS, *ONE_TO_H11])
async def test_two_ways_to_see_a_requests_end_are_one_refusal(attacked: Attacked, lines: list[str]):
    answered = await attacked.send("POST /v1/people HTTP/1.1", *lines, body=b"0\r\n\r\n" + HIDDEN)
    assert answered.status == 400
    assert answered.headers["connection"] == "close"
    assert not attacked.reached


async def test_the_other_parser_refuses_them_too(tmp_path: Path, monkeypatch):
    async with under_attack("h11", tmp_path, monkeypatch) as attacked:
        for lines in ENDS:
            answered = await attacked.send("POST /v1/people HTTP/1.1", *lines, body=b"0\r\n\r\n" + HIDDEN)
            assert answered.status == 400, lines
        assert not attacked.reached


async def test_what_the_other_parser_mends_is_passed_on_mended(tmp_path: Path, monkeypatch):
    """RFC 9110 lets a recipient take the same length said twice as once, and RFC 9112 unfold a header: h11 does both."""
    async with under_attack("h11", tmp_path, monkeypatch) as attacked:
        for lines in ONE_TO_H11:
            answered = await attacked.send("POST /v1/people HTTP/1.1", *lines, body=b"12345")
            assert answered.status == 200, lines
            assert attacked.service.seen[-1].body == b"12345"
            assert attacked.headers_of_last()["content-length"] == "5"


async def test_who_refuses_what(attacked: Attacked):
    """Pinned: what is said not to be sniffed is refused by the gateway, the rest by the server before the gateway is asked."""
    refused_by = {}
    for lines in ENDS:
        answered = await attacked.send("POST /v1/people HTTP/1.1", *lines, body=b"0\r\n\r\n")
        refused_by[" + ".join(lines)] = "gateway" if "x-content-type-options" in answered.headers else "server"
        assert (answered.status, answered.code) == (400, "bad_request"), lines
    assert [line for line, who in refused_by.items() if who == "gateway"] == ["Transfer-Encoding: gzip, chunked"]


@pytest.mark.parametrize("ending", [b"\n\n", b"\n\r\n"])
async def test_a_bare_line_feed_hides_no_second_request(attacked: Attacked, ending: bytes):
    reader, writer = await asyncio.open_connection("127.0.0.1", attacked.port)
    writer.write(b"GET /v1/people HTTP/1.1\r\nHost: gateway\r\nX: a" + ending + HIDDEN)
    with contextlib.suppress(TimeoutError, asyncio.IncompleteReadError, OSError):
        async with asyncio.timeout(1):
            await answer_from(reader)
    writer.close()
    assert set(attacked.reached) <= {"/v1/people"}


# --- how much and how slowly -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/people", "/v1/sessions", "/v1/people/imports"])
async def test_100_mb_that_are_announced_are_refused_unread(attacked: Attacked, path: str):
    answered = await attacked.send(f"POST {path} HTTP/1.1", f"Content-Length: {100 * MIB}", body=b"x" * MIB)
    # Had it waited for the rest, which never comes, the deadline would have answered 408.
    assert (answered.status, answered.code) == (413, "body_too_large")
    assert answered.headers["connection"] == "close"
    assert not attacked.reached


async def test_they_are_refused_before_the_token_is_looked_at(attacked: Attacked):
    lines = [f"Content-Length: {100 * MIB}", "Authorization: Bearer nonsense"]
    assert (await attacked.send("POST /v1/people HTTP/1.1", *lines)).status == 413


async def test_who_waits_for_leave_to_send_gets_none(attacked: Attacked):
    answered = await attacked.send("POST /v1/people HTTP/1.1", f"Content-Length: {100 * MIB}", "Expect: 100-continue")
    assert answered.status == 413


@pytest.mark.parametrize("path", ["/v1/people", "/v1/people/imports"])
async def test_an_endless_body_is_cut_off(attacked: Attacked, path: str, monkeypatch):
    monkeypatch.setattr("gateway.proxy.UPLOAD_LIMIT", 5 * MIB)
    reader, writer = await asyncio.open_connection("127.0.0.1", attacked.port)
    writer.write(f"POST {path} HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    sent = 0

    async def pour() -> None:
        nonlocal sent
        piece = b"x" * 65536
        with contextlib.suppress(OSError):
            while True:
                writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                await writer.drain()
                sent += len(piece)

    pouring = asyncio.create_task(pour())
    answered = await answer_from(reader)
    # The connection itself is ended, whatever is still poured.
    async with asyncio.timeout(60):
        await pouring
    writer.close()
    assert (answered.status, answered.code) == (413, "body_too_large")
    assert sent < 40 * MIB
    assert not [seen for seen in attacked.service.seen if seen.path == path]


async def test_a_body_that_trickles_is_cut_by_the_deadline(tmp_path: Path, monkeypatch):
    async with under_attack("httptools", tmp_path, monkeypatch, deadline=DEADLINE) as attacked:
        reader, writer = await asyncio.open_connection("127.0.0.1", attacked.port)
        writer.write(b"POST /v1/people HTTP/1.1\r\nHost: g\r\nContent-Length: 1000\r\n\r\n")
        started, sent = time.monotonic(), 0

        async def trickle() -> None:
            nonlocal sent
            with contextlib.suppress(OSError):
                while True:
                    writer.write(b"x")
                    await writer.drain()
                    sent += 1
                    await asyncio.sleep(0.1)

        trickling = asyncio.create_task(trickle())
        answered = await answer_from(reader)
        assert await reader.read() == b""
        trickling.cancel()
        writer.close()
    assert (answered.status, answered.code) == (408, "request_timeout")
    assert time.monotonic() - started >= DEADLINE * 0.8
    # By what came meanwhile, not by the clock: on a busy machine both are slow together.
    assert sent < (DEADLINE + 3) / 0.1


async def test_a_hundred_slow_senders_keep_nobody_else_waiting(tmp_path: Path, monkeypatch):
    async with under_attack("httptools", tmp_path, monkeypatch, deadline=PATIENCE) as attacked:
        slow = []
        for _ in range(100):
            reader, writer = await asyncio.open_connection("127.0.0.1", attacked.port)
            writer.write(b"POST /v1/people HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nxx")
            slow.append((asyncio.create_task(reader.read(1)), writer))
        answered = await attacked.send("GET /v1/people HTTP/1.1")
        unanswered = [not waiting.done() for waiting, _ in slow]
        for waiting, writer in slow:
            waiting.cancel()
            writer.close()
    assert answered.status == 200
    assert all(unanswered)


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (["X-A: " + "a" * 40_000], 431),
        ([f"X-{n}: 1" for n in range(150)], 431),
    ],
)
async def test_too_many_headers_are_refused(attacked: Attacked, lines: list[str], status: int):
    answered = await attacked.send("GET /v1/people HTTP/1.1", *lines)
    assert answered.status in {status, 400}  # h11 has a limit of its own, and says 400
    assert not attacked.reached


async def test_an_endless_address_is_refused(attacked: Attacked):
    answered = await attacked.send(f"GET /v1/people?q={'a' * 9000} HTTP/1.1")
    assert answered.status == 414
    assert not attacked.reached


# --- what is refused is told, and what is allowed still passes --------------------------------------------------------


async def test_an_honest_request_passes_beside_all_this(attacked: Attacked):
    authorization = f"Authorization: Bearer {token(person())}"
    body = json.dumps({"a": 1}).encode()
    answered = await attacked.send(
        "POST /v1/people HTTP/1.1",
        authorization,
        f"Content-Length: {len(body)}",
        "Content-Type: application/json",
        body=body,
    )
    assert answered.status == 200
    assert attacked.service.seen[-1].body == body
    assert attacked.headers_of_last()["authorization"] == authorization.partition(": ")[2]


@pytest.mark.parametrize(
    "forged",
    ["a.b.c", "eyJhbGciOiJub25lIn0.e30.", "", "x" * 20_000],
)
async def test_a_forged_token_reaches_nobody(attacked: Attacked, forged: Any):
    answered = await attacked.send("GET /v1/people HTTP/1.1", f"Authorization: Bearer {forged}")
    assert answered.status == 401
    assert not attacked.reached
