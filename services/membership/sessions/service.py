"""Sessions: families of refresh tokens, and what ends them."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, insert, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.ids import new_id
from chassis.runtime import Runtime
from chassis.secrets import hash_of
from chassis.security.caller import ASLEEP_SCOPE, PLATFORM_SCOPE, Caller
from chassis.security.tokens import LIFETIME
from services.membership.keys.service import issuers
from services.membership.people.models import Person
from services.membership.people.occasions import PeopleConcerned
from services.membership.people.rules import Status
from services.membership.platform_roles.queries import platform_roles_of
from services.membership.second_factors.grace import due_at
from services.membership.second_factors.occasions import Confirmed
from services.membership.second_factors.queries import has_second_factor
from services.membership.sessions import rules
from services.membership.sessions.models import LoginSession, RefreshTokenRow, Revocation
from services.membership.sessions.rules import Verdict

PASSWORD, OTP, BOTH = "pwd", "otp", "mfa"
BY_PASSWORD = (PASSWORD,)
BY_CODE = (PASSWORD, OTP, BOTH)
REFRESH_PREFIX = "qxr_"
"""Lets secret scanners recognise a refresh token that leaked."""


@dataclass(frozen=True)
class ByProvider:
    """Of a log-in by a provider: whose, by which identity, what the provider calls it, and when it ends.

    `proved_at` is when they proved there who they are, None if nobody knows, and `methods` what it says they proved it by.
    """

    provider: str
    identity_id: UUID
    provider_session: str | None
    ends_at: datetime
    proved_at: datetime | None
    methods: str


@dataclass(frozen=True)
class Tokens:
    """What a client gets for a session."""

    session: LoginSession
    access_token: str
    expires_in: int
    refresh_token: str

    @property
    def cookie_seconds(self) -> int:
        """How long a browser keeps the refresh token."""
        used, ends_at = self.session.last_used_at, self.session.ends_at
        return int((rules.IDLE if ends_at is None else min(rules.IDLE, ends_at - used)).total_seconds())


async def start(
    session: AsyncSession,
    runtime: Runtime,
    person: Person,
    *,
    transport: str,
    user_agent: str | None,
    now: datetime,
    by: ByProvider | None = None,
    methods: Collection[str] = (),
) -> Tokens:
    """Begin a session for a person who has proved who they are: here, by these methods (RFC 8176), or to a provider."""
    proved = {"proved_at": now, "methods": " ".join(sorted(methods))}
    started = LoginSession(
        person_id=person.id,
        started_at=now,
        last_used_at=now,
        transport=transport,
        user_agent=None if user_agent is None else user_agent[:200],
        **(proved if by is None else asdict(by)),
    )
    session.add(started)
    await session.flush()
    return await _tokens(session, runtime, started, now)


async def refresh(session: AsyncSession, runtime: Runtime, presented: str, now: datetime) -> Tokens | Verdict:
    """A successor for a refresh token, or why there is none.

    The refusal is a value, because it may have ended the family, and that must be committed.
    """
    row = (
        await session.exec(
            select(RefreshTokenRow)
            .where(col(RefreshTokenRow.token_hash) == hash_of(presented))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).first()
    if row is None:
        return Verdict.EXPIRED
    family = await _locked(session, row.session_id)
    verdict = rules.judge(
        rules.RefreshToken(
            family_started_at=family.started_at,
            family_revoked_at=family.revoked_at,
            issued_at=row.issued_at,
            used_at=row.used_at,
            # So that no access token outlives it either.
            family_ends_at=None if family.ends_at is None else family.ends_at - LIFETIME,
        ),
        now,
    )
    if verdict is Verdict.REUSED:
        await end(session, family, because="reused", now=now)
    person = await session.get(Person, family.person_id)
    if person is None or person.status != Status.ACTIVE:
        verdict = Verdict.REVOKED
    if verdict is not Verdict.ROTATE:
        return verdict
    row.used_at = row.used_at or now
    family.last_used_at = now
    return await _tokens(session, runtime, family, now)


async def end(session: AsyncSession, family: LoginSession, *, because: str, now: datetime) -> None:
    """End one session: its refresh tokens are worth nothing, nor are its access tokens once the gateway has heard."""
    if family.revoked_at is not None:
        return
    family.revoked_at = now
    family.revoked_because = because
    await revoke(session, "session", [family.id], now)


async def end_all(
    session: AsyncSession, person_ids: Sequence[UUID], *, because: str, now: datetime, but: UUID | None = None
) -> None:
    """End every session of these people, or every other one. Revocations name the sessions, so a new log-in within the same second stays valid."""
    theirs: ColumnElement[bool] = col(LoginSession.person_id).in_(list(person_ids))
    await _end_those(session, theirs if but is None else and_(theirs, col(LoginSession.id) != but), because, now)


async def end_those_of_identity(session: AsyncSession, identity_id: UUID, *, because: str, now: datetime) -> None:
    """End every session that was begun with a company account."""
    await _end_those(session, col(LoginSession.identity_id) == identity_id, because, now)


async def end_those_of_provider(
    session: AsyncSession, provider: str, provider_session: str, *, because: str, now: datetime
) -> None:
    """End the sessions that belong to one of a provider's."""
    theirs = and_(col(LoginSession.provider) == provider, col(LoginSession.provider_session) == provider_session)
    await _end_those(session, theirs, because, now)


async def _end_those(session: AsyncSession, which: ColumnElement[bool], because: str, now: datetime) -> None:
    ended = await session.execute(
        update(LoginSession)
        .where(which, col(LoginSession.revoked_at).is_(None))
        .values(revoked_at=now, revoked_because=because)
        .returning(col(LoginSession.id))
        .execution_options(synchronize_session="fetch")
    )
    await revoke(session, "session", list(ended.scalars()), now)


async def end_sessions(session: AsyncSession, people: PeopleConcerned) -> None:
    """End the sessions of people who are locked out or gone; every token of theirs is worth nothing from now on."""
    await end_all(session, people.ids, because="locked_out", now=people.at)
    await revoke(session, "person", people.ids, people.at)


async def end_sessions_of_old_passwords(session: AsyncSession, people: PeopleConcerned) -> None:
    """End the sessions of people who have a new password, the one in which they set it too."""
    await end_all(session, people.ids, because="password_changed", now=people.at)


async def revoke(session: AsyncSession, kind: str, ids: Sequence[UUID], now: datetime) -> None:
    """Tell whoever polls the feed that tokens issued up to now are worth nothing."""
    if ids:
        rows = [{"id": new_id(), "kind": kind, "subject_id": id_, "at": now} for id_ in ids]
        await session.execute(insert(Revocation), rows)


async def revocations_since(session: AsyncSession, since: datetime) -> Sequence[Revocation]:
    """What was revoked from a moment on, in order."""
    rows = await session.exec(select(Revocation).where(col(Revocation.at) >= since).order_by(col(Revocation.at)))
    return rows.all()


async def own_sessions(session: AsyncSession, caller: Caller, now: datetime) -> list[LoginSession]:
    """The caller's sessions that can still be used, and those lately ended because a token was used twice."""
    rows = await session.exec(
        select(LoginSession)
        .where(col(LoginSession.person_id) == caller.id, col(LoginSession.started_at) > now - rules.ABSOLUTE)
        .order_by(col(LoginSession.last_used_at).desc(), col(LoginSession.id))
        .limit(500)
    )
    return [row for row in rows if _is_listed(row, now)]


async def own_session(session: AsyncSession, caller: Caller, session_id: UUID) -> LoginSession | None:
    """One of the caller's own sessions, locked."""
    found = await session.exec(
        select(LoginSession)
        .where(col(LoginSession.id) == session_id, col(LoginSession.person_id) == caller.id)
        .with_for_update()
    )
    return found.first()


def _is_listed(row: LoginSession, now: datetime) -> bool:
    if row.revoked_at is not None:
        return row.revoked_because == "reused" and now - row.revoked_at < rules.IDLE
    return now - row.last_used_at < rules.IDLE and (row.ends_at is None or now < row.ends_at)


async def _locked(session: AsyncSession, session_id: UUID) -> LoginSession:
    found = await session.exec(
        select(LoginSession)
        .where(col(LoginSession.id) == session_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found.one()


async def _tokens(session: AsyncSession, runtime: Runtime, family: LoginSession, now: datetime) -> Tokens:
    refresh_token = REFRESH_PREFIX + secrets.token_urlsafe(32)
    session.add(RefreshTokenRow(token_hash=hash_of(refresh_token), session_id=family.id, issued_at=now))
    access_token, expires_in = await access_token_of(session, runtime, family, now)
    return Tokens(family, access_token, expires_in, refresh_token)


async def access_token_of(
    session: AsyncSession, runtime: Runtime, family: LoginSession, now: datetime
) -> tuple[str, int]:
    """An access token of a session, and for how many seconds it is good."""
    roles = await platform_roles_of(session, family.person_id)
    methods = frozenset(family.methods.split())
    wants_code = wants_factor = False
    if BOTH not in methods:
        wants_code = await has_second_factor(session, family.person_id)
        due = None if wants_code else await due_at(session, family.person_id, now)
        wants_factor = due is not None and due <= now
    prefix = ASLEEP_SCOPE if wants_code or wants_factor else PLATFORM_SCOPE
    caller = Caller(
        kind="person",
        id=family.person_id,
        session_id=family.id,
        scopes=frozenset(prefix + role for role in roles),
        proved_at=family.proved_at or (family.started_at if family.provider is None else None),
        methods=methods,
        wants_code=wants_code,
        wants_factor=wants_factor,
    )
    access_token, expires_at = (await issuers.issuer(session, runtime)).issue(caller, now=now)
    return access_token, int((expires_at - now).total_seconds())


def note_proof(family: LoginSession, at: datetime, methods: Collection[str]) -> None:
    """That who has this session, which is locked, proved again who they are, by these methods too."""
    family.proved_at = at
    family.methods = " ".join(sorted({*family.methods.split(), *methods}))


async def end_sessions_of_lost_factors(session: AsyncSession, people: PeopleConcerned) -> None:
    """End the sessions of people whose second factor was lost: whoever found it may have found more."""
    await end_all(session, people.ids, because="second_factor_reset", now=people.at)


async def note_second_factor(session: AsyncSession, confirmed: Confirmed) -> None:
    """Who has shown the first code of their app in a session has proved it there; others of theirs prove it yet."""
    found = await session.exec(
        select(LoginSession).where(col(LoginSession.id) == confirmed.session_id).with_for_update()
    )
    family = found.first()
    if family is not None:
        note_proof(family, confirmed.at, (OTP, BOTH))
