"""What people do with their company account while logged in: link it, or prove by it who they are."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.rows import existing
from chassis.security.caller import Caller
from services.membership.credentials.proving import BEARER
from services.membership.identities.models import Identity
from services.membership.identities.problems import IDENTITY_TAKEN
from services.membership.identities.queries import named_alike
from services.membership.identities.service import link
from services.membership.people.models import Person
from services.membership.people.rules import Status
from services.membership.providers import rules
from services.membership.providers.interface import Identified
from services.membership.providers.problems import IDENTITY_UNKNOWN, LOGIN_STATE_INVALID
from services.membership.second_factors.problems import SECOND_FACTOR_NEEDED
from services.membership.second_factors.queries import has_second_factor
from services.membership.sessions import service as sessions
from services.membership.sessions.models import LoginSession
from services.membership.sessions.problems import ACCOUNT_INACTIVE


async def use_own(session: AsyncSession, begun: rules.Begun, who: Identified, now: datetime) -> dict[str, str]:
    """Link an account to who began that, or take it as their proof, while their session lasts; what the app is told."""
    own = await session.get(LoginSession, UUID(begun.session_id))
    if own is None or str(own.person_id) != begun.person_id:
        raise LOGIN_STATE_INVALID()
    person = await active(session, own.person_id)
    caller = Caller(kind="person", id=person.id, session_id=own.id)
    # The session after its person, as everywhere.
    family = await sessions.own_session(session, caller, own.id)
    if family is None or family.revoked_at is not None:
        raise LOGIN_STATE_INVALID()
    if begun.again:
        await _prove(session, family, who)
        return {"proved": who.provider}
    await _link(session, caller, who, now)
    return {"linked": who.provider}


async def _link(session: AsyncSession, caller: Caller, who: Identified, now: datetime) -> None:
    identity = await open_one(session, who)
    if identity is None:
        await link(session, new_identity(who, caller.id, "person", now), caller)
    elif identity.person_id != caller.id:
        raise IDENTITY_TAKEN()


async def _prove(session: AsyncSession, family: LoginSession, who: Identified) -> None:
    """They have proved again who they are. Who has a second factor here has not, unless they proved one there."""
    identity = await open_one(session, who)
    if identity is None or identity.person_id != family.person_id or who.proved_at is None:
        raise IDENTITY_UNKNOWN()
    if not who.second_factor and await has_second_factor(session, family.person_id):
        raise SECOND_FACTOR_NEEDED(headers=BEARER)
    sessions.note_proof(family, who.proved_at, {sessions.BOTH} if who.second_factor else set())


async def active(session: AsyncSession, person_id: UUID) -> Person:
    """The person, locked. Raises `ACCOUNT_INACTIVE`."""
    person = await existing(session, Person, person_id, lock=True)
    if person.status != Status.ACTIVE:
        raise ACCOUNT_INACTIVE()
    return person


async def alike_of(session: AsyncSession, who: Identified) -> list[Identity]:
    """All that the provider ever meant by this name, whom it means now first."""
    return list(
        await named_alike(session, provider=who.provider, tenant=who.tenant, kind=who.kind, subject=who.subject)
    )


async def open_one(session: AsyncSession, who: Identified) -> Identity | None:
    """What the provider means by this name now."""
    return next((one for one in await alike_of(session, who) if one.closed_at is None), None)


def new_identity(who: Identified, person_id: UUID, linked_by: str, now: datetime) -> Identity:
    """A row of what the provider says."""
    return Identity(
        person_id=person_id,
        provider=who.provider,
        tenant=who.tenant,
        kind=who.kind,
        subject=who.subject,
        linked_at=now,
        linked_by=linked_by,
    )
