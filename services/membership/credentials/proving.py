"""Proving who one is: the password, the waiting after failures, and what both must not give away."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.lines import taking
from chassis.database.statements import upsert
from chassis.problems import Problem
from chassis.runtime import Runtime
from services.membership.credentials import rules
from services.membership.credentials.models import Credential, LoginFailures
from services.membership.credentials.passwords import hashing
from services.membership.credentials.problems import LOGIN_FAILED, LOGIN_MUST_WAIT
from services.membership.people.models import Person
from services.membership.people.queries import person_of_login
from services.membership.people.rules import identifier_key

NOBODY = UUID(int=0)
BEARER = {"WWW-Authenticate": "Bearer"}


@dataclass(frozen=True)
class Proof:
    """Whose password was checked, against which hash, and whether it was right."""

    account: str
    person: Person | None
    kept: str | None
    right: bool


async def prove(runtime: Runtime, login: str, password: str) -> Proof:
    """Check a password, outside any transaction. Raises `LOGIN_MUST_WAIT` without looking at it when it is too early."""
    now = runtime.clock()
    async with runtime.database.reading() as session:
        person = await person_of_login(session, login)
        account = _account(person, login)
        _refuse_if_early(await session.get(LoginFailures, account), now)
        # Look up a credential for unknown accounts too, so that both cases take the same time.
        credential = await session.get(Credential, person.id if person else NOBODY)
    kept = credential.password_hash if credential else None
    return Proof(account, person, kept, await hashing.verify(password, kept))


async def settle(session: AsyncSession, proof: Proof, now: datetime) -> Problem | None:
    """Count a failure or forget the earlier ones; returns the refusal, which must be committed.

    Guesses sent at once were all checked, but one that was right counts only if its turn has not come too early.
    """
    statement = select(LoginFailures).where(col(LoginFailures.account) == proof.account).with_for_update()
    with taking((LoginFailures.__tablename__, proof.account)):
        row = (await session.exec(statement.execution_options(populate_existing=True))).first()
    failures = rules.failures_counted(row.failures, row.last_failed_at, now) if row else 0
    try:
        _refuse_if_early(row, now)
    except Problem as early:
        return early
    current = await session.get(Credential, proof.person.id if proof.person else NOBODY)
    if not proof.right or current is None or current.password_hash != proof.kept:
        values = {"account": proof.account, "failures": failures + 1, "last_failed_at": now}
        await session.execute(
            upsert(session, LoginFailures.__table__)  # type: ignore[attr-defined]
            .values(values)
            .on_conflict_do_update(
                index_elements=["account"],
                # Two first failures at once both see no row: the later one must not count as the first again.
                set_={
                    "failures": col(LoginFailures.failures) + 1 if row is None else failures + 1,
                    "last_failed_at": now,
                },
            )
        )
        return LOGIN_FAILED(headers=BEARER)
    await session.execute(delete(LoginFailures).where(col(LoginFailures.account) == proof.account))
    return None


def _refuse_if_early(row: LoginFailures | None, now: datetime) -> None:
    if row is None:
        return
    failures = rules.failures_counted(row.failures, row.last_failed_at, now)
    may_try_at = rules.may_try_at(failures, row.last_failed_at)
    if may_try_at is not None and now < may_try_at:
        wait = int((may_try_at - now).total_seconds()) + 1
        raise LOGIN_MUST_WAIT(
            retry_after=wait,
            headers={"RateLimit-Policy": '"login";q=1;w=' + str(wait), "RateLimit": f'"login";r=0;t={wait}'},
        )


def _account(person: Person | None, login: str) -> str:
    name = f"person:{person.id}" if person else f"login:{identifier_key(login)}"
    return hashlib.sha256(name.encode()).hexdigest()
