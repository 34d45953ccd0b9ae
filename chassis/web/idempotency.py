"""`Idempotency-Key`: a repeated request has one effect and gets the first answer.

The key is a row of the service that owns the path, written in the transaction of the effect: there is no moment at which one
exists without the other. A duplicate that arrives meanwhile waits in line for the first, or on the row's unique key.

The row says neither whose it is nor what they were answered: who asks a question without a name would stand beside it. Caller and key
together find it and open it; the key is kept nowhere.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import String, Table, and_, bindparam, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from chassis.database.context import context_of
from chassis.database.lines import taking
from chassis.database.statements import Prepared
from chassis.problems import IDEMPOTENCY_IN_PROGRESS, IDEMPOTENCY_KEY_REUSED, INVALID, FieldError
from chassis.security.caller import Caller
from chassis.web.uploads import received_upload

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT = timedelta(days=1)
KEPT_LONG = timedelta(days=7)
"""How long a key is kept; of what somebody writes on a phone that has no network over a weekend, long."""
MAX_LENGTH = 255


@dataclass(eq=False)
class Replay(Exception):
    """Leaves the transaction with the first answer in hand."""

    status_code: int
    body: bytes
    location: str | None

    def response(self) -> Response:
        """The first answer once more, marked as such."""
        headers = {REPLAYED: "true", "Cache-Control": "no-store"}
        if self.location is not None:
            headers["Location"] = self.location
        return Response(self.body, status_code=self.status_code, media_type="application/json", headers=headers)


@dataclass
class IdempotentRequest:
    """One request that carries a key: the first of its name, or a repetition of `first`."""

    session: AsyncSession
    caller: str
    operation: str
    key: str
    digest: str
    first: Replay | None = None

    async def claim(self, now: datetime) -> None:
        """Make this request the first of its key, or find the first one's answer.

        Raises `IDEMPOTENCY_KEY_REUSED` for another body, `IDEMPOTENCY_IN_PROGRESS` when the first is still running after a few seconds.
        """
        if await _insert(self, now):
            return
        row = await _first(self)
        if row is None or row.status_code is None:
            raise IDEMPOTENCY_IN_PROGRESS()
        if row.request_hash != self.digest:
            raise IDEMPOTENCY_KEY_REUSED()
        self.first = Replay(row.status_code, self._sealed(row.body), row.location)

    def replay(self) -> None:
        """Answer a repetition; called as soon as the caller is known to be allowed."""
        if self.first is not None:
            raise self.first

    async def remember(self, response: Response) -> None:
        """Keep the answer beside the effect; whatever a repetition has done until here is undone."""
        self.replay()
        statements = _statements(context_of(self.session).tables.chassis.idempotency_keys)
        if response.status_code >= 300:
            # A refusal that was to leave a trace: it is committed, and the key is free for another try.
            await statements.forget.run(self.session, **self.name())
            return
        await statements.remember.run(
            self.session,
            **self.name(),
            status_code=response.status_code,
            body=self._sealed(bytes(response.body)),
            location=response.headers.get("location"),
        )

    def name(self) -> dict[str, str]:
        """What it is known by, as the statements have it."""
        kind, _, _ = self.caller.partition(":")
        return {"caller_": kind, "operation_": self.operation, "key_": hashlib.sha256(self._secret()).hexdigest()}

    def _secret(self) -> bytes:
        return f"{self.caller}\n{self.operation}\n{self.key}".encode()

    def _sealed(self, body: bytes) -> bytes:
        """A body as it is kept, and one that is kept as it was: sealed twice it is open."""
        with_ = hashlib.shake_256(self._secret()).digest(len(body))
        return (int.from_bytes(body) ^ int.from_bytes(with_)).to_bytes(len(body))


async def keyed_request(request: Request, session: AsyncSession, caller: Caller, operation: str) -> None:
    """Note the request's key with its session; `claim_key` claims it."""
    key = request.headers[HEADER]
    if not 0 < len(key) <= MAX_LENGTH or not key.isprintable():
        raise INVALID(
            errors=[
                FieldError(
                    "#/header/idempotency-key",
                    "length",
                    "1 to 255 printable characters",
                    "须为 1 至 255 个可打印字符。",
                )
            ]
        )
    mine = IdempotentRequest(
        session=session, caller=caller.actor, operation=operation, key=key, digest=await _digest(request)
    )
    context_of(session).idempotency = request.state.keyed = mine


async def claim_key(request: Request) -> None:
    """Claim the request's key, if it has one: after the request was found valid, before any effect."""
    mine: IdempotentRequest | None = request.state.keyed
    if mine is not None:
        await mine.claim(request.app.state.runtime.clock())


async def _insert(mine: IdempotentRequest, now: datetime) -> bool:
    session = mine.session
    statements = _statements(context_of(session).tables.chassis.idempotency_keys)
    # One at a time: who repeats it needs the answer, not the row.
    with taking((HEADER, mine.caller, mine.operation, mine.key), IDEMPOTENCY_IN_PROGRESS(), turns=1):
        inserted = await statements.claim.run(session, **mine.name(), request_hash=mine.digest, created_at=now)
    return inserted > 0


async def _first(mine: IdempotentRequest) -> Any:
    statements = _statements(context_of(mine.session).tables.chassis.idempotency_keys)
    return await statements.first.first(mine.session, **mine.name())


@dataclass(frozen=True)
class _Statements:
    claim: Prepared[Any]
    first: Prepared[Any]
    remember: Prepared[Any]
    forget: Prepared[Any]


@lru_cache(maxsize=64)
def _statements(keys: Table) -> _Statements:
    caller, operation, key = (bindparam(f"{name}_", type_=String) for name in ("caller", "operation", "key"))
    mine = and_(keys.c.caller == caller, keys.c.operation == operation, keys.c.key == key)
    named: dict[str, Any] = {"caller": caller, "operation": operation, "key": key}
    given: dict[str, Any] = {name: bindparam(name) for name in ("request_hash", "created_at")}
    answer: dict[str, Any] = {name: bindparam(name) for name in ("status_code", "body", "location")}
    return _Statements(
        claim=Prepared(lambda on: on.insert(keys).values(**named, **given).on_conflict_do_nothing()),
        first=Prepared(select(keys).where(mine)),
        remember=Prepared(update(keys).where(mine).values(answer)),
        forget=Prepared(delete(keys).where(mine)),
    )


async def _digest(request: Request) -> str:
    """A hash of what the request asks for: path, query and body."""
    digest = hashlib.sha256(f"{request.url.path}?{request.url.query}\n".encode())
    if (upload := received_upload(request)) is not None:
        upload.hash_into(digest)
    else:
        digest.update(await request.body())
    return digest.hexdigest()
