"""What must exist before the first request: a signing key, an administrator, the services' own accounts.

Run by the migration step under its lock; running it again changes nothing that is right already.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.runtime import Runtime
from chassis.secrets import account_id, account_secret, hash_of
from chassis.settings import SERVICES, SettingsInvalid
from services.membership.bootstrap_file import keep_initial_password
from services.membership.credentials.passwords import hashing
from services.membership.credentials.rules import PASSWORD_MIN
from services.membership.credentials.service import put_password, replace_password
from services.membership.directory.service import add_person
from services.membership.keys.service import add_key, can_be_opened, current_key
from services.membership.people.models import Person
from services.membership.people.queries import person_of_login
from services.membership.people.rules import Status, normal_email
from services.membership.platform_roles.models import PlatformRole
from services.membership.second_factors.grace import set_term
from services.membership.second_factors.service import reset_for
from services.membership.service_accounts.models import ServiceAccount, ServiceAccountSecret

GATEWAY = "gateway"
BUILT_IN = (*SERVICES, GATEWAY)
INTERNAL_SCOPE = "internal"
OPS_SCOPE = "ops.read"
"""The gateway's besides: on its ops port it asks every service how it is doing."""
SYSTEM = "system"


class AdminPasswordMissing(SettingsInvalid):
    """A distributed installation without an administrator needs `QUNXUE_ADMIN_PASSWORD`; or the one given is too short."""


async def bootstrap(runtime: Runtime) -> Sequence[str]:
    """Make what is missing; returns lines for the operator's terminal, which may hold a password and belong in no log."""
    await _signing_key(runtime)
    async with runtime.database.transaction() as session:
        await set_term(session, runtime.clock())
    await _built_in_accounts(runtime)
    return await _first_administrator(runtime)


async def reset_password(runtime: Runtime, login: str) -> str:
    """Give a person a new password, for whoever has the host. Ends their sessions. Raises LookupError for an unknown login."""
    password = _generated()
    kept = await hashing.hash(password)
    now = runtime.clock()
    async with runtime.database.transaction() as session:
        person = await person_of_login(session, login)
        if person is None or person.status != Status.ACTIVE:
            raise LookupError(login)
        await replace_password(session, person.id, kept, now)
        await audit(session, None, person, "reset_password", {"password": ["old", "new"]}, now)
    return password


async def take_second_factor(runtime: Runtime, login: str) -> None:
    """Take away the second factor that a person lost, for whoever has the host. Ends their sessions; the password stays.

    Raises LookupError for an unknown login, `NO_SECOND_FACTOR`.
    """
    async with runtime.database.transaction() as session:
        person = await person_of_login(session, login)
        if person is None:
            raise LookupError(login)
        await reset_for(session, None, person.id, runtime.clock())


async def _signing_key(runtime: Runtime) -> None:
    now = runtime.clock()
    async with runtime.database.transaction() as session:
        key = await current_key(session)
        if key is None or not can_be_opened(key, runtime.secret):
            await add_key(session, runtime.secret, now)


async def _built_in_accounts(runtime: Runtime) -> None:
    now = runtime.clock()
    async with runtime.database.transaction() as session:
        for name in BUILT_IN:
            id_ = account_id(name)
            if await session.get(ServiceAccount, id_) is None:
                session.add(
                    ServiceAccount(
                        id=id_,
                        name=f"qunxue-{name}",
                        scopes=[INTERNAL_SCOPE, OPS_SCOPE] if name == GATEWAY else [INTERNAL_SCOPE],
                        community_ids=None,
                        built_in=True,
                        created_by=SYSTEM,
                        created_at=now,
                    )
                )
                await session.flush()
            await _only_secret(session, runtime, name, now)


async def _only_secret(session: AsyncSession, runtime: Runtime, name: str, now: datetime) -> None:
    wanted = hash_of(account_secret(runtime.secret, name))
    rows = await session.exec(
        select(ServiceAccountSecret).where(col(ServiceAccountSecret.account_id) == account_id(name))
    )
    known = set()
    for row in rows:
        known.add(row.secret_hash)
        if row.secret_hash != wanted:
            # The installation's secret was changed, most likely because it leaked: nothing derived from it stays good.
            await session.delete(row)
    if wanted not in known:
        session.add(ServiceAccountSecret(secret_hash=wanted, account_id=account_id(name), created_at=now))


async def _first_administrator(runtime: Runtime) -> Sequence[str]:
    async with runtime.database.reading() as session:
        if (await session.exec(select(PlatformRole).where(col(PlatformRole.role) == "admin"))).first() is not None:
            return []
    settings = runtime.settings
    given = settings.admin_password.get_secret_value() if settings.admin_password is not None else None
    if given is None and settings.mode == "distributed":
        raise AdminPasswordMissing(
            "set QUNXUE_ADMIN_PASSWORD (or QUNXUE_ADMIN_PASSWORD_FILE) and QUNXUE_ADMIN_EMAIL for the first administrator"
        )
    if given is not None and len(given) < PASSWORD_MIN:
        raise AdminPasswordMissing(f"QUNXUE_ADMIN_PASSWORD needs at least {PASSWORD_MIN} characters")
    try:
        email = normal_email(settings.admin_email)
    except ValueError as error:
        raise SettingsInvalid(f"QUNXUE_ADMIN_EMAIL: {error}") from None
    password = given or _generated()
    lines = [f"Administrator: {email}"]
    if given is None:
        # Written before the account is: a crash in between leaves a useless file, never an account nobody can enter.
        path = keep_initial_password(settings, password)
        lines += [f"Password:      {password}", f"(kept in {path} until the first log-in)"]
    kept = await hashing.hash(password)
    now = runtime.clock()
    async with runtime.database.transaction() as session:
        await _make_administrator(session, email, kept, now)
    return lines


async def _make_administrator(session: AsyncSession, email: str, password_hash: str, now: datetime) -> None:
    found = await session.exec(select(Person).where(col(Person.email) == email))
    person = found.first()
    if person is None:
        person = await add_person(session, {"email": email, "display_name": "Administrator"}, now)
    await put_password(session, person.id, password_hash, now)
    session.add(PlatformRole(person_id=person.id, role="admin", granted_by=SYSTEM, granted_at=now))
    await audit(session, None, person, "platform_role.grant", {"platform_role": [None, "admin"]}, now)


def _generated() -> str:
    return secrets.token_urlsafe(15)
