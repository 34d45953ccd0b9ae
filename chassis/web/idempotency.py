"""`Idempotency-Key`: a repeated request has one effect and gets the first answer.

The key is a row of the service that owns the path, written in the transaction of the effect: there is no moment at which one
exists without the other. A duplicate that arrives meanwhile waits on the row's unique key.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, and_, delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from chassis.database.context import context_of
from chassis.database.engine import ROW_WAIT_SECONDS
from chassis.database.errors import is_locked_row
from chassis.database.statements import insert_or_ignore, is_postgres
from chassis.problems import IDEMPOTENCY_IN_PROGRESS, IDEMPOTENCY_KEY_REUSED, INVALID, FieldError
from chassis.security.caller import Caller
from chassis.web.uploads import received_upload

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT_HOURS = 24
MAX_LENGTH = 255
WAIT_SECONDS = 5


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

        Raises `IDEMPOTENCY_KEY_REUSED` for another body, `IDEMPOTENCY_IN_PROGRESS` when the first is still running after 5 s.
        """
        if await _insert(self, now):
            return
        row = await _first(self)
        if row is None or row.status_code is None:
            raise IDEMPOTENCY_IN_PROGRESS()
        if row.request_hash != self.digest:
            raise IDEMPOTENCY_KEY_REUSED()
        self.first = Replay(row.status_code, row.body, row.location)

    def replay(self) -> None:
        """Answer a repetition; called as soon as the caller is known to be allowed."""
        if self.first is not None:
            raise self.first

    async def remember(self, response: Response) -> None:
        """Keep the answer beside the effect; whatever a repetition has done until here is undone."""
        self.replay()
        keys = context_of(self.session).tables.chassis.idempotency_keys
        if response.status_code >= 300:
            # A refusal that was to leave a trace: it is committed, and the key is free for another try.
            await self.session.execute(delete(keys).where(_is_mine(keys, self)))
            return
        await self.session.execute(
            update(keys)
            .where(_is_mine(keys, self))
            .values(
                status_code=response.status_code,
                body=bytes(response.body),
                location=response.headers.get("location"),
            )
        )


async def keyed_request(request: Request, session: AsyncSession, caller: Caller, operation: str) -> None:
    """Note the request's key with its session; `claim_key` claims it."""
    key = request.headers[HEADER]
    if not 0 < len(key) <= MAX_LENGTH or not key.isprintable():
        raise INVALID(errors=[FieldError("#/header/idempotency-key", "length", "1 to 255 printable characters")])
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
    keys = context_of(session).tables.chassis.idempotency_keys
    values = {
        "caller": mine.caller,
        "operation": mine.operation,
        "key": mine.key,
        "request_hash": mine.digest,
        "created_at": now,
    }
    postgres = is_postgres(session)
    try:
        if postgres:
            await session.execute(text(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'"))
        inserted = await session.execute(insert_or_ignore(session, keys).values(values).returning(keys.c.key))
        if postgres:
            await session.execute(text(f"SET LOCAL lock_timeout = '{ROW_WAIT_SECONDS * 1000:.0f}ms'"))
    except DBAPIError as error:
        if is_locked_row(error):
            raise IDEMPOTENCY_IN_PROGRESS() from error
        raise
    return inserted.first() is not None


async def _first(mine: IdempotentRequest) -> Row[Any] | None:
    keys = context_of(mine.session).tables.chassis.idempotency_keys
    return (await mine.session.execute(select(keys).where(_is_mine(keys, mine)))).first()


def _is_mine(keys: Table, mine: IdempotentRequest) -> Any:
    return and_(keys.c.caller == mine.caller, keys.c.operation == mine.operation, keys.c.key == mine.key)


async def _digest(request: Request) -> str:
    """A hash of what the request asks for: path, query and body."""
    digest = hashlib.sha256(f"{request.url.path}?{request.url.query}\n".encode())
    if (upload := received_upload(request)) is not None:
        upload.hash_into(digest)
    else:
        digest.update(await request.body())
    return digest.hexdigest()
