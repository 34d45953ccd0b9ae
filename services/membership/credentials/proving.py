"""Proving who one is: the password, the waiting after failures, and what both must not give away."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.problems import Problem
from chassis.runtime import Runtime
from services.membership.credentials.guessing import account_of, refuse_if_early, settle_guess
from services.membership.credentials.models import Credential, LoginFailures
from services.membership.credentials.passwords import hashing
from services.membership.credentials.problems import LOGIN_FAILED
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
        refuse_if_early(await session.get(LoginFailures, account), now)
        # Look up a credential for unknown accounts too, so that both cases take the same time.
        credential = await session.get(Credential, person.id if person else NOBODY)
    kept = credential.password_hash if credential else None
    return Proof(account, person, kept, await hashing.verify(password, kept))


async def settle(session: AsyncSession, proof: Proof, now: datetime) -> Problem | None:
    """Count a failure or forget the earlier ones; returns the refusal, which must be committed."""

    async def right() -> bool:
        current = await session.get(Credential, proof.person.id if proof.person else NOBODY)
        return proof.right and current is not None and current.password_hash == proof.kept

    return await settle_guess(session, proof.account, right, refusal=LOGIN_FAILED(headers=BEARER), now=now)


def _account(person: Person | None, login: str) -> str:
    return account_of(f"person:{person.id}" if person else f"login:{identifier_key(login)}")
