"""Coming back from a provider: who it is, whether they may come in, and with what."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.rows import existing
from chassis.problems import Problem
from chassis.runtime import Runtime
from chassis.secrets import hash_of
from services.membership.credentials.queries import has_password
from services.membership.identities.models import Identity
from services.membership.identities.queries import open_identities, was_in
from services.membership.identities.service import link
from services.membership.people.models import Person
from services.membership.people.rules import Status, identifier_key
from services.membership.platform_roles.queries import platform_roles_of
from services.membership.privacy.service import agree
from services.membership.providers import rules
from services.membership.providers.beginning import asked_of, cookie_name, key_of
from services.membership.providers.interface import LONGEST_SESSION, Identified
from services.membership.providers.kinds import provider_of
from services.membership.providers.models import LoginCode, UsedState
from services.membership.providers.problems import (
    IDENTITY_LINK_FIRST,
    IDENTITY_UNKNOWN,
    LOGIN_CODE_INVALID,
    LOGIN_STATE_INVALID,
    PROVIDER_REFUSED,
)
from services.membership.providers.while_logged_in import active, alike_of, new_identity, open_one, use_own
from services.membership.sessions import service as sessions
from services.membership.sessions.problems import ACCOUNT_INACTIVE


@dataclass(frozen=True, slots=True)
class CameBack:
    """What the browser came back with."""

    provider: str
    state: str
    code: str | None
    issuer: str | None
    user_agent: str | None
    request_id: str | None


@dataclass(frozen=True, slots=True)
class Entered:
    """Where the browser goes on to: `tokens` for its cookie, or else what the app is told."""

    begun: rules.Begun
    told: dict[str, str]
    tokens: sessions.Tokens | None = None


def begun_in(runtime: Runtime, came: CameBack, cookies: dict[str, str]) -> rules.Begun:
    """The log-in that the browser began. Raises `LOGIN_STATE_INVALID` if it did not, or too long ago."""
    cookie = cookies.get(cookie_name(came.state), "")
    begun = rules.from_cookie(key_of(runtime), cookie, state=came.state, provider=came.provider, now=runtime.clock())
    if begun is None:
        raise LOGIN_STATE_INVALID()
    return begun


async def come_back(runtime: Runtime, begun: rules.Begun, came: CameBack) -> Entered:
    """Let in who comes back, once. Raises what keeps them out."""
    adapter = provider_of(runtime, came.provider)
    async with runtime.database.transaction(request_id=came.request_id) as session:
        await use_once(session, f"state:{came.state}", runtime.clock())
    if came.code is None:
        # They changed their mind, or the provider did not let them go on.
        raise PROVIDER_REFUSED()
    asked = asked_of(runtime, came.provider, came.state, again_since=begun.at if begun.again else None)
    who = await adapter.identify(came.code, asked, issuer=came.issuer)

    async def settled() -> Entered:
        async with runtime.database.transaction(request_id=came.request_id) as session:
            return await _settle(session, runtime, begun, came, who)

    return await runtime.lines.run(settled)


async def fetch(
    runtime: Runtime, provider: str, code: str, verifier: str, *, user_agent: str | None, request_id: str | None
) -> sessions.Tokens:
    """The session of a log-in, for the app that began it; once. Raises `LOGIN_CODE_INVALID`, `ACCOUNT_INACTIVE`."""
    now = runtime.clock()

    async def fetched() -> sessions.Tokens | Problem:
        async with runtime.database.transaction(request_id=request_id) as session:
            statement = select(LoginCode).where(col(LoginCode.code_hash) == hash_of(code)).with_for_update()
            row = (await session.exec(statement)).first()
            if row is None or row.provider != provider or row.expires_at <= now:
                raise LOGIN_CODE_INVALID()
            if not secrets.compare_digest(row.verifier_hash, hash_of(verifier)):
                raise LOGIN_CODE_INVALID()
            await session.delete(row)
            person = await existing(session, Person, row.person_id, lock=True)
            identity = await existing(session, Identity, row.identity_id)
            if person.status != Status.ACTIVE or identity.closed_at is not None:
                return ACCOUNT_INACTIVE()
            return await sessions.start(
                session, runtime, person, transport="body", user_agent=user_agent, now=now, by=_by(row)
            )

    outcome = await runtime.lines.run(fetched)
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


async def use_once(session: AsyncSession, what: str, now: datetime) -> None:
    """Note that this came. Raises `LOGIN_STATE_INVALID` if it came before."""
    digest = hash_of(what)
    if await session.get(UsedState, digest) is not None:
        raise LOGIN_STATE_INVALID()
    session.add(UsedState(digest=digest, used_at=now))
    await session.flush()


async def _settle(
    session: AsyncSession, runtime: Runtime, begun: rules.Begun, came: CameBack, who: Identified
) -> Entered:
    now = runtime.clock()
    if begun.person_id is not None:
        return Entered(begun, await use_own(session, begun, who, now))
    person = await _whose(session, who)
    await _agree_at_first(session, person, begun.notice_version, now)
    identity = await open_one(session, who)
    if identity is None:
        identity = await link(session, new_identity(who, person.id, "employee_no", now), None)
    elif identity.person_id != person.id:
        raise IDENTITY_UNKNOWN()
    identity.last_used_at = now
    by = sessions.ByProvider(
        provider=who.provider,
        identity_id=identity.id,
        provider_session=who.session,
        ends_at=rules.ends_at(now, who.lasts, LONGEST_SESSION),
        proved_at=await _proved_at(session, runtime, person, who, now),
        methods=sessions.BOTH if who.second_factor else "",
    )
    if begun.transport == "cookie":
        tokens = await sessions.start(
            session, runtime, person, transport="cookie", user_agent=came.user_agent, now=now, by=by
        )
        return Entered(begun, {}, tokens)
    code = secrets.token_urlsafe(32)
    session.add(
        LoginCode(
            code_hash=hash_of(code),
            verifier_hash=begun.verifier_hash or "",
            provider=by.provider,
            identity_id=by.identity_id,
            person_id=person.id,
            provider_session=by.provider_session,
            ends_at=by.ends_at,
            proved_at=by.proved_at,
            methods=by.methods,
            expires_at=now + rules.CODE_LASTS,
        )
    )
    return Entered(begun, {"login_code": code})


async def _agree_at_first(session: AsyncSession, person: Person, version: int | None, now: datetime) -> None:
    """Who comes in for the first time agrees to the privacy notice, as who activates their account by a code does.

    Raises `PRIVACY_NOTICE_NOT_AGREED`.
    """
    if not await has_password(session, person.id) and not await was_in(session, person.id):
        await agree(session, person.id, version, "activation", now)


async def _proved_at(
    session: AsyncSession, runtime: Runtime, person: Person, who: Identified, now: datetime
) -> datetime | None:
    """When they proved who they are. Where nobody can say it, coming is the proof of who has nothing else here to prove it by."""
    if who.proved_at is not None or provider_of(runtime, who.provider).proves_again:
        return who.proved_at
    return None if await has_password(session, person.id) else now


async def _whose(session: AsyncSession, who: Identified) -> Person:
    """The person who comes in, locked. Raises what keeps them out; what a provider calls somebody counts before a number does."""
    alike = await alike_of(session, who)
    known = next((one for one in alike if one.closed_at is None), None)
    if known is not None:
        return await active(session, known.person_id)
    person = await _numbered(session, who.employee_no) if who.employee_no is not None else None
    if person is None:
        for one in alike:
            await active(session, one.person_id)
        raise IDENTITY_UNKNOWN()
    person = await active(session, person.id)
    if any(one.person_id != person.id for one in alike):
        # It was somebody else's: only people can say whose it is now.
        raise IDENTITY_UNKNOWN()
    if await platform_roles_of(session, person.id):
        raise IDENTITY_LINK_FIRST()
    if await _has_another(session, person.id, who):
        # A number links at first. Later it may be in an account that somebody set up to be taken for them.
        raise IDENTITY_LINK_FIRST()
    return person


async def _has_another(session: AsyncSession, person_id: UUID, who: Identified) -> bool:
    """Whether the same provider calls the person something else: what it calls them is changed by people, or they link both."""
    mine = await open_identities(session, person_id)
    there = [one for one in mine if (one.provider, one.tenant, one.kind) == (who.provider, who.tenant, who.kind)]
    # The same may have been linked meanwhile, in another tab.
    return any(one.subject != who.subject for one in there)


async def _numbered(session: AsyncSession, employee_no: str) -> Person | None:
    found = await session.exec(select(Person).where(col(Person.employee_key) == identifier_key(employee_no)))
    return found.first()


def _by(row: LoginCode) -> sessions.ByProvider:
    return sessions.ByProvider(
        provider=row.provider,
        identity_id=row.identity_id,
        provider_session=row.provider_session,
        ends_at=row.ends_at,
        proved_at=row.proved_at,
        methods=row.methods,
    )
