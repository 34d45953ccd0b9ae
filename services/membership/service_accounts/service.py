"""Service accounts: what programs may do, and the secrets they prove themselves with."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.rows import existing
from chassis.ids import new_id
from chassis.problems import ALREADY_EXISTS, CLIENT_REFUSED, ILLEGAL_TRANSITION, INVALID, FieldError
from chassis.runtime import Runtime
from chassis.secrets import hash_of
from chassis.security.caller import Caller
from contracts.scopes import Scope
from services.membership.keys.service import issuers
from services.membership.permissions import SERVICE_ACCOUNTS_WRITE
from services.membership.platform_roles.access import authorize_platform_now
from services.membership.service_accounts.models import ServiceAccount, ServiceAccountSecret
from services.membership.sessions.service import revoke

SECRET_OVERLAP = timedelta(hours=24)
"""How long a secret stays good once another has been made."""

SECRET_PREFIX = "qxs_"  # noqa: S105 - a prefix, no secret
"""Lets secret scanners recognise a secret that leaked."""


async def create(
    session: AsyncSession,
    caller: Caller,
    *,
    name: str,
    scopes: Sequence[Scope],
    community_ids: Sequence[UUID] | None,
    expires_at: datetime | None,
    now: datetime,
) -> tuple[ServiceAccount, str]:
    """A new account and its secret. Raises `INVALID` where it has expired already, `ALREADY_EXISTS` for the name."""
    await authorize_platform_now(session, caller, SERVICE_ACCOUNTS_WRITE)
    if expires_at is not None and expires_at <= now:
        raise INVALID(
            errors=[FieldError("/expires_at", "in_the_past", "This moment must be in the future.", "该时间须在将来。")]
        )
    taken = await session.exec(select(ServiceAccount.id).where(col(ServiceAccount.name) == name))
    if taken.first() is not None:
        raise ALREADY_EXISTS(
            errors=[FieldError("/name", "taken", "Another service account has this name.", "已有同名服务账号。")]
        )
    account = ServiceAccount(
        id=new_id(),
        name=name,
        scopes=sorted({str(scope) for scope in scopes}),
        community_ids=None if community_ids is None else sorted({str(id_) for id_ in community_ids}),
        created_by=caller.actor,
        created_at=now,
        expires_at=expires_at,
    )
    session.add(account)
    await session.flush()
    secret = _new_secret(session, account.id, now)
    shown: dict[str, list[object]] = {
        "name": [None, name],
        "scopes": [None, account.scopes],
        "community_ids": [None, account.community_ids],
    }
    await audit(session, caller, account, "create", shown, now)
    return account, secret


async def rotate(session: AsyncSession, caller: Caller, account_id: UUID, now: datetime) -> tuple[ServiceAccount, str]:
    """A new secret; the old ones stay good for 24 h. Raises `ILLEGAL_TRANSITION` for a revoked or built-in account."""
    await authorize_platform_now(session, caller, SERVICE_ACCOUNTS_WRITE)
    account = await _locked(session, account_id)
    await session.execute(
        update(ServiceAccountSecret)
        .where(
            col(ServiceAccountSecret.account_id) == account.id,
            or_(
                col(ServiceAccountSecret.expires_at).is_(None),
                col(ServiceAccountSecret.expires_at) > now + SECRET_OVERLAP,
            ),
        )
        .values(expires_at=now + SECRET_OVERLAP)
    )
    secret = _new_secret(session, account.id, now)
    await audit(session, caller, account, "rotate", {"secret": ["old", "new"]}, now)
    return account, secret


async def revoke_account(session: AsyncSession, caller: Caller, account_id: UUID, now: datetime) -> ServiceAccount:
    """End an account at once and for ever; its tokens are worth nothing once the gateway has heard."""
    await authorize_platform_now(session, caller, SERVICE_ACCOUNTS_WRITE)
    account = await _locked(session, account_id)
    account.revoked_at = now
    await revoke(session, "session", [account.id], now)
    await audit(session, caller, account, "revoke", {"revoked_at": [None, now]}, now)
    return account


async def issue_token(
    session: AsyncSession, runtime: Runtime, account_id: UUID, secret: str, now: datetime, *, wanted: str | None = None
) -> tuple[str, int, frozenset[str]]:
    """An access token for the right secret, its lifetime in seconds, and its scopes. Raises `CLIENT_REFUSED`.

    `wanted` are scopes in one text, when the caller wants not all; `INVALID` where the account has no such. `sub` and `sid` are both the account: revoking it revokes its tokens as one session's.
    """
    found = await session.exec(
        select(ServiceAccount)
        .join(ServiceAccountSecret, col(ServiceAccountSecret.account_id) == col(ServiceAccount.id))
        .where(
            col(ServiceAccount.id) == account_id,
            col(ServiceAccountSecret.secret_hash) == hash_of(secret),
            or_(col(ServiceAccountSecret.expires_at).is_(None), col(ServiceAccountSecret.expires_at) > now),
        )
    )
    account = found.first()
    if account is None or account.revoked_at is not None:
        raise _refused()
    if account.expires_at is not None and account.expires_at <= now:
        raise _refused()
    scopes = _of(account, wanted)
    communities = None if account.community_ids is None else frozenset(UUID(id_) for id_ in account.community_ids)
    caller = Caller(kind="service", id=account.id, session_id=account.id, scopes=scopes, community_ids=communities)
    token, expires_at = (await issuers.issuer(session, runtime)).issue(caller, now=now)
    return token, int((expires_at - now).total_seconds()), scopes


def _of(account: ServiceAccount, wanted: str | None) -> frozenset[str]:
    """The account's scopes, or those of them that are wanted."""
    scopes = frozenset(account.scopes)
    if wanted is None:
        return scopes
    if unknown := sorted(set(wanted.split()) - scopes):
        names = ", ".join(unknown)
        wrong = FieldError("/scope", "no_such_scope", f"The account has no {names}.", f"该账号没有 {names}。")
        raise INVALID(errors=[wrong])
    return frozenset(wanted.split())


def _refused() -> Exception:
    return CLIENT_REFUSED(headers={"WWW-Authenticate": "Bearer"})


async def _locked(session: AsyncSession, account_id: UUID) -> ServiceAccount:
    account = await existing(session, ServiceAccount, account_id, lock=True)
    if account.revoked_at is not None or account.built_in:
        raise ILLEGAL_TRANSITION(state="built_in" if account.built_in else "revoked")
    return account


def _new_secret(session: AsyncSession, account_id: UUID, now: datetime) -> str:
    secret = SECRET_PREFIX + secrets.token_urlsafe(32)
    session.add(ServiceAccountSecret(secret_hash=hash_of(secret), account_id=account_id, created_at=now))
    return secret
