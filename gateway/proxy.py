"""The data plane: bare ASGI. It parses and buffers only what it must.

FastAPI with httpx takes several times the CPU for the same work (decision 8; benchmarks/proxy.py).
"""

import asyncio
import logging
import re
import time
from collections.abc import Hashable
from typing import Any, Final
from urllib.parse import unquote

from starlette.types import Message, Receive, Scope, Send

from chassis.ids import new_id
from chassis.logs import request_id_var
from chassis.metrics import requests
from chassis.problems import BAD_REQUEST, BODY_TOO_LARGE, INTERNAL_ERROR, METHOD_NOT_ALLOWED, Problem
from chassis.security.caller import Caller
from chassis.security.tokens import TokenVerifier
from gateway.bodies import BODY_LIMIT, UPLOAD_LIMIT, Body, ClientGone, is_upload
from gateway.cors import Origins
from gateway.guards import Guard
from gateway.headers import Head, Proxies, address_key, read_head
from gateway.limits import Limits, feed_in, is_login, makes_link, proves_client, proves_something
from gateway.live.stream import Stream
from gateway.live.streams import Streams
from gateway.live.tickets import Tickets, ticket_in
from gateway.problems import (
    BAD_GATEWAY,
    GATEWAY_TIMEOUT,
    REQUEST_TIMEOUT,
    SERVICE_UNAVAILABLE,
    unknown_outcome,
)
from gateway.replies import Reply
from gateway.revocations import Issued, Revocations
from gateway.routing import GATEWAY, is_untold, service_for
from gateway.upstream import Broken, Outgoing, Unreachable, Upstream

DEADLINE_SECONDS: Final = 10.0
"""From the first byte to the beginning of the answer, the body's arrival included. A file on its way, in either direction, may
take longer as long as something of it moves within this time."""

WATCH_AFTER_SECONDS: Final = 0.25

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
METHODS = SAFE | {"POST", "PUT", "PATCH", "DELETE"}
_ENDS_CONNECTION = frozenset({400, 408, 413, 414, 431})
_QUIET = frozenset({b"/livez", b"/readyz", b"/metrics"})
_REQUEST_ID = re.compile(rb"[A-Za-z0-9_.\-]{8,64}")

log = logging.getLogger("qunxue.access")


class Proxy:
    """What stands between a request and its service, in the contract's order of refusals: 413, 401, 429, then the service's own."""

    def __init__(
        self,
        *,
        upstreams: dict[str, Upstream],
        guards: dict[str, Guard],
        verifier: TokenVerifier,
        revocations: Revocations,
        limits: Limits,
        proxies: Proxies,
        origins: Origins,
        streams: Streams,
        tickets: Tickets,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self._upstreams = upstreams
        self._guards = guards
        self._verifier = verifier
        self._revocations = revocations
        self._limits = limits
        self._proxies = proxies
        self._origins = origins
        self._streams = streams
        self._tickets = tickets
        self._deadline = deadline_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request, see ASGI."""
        started = time.perf_counter()
        request_id = _request_id(scope)
        reset = request_id_var.set(request_id)
        reply = Reply(send, request_id, bodiless=scope["method"] == "HEAD")
        service = "none"
        body: Body | None = None
        try:
            try:
                head = read_head(scope["headers"])
                if scope["http_version"] == "1.1" and b"host" not in head.noted:
                    raise BAD_REQUEST("HTTP/1.1 needs the header Host.", "HTTP/1.1 请求必须带有 Host 标头。")
                reply.language = head.noted.get(b"accept-language")
                reply.added += self._origins.headers(head)
                raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
                if self._origins.is_preflight(scope["method"], head):
                    await reply.empty(204, self._origins.preflight(head))
                    return
                body = Body(receive, head, UPLOAD_LIMIT if is_upload(scope["method"], raw_path) else BODY_LIMIT)
                service = service_for(raw_path, scope["query_string"])
                await self._pass(scope, raw_path, service, head, body, reply)
                if reply.opening is not None:
                    await self._stream(scope, head, body, reply)
            except Problem as problem:
                await self._refuse(problem, reply, body or _unread(receive))
        except ClientGone:
            reply.status = reply.status or 499
        finally:
            request_id_var.reset(reset)
            self._record(scope, service, reply, started)

    async def _pass(self, scope: Scope, raw_path: bytes, service: str, head: Head, body: Body, reply: Reply) -> None:
        method: str = scope["method"]
        if method not in METHODS:
            raise METHOD_NOT_ALLOWED()
        body.check_declared()
        upload = body.limit == UPLOAD_LIMIT
        peer = scope["client"][0] if scope.get("client") else None
        client = self._proxies.client(peer, head)
        address = address_key(client)
        holder: Hashable = address
        trying: str | None = None
        link: bytes | None = None
        timeout = asyncio.timeout(self._deadline)
        try:
            async with timeout:
                if head.chunked and not upload:
                    await body.gather(address)
                    head.forwarded.append((b"content-length", str(body.declared).encode()))
                authorization = await self._authorization(scope, raw_path, address, head)
                caller = await self._identify(authorization, proves_client(method, raw_path))
                holder = caller.id if caller is not None else address
                reply.added += self._limits.check(caller)
                if (link := feed_in(method, raw_path)) is not None:
                    reply.added += self._limits.check_feed(link)
                reply.added += self._limits.check_serial(raw_path, address)
                if makes_link(method, raw_path):
                    reply.added += self._limits.check_new_link(caller)
                if not upload:
                    # A body that comes slowly, or never, takes up nothing that others wait for.
                    await body.gather(holder)
                if is_login(method, raw_path):
                    reply.added += await self._limits.begin_login(address)
                    trying = address
                    # The wait for others at the same address was not the service's.
                    timeout.reschedule(asyncio.get_running_loop().time() + self._deadline)
                if method not in SAFE:
                    self._revocations.check_fresh()
                scheme = self._proxies.scheme(peer, scope["scheme"], head)
                head.forwarded += (
                    (b"x-request-id", reply.request_id.encode()),
                    (b"x-forwarded-for", client.encode()),
                    (b"x-forwarded-proto", scheme.encode()),
                )
                outgoing = Outgoing(
                    holder=holder,
                    service=service,
                    # Whoever answers GET answers HEAD; the reply leaves the body out.
                    method="GET" if method == "HEAD" else method,
                    path=unquote(raw_path.decode("ascii")),
                    raw_path=raw_path,
                    query=scope["query_string"],
                    headers=head.forwarded,
                    client=client,
                    scheme=scheme,
                    request_id=reply.request_id,
                )
                await self._forward(outgoing, body, reply, _Pace(timeout, self._deadline, body if upload else None))
        except TimeoutError:
            if timeout.expired() and not reply.started and not body.awaited:
                self._guards[service].too_slow(holder, self._deadline)
            self._refuse_slow(service, method, body, reply)
        finally:
            self._limits.end_serial(raw_path, address, reply.status)
            if link is not None:
                self._limits.end_feed(link, reply.status)
            if trying is not None:
                # Who comes back from a provider is sent on.
                succeeded = reply.started and 200 <= reply.status < 400
                self._limits.end_login(trying, succeeded=succeeded and proves_something(raw_path))

    async def _authorization(self, scope: Scope, raw_path: bytes, address: str, head: Head) -> bytes | None:
        """The header of that name. Who shows a ticket for a stream is from here on who has sent the header that it stands for."""
        authorization = head.noted.get(b"authorization")
        if authorization is None and (shown := ticket_in(scope["method"], raw_path, scope["query_string"])) is not None:
            self._limits.begin_ticket(address)
            authorization = await self._tickets.redeem(shown)
            self._limits.end_ticket(address)
            head.noted[b"authorization"] = authorization
            head.forwarded.append((b"authorization", authorization))
        return authorization

    async def _stream(self, scope: Scope, head: Head, body: Body, reply: Reply) -> None:
        """No deadline, place or breaker stands over it: it goes on for hours, and no service works for it meanwhile."""
        issued = Issued.of(head.noted[b"authorization"])
        opening, reply.opening = reply.opening, None
        # Nobody reads them any more, and they would be kept for hours by each.
        head.forwarded.clear()
        head.noted.clear()
        if isinstance(scope["headers"], list):
            scope["headers"].clear()
        await self._streams.run(opening, issued, body, reply, scope)

    async def _identify(self, authorization: bytes | None, by_basic: bool) -> Caller | None:
        """The caller, None for nobody. Raises 401 for a token that is not good, 503 while that cannot be known.

        A program that asks for its token may say by HTTP Basic who it is: the service looks at that.
        """
        if authorization is None or (by_basic and authorization[:6].lower() == b"basic "):
            return None
        caller = await self._verifier.authenticate(authorization.decode("latin-1"))
        if caller is not None:
            self._revocations.check(caller, authorization)
        return caller

    async def _forward(self, outgoing: Outgoing, body: Body, reply: Reply, pace: "_Pace") -> None:
        service = outgoing.service
        upstream, guard = self._upstreams.get(service), self._guards[service]
        if upstream is None or not upstream.serves(service):
            raise SERVICE_UNAVAILABLE(service=service)
        if body.limit == UPLOAD_LIMIT:
            body.progress = pace.move
        sending = _Sending(body, reply, pace)
        with guard.request(outgoing.holder, upload=body.limit == UPLOAD_LIMIT):
            await self._ask(upstream, guard, outgoing, sending)
        if sending.held:
            await body.linger()
            await reply.end()
        elif body.over and not reply.started:
            raise BODY_TOO_LARGE(limit=body.limit)
        elif body.gone and not reply.started:
            raise ClientGone

    async def _ask(self, upstream: Upstream, guard: Guard, outgoing: Outgoing, sending: "_Sending") -> None:
        """Ask the service; once more where that is harmless and the first time failed."""
        body, reply = sending.body, sending.reply
        retriable = outgoing.method in {"GET", "HEAD"} and body.empty
        with _Watch(body, retriable) as watch:
            while True:
                try:
                    await upstream.forward(outgoing, body, sending)
                except asyncio.CancelledError:
                    watch.raise_if_gone()
                    raise
                except Exception as error:
                    if body.over or body.gone:
                        return
                    problem = self._failure(outgoing, guard, error, reply)
                    if reply.started:
                        # Half an answer is out: to end the connection is the only way left to say that it is not whole.
                        return
                    if retriable and problem.type is not INTERNAL_ERROR and guard.may_retry():
                        retriable = False
                        continue
                    raise problem from error
                guard.answered()
                return

    def _failure(self, outgoing: Outgoing, guard: Guard, error: Exception, reply: Reply) -> Problem:
        service = outgoing.service
        if isinstance(error, Unreachable):
            guard.failed()
            return SERVICE_UNAVAILABLE(service=service)
        if isinstance(error, Broken):
            guard.failed()
            return BAD_GATEWAY(*unknown_outcome(outgoing.method), service=service)
        logging.getLogger("qunxue.gateway").error("a service failed", exc_info=error, extra={"service": service})
        return INTERNAL_ERROR()

    def _refuse_slow(self, service: str, method: str, body: Body, reply: Reply) -> None:
        """The deadline passed. It is the client's fault if the body is still arriving, else the service's."""
        if reply.started:
            return
        if body.awaited:
            raise REQUEST_TIMEOUT()
        raise GATEWAY_TIMEOUT(*unknown_outcome(method), service=service)

    async def _refuse(self, problem: Problem, reply: Reply, body: Body) -> None:
        """Answer with a problem; a client that is still sending is heard for a moment, so that it gets to read it."""
        status = problem.type.status
        reply.close = status in _ENDS_CONNECTION or body.lots_left
        hold = reply.close and status != REQUEST_TIMEOUT.status
        await reply.problem(problem, hold=hold)
        if hold:
            await body.linger()
            await reply.end()

    def _record(self, scope: Scope, service: str, reply: Reply, started: float) -> None:
        now = time.perf_counter()
        stream: Stream | None = reply.stream
        # How long it took until it was open: how long it was, says the log alone.
        seconds = (now if stream is None else stream.opened_at) - started
        method = scope["method"] if scope["method"] in METHODS else "other"
        requests.answered(GATEWAY, method, service, reply.status, seconds)
        path = scope.get("raw_path") or b""
        if log.isEnabledFor(logging.INFO) and path not in _QUIET and not is_untold(method, path):
            extra: dict[str, Any] = {
                "service": GATEWAY,
                "method": method,
                "route": service,
                "status": reply.status,
                "ms": round(seconds * 1000, 2),
                "request_id": reply.request_id,
            }
            if stream is not None:
                extra |= {
                    "stream_seconds": round(now - stream.opened_at, 1),
                    "events": stream.sent,
                    "ended": stream.ended or "left",
                }
            log.info("request", extra=extra)


class _Pace:
    """Moves the deadline on where something moves: an upload's pieces, and an answer's once it has begun."""

    __slots__ = ("_began", "_seconds", "_timeout", "_upload")

    def __init__(self, timeout: asyncio.Timeout, seconds: float, upload: Body | None) -> None:
        self._timeout = timeout
        self._seconds = seconds
        self._upload = upload
        self._began = asyncio.get_running_loop().time()

    def move(self) -> None:
        """Start the time again, unless the file arrives too slowly."""
        now = asyncio.get_running_loop().time()
        if self._timeout.expired():
            return
        if self._upload is not None and not self._upload.complete and self._upload.is_too_slow(now - self._began):
            return
        self._timeout.reschedule(now + self._seconds)


class _Sending:
    """The reply as a service's `send`. It knows how far the request's body was sent."""

    __slots__ = ("_pace", "body", "held", "reply")

    def __init__(self, body: Body, reply: Reply, pace: _Pace) -> None:
        self.body = body
        self.reply = reply
        self._pace = pace
        self.held = False
        """Whether the answer is complete to the client, and its connection kept until it has stopped sending."""

    async def __call__(self, message: Message) -> None:
        """See ASGI."""
        if self.body.over and not self.reply.started:
            return
        if message["type"] == "http.response.start":
            self.reply.close = self.body.lots_left
        elif message.get("more_body"):
            self._pace.move()
        elif self.reply.close and not self.body.complete:
            self.held = True
            message = {**message, "more_body": True}
        await self.reply(message)


class _Watch:
    """Gives a read up when its client has left; begins late, since nearly every answer is there before."""

    __slots__ = ("_asking", "_body", "_gone", "_handle", "_task", "_wanted")

    def __init__(self, body: Body, wanted: bool) -> None:
        self._body = body
        self._wanted = wanted
        self._asking: asyncio.Task[Any] | None = None
        self._task: asyncio.Task[None] | None = None
        self._handle: asyncio.TimerHandle | None = None
        self._gone = False

    def __enter__(self) -> "_Watch":
        if self._wanted:
            self._asking = asyncio.current_task()
            self._handle = asyncio.get_running_loop().call_later(WATCH_AFTER_SECONDS, self._begin)
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._handle is not None:
            self._handle.cancel()
        if self._task is not None:
            self._task.cancel()

    def raise_if_gone(self) -> None:
        """Raise `ClientGone` if the cancellation was ours."""
        if self._gone and self._asking is not None:
            self._asking.uncancel()
            raise ClientGone

    def _begin(self) -> None:
        self._task = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        await self._body.disconnected()
        self._gone = True
        if self._asking is not None:
            self._asking.cancel()


def _unread(receive: Receive) -> Body:
    """The body of a request whose headers were refused. It is unknown whether there is one."""
    return Body(receive, Head([], {b"transfer-encoding": b"unknown"}), 0)


def _request_id(scope: Scope) -> str:
    """The id that came with the request, if it is harmless, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return str(value.decode("ascii"))
    return new_id().hex
