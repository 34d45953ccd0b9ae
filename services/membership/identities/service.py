"""Linking people to the accounts that their company gave them, and taking those away."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.rows import existing
from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION, INVALID, NOT_FOUND, FieldError
from chassis.security.caller import Caller
from chassis.web.etags import require_match
from services.membership.credentials.queries import has_password
from services.membership.identities.models import Identity
from services.membership.identities.problems import IDENTITY_TAKEN, LAST_WAY_IN
from services.membership.identities.queries import MOST, named_alike, open_identities
from services.membership.identities.schemas import IdentityCreate, IdentityPatch
from services.membership.people.access import require_active
from services.membership.people.models import Person
from services.membership.people.occasions import PeopleConcerned
from services.membership.people.rules import Status
from services.membership.permissions import IDENTITIES_WRITE
from services.membership.platform_roles.access import authorize_platform_now
from services.membership.sessions.service import end_those_of_identity


async def link(
    session: AsyncSession, identity: Identity, caller: Caller | None, *, reason: str | None = None
) -> Identity:
    """Write an identity of a locked and active person, and record by whom it was linked.

    Raises `IDENTITY_TAKEN` if the provider calls somebody so already, `ILLEGAL_TRANSITION` unless the person is active.
    """
    person = await existing(session, Person, identity.person_id, lock=True)
    if person.status != Status.ACTIVE:
        raise ILLEGAL_TRANSITION(state=person.status)
    alike = await named_alike(
        session,
        provider=identity.provider,
        tenant=identity.tenant,
        kind=identity.kind,
        subject=identity.subject,
    )
    if any(one.closed_at is None for one in alike):
        raise IDENTITY_TAKEN(errors=[_taken()])
    if len(await open_identities(session, person.id)) >= MOST:
        raise INVALID(
            errors=[FieldError("/person_id", "too_many", f"At most {MOST} accounts.", f"最多 {MOST} 个账号。")]
        )
    session.add(identity)
    await session.flush()
    made: dict[str, list[object]] = {"provider": [None, identity.provider], "linked_by": [None, identity.linked_by]}
    made |= {} if reason is None else {"reason": [None, reason]}
    await audit(session, caller, identity, "link", made, identity.linked_at)
    return identity


async def link_by_admin(session: AsyncSession, caller: Caller, body: IdentityCreate, now: datetime) -> Identity:
    """Say as whom a provider knows somebody. Raises as `link`, and `CONFLICT_OF_INTEREST` about the caller."""
    await authorize_platform_now(session, caller, IDENTITIES_WRITE)
    _not_about(caller, body.person_id)
    identity = Identity(**body.model_dump(exclude={"reason"}), linked_at=now, linked_by="admin")
    return await link(session, identity, caller, reason=body.reason)


async def change_subject(
    session: AsyncSession, caller: Caller, identity_id: UUID, body: IdentityPatch, *, if_match: int, now: datetime
) -> Identity:
    """The provider calls the same person something else from now on; sessions begun under the old name end.

    Raises `IDENTITY_TAKEN`, `ILLEGAL_TRANSITION` for a closed one, `CONFLICT_OF_INTEREST` about the caller.
    """
    await authorize_platform_now(session, caller, IDENTITIES_WRITE)
    identity = await _open(session, identity_id)
    _not_about(caller, identity.person_id)
    require_match(identity.version, if_match)
    if body.subject == identity.subject:
        return identity
    alike = await named_alike(
        session, provider=identity.provider, tenant=identity.tenant, kind=identity.kind, subject=body.subject
    )
    if any(one.closed_at is None for one in alike):
        raise IDENTITY_TAKEN(errors=[_taken()])
    identity.subject = body.subject
    identity.version += 1
    await end_those_of_identity(session, identity.id, because="identity_changed", now=now)
    # The names themselves are nobody's business who reads the trail.
    changes: dict[str, list[object]] = {"subject": ["old", "new"], "reason": [None, body.reason]}
    await audit(session, caller, identity, "change_subject", changes, now)
    return identity


async def unlink_by_admin(
    session: AsyncSession, caller: Caller, identity_id: UUID, reason: str, now: datetime
) -> Identity:
    """Take an account from somebody; its sessions end. Raises `ILLEGAL_TRANSITION` for a closed one, `CONFLICT_OF_INTEREST`."""
    await authorize_platform_now(session, caller, IDENTITIES_WRITE)
    identity = await _open(session, identity_id)
    _not_about(caller, identity.person_id)
    return await _close(session, caller, identity, now, reason=reason)


async def unlink_own(session: AsyncSession, caller: Caller, identity_id: UUID, now: datetime) -> None:
    """Give up one of the caller's accounts. Raises `NOT_FOUND`, and `LAST_WAY_IN` if nothing would be left to log in with."""
    await require_active(session, caller)
    person = await existing(session, Person, caller.id, lock=True)
    mine = await open_identities(session, person.id)
    identity = next((one for one in mine if one.id == identity_id), None)
    if identity is None:
        raise NOT_FOUND()
    if len(mine) == 1 and not await has_password(session, person.id):
        raise LAST_WAY_IN()
    await _close(session, caller, identity, now)


async def close_identities(session: AsyncSession, people: PeopleConcerned) -> None:
    """Whoever leaves the company has lost these accounts for ever: coming back opens none of them."""
    await session.execute(
        update(Identity)
        .where(col(Identity.person_id).in_(list(people.ids)), col(Identity.closed_at).is_(None))
        .values(closed_at=people.at)
    )


async def _open(session: AsyncSession, identity_id: UUID) -> Identity:
    # The person first: whoever leaves has their row locked while their accounts are closed.
    found = await existing(session, Identity, identity_id)
    await existing(session, Person, found.person_id, lock=True)
    identity = await existing(session, Identity, identity_id, lock=True)
    if identity.closed_at is not None:
        raise ILLEGAL_TRANSITION(state="closed")
    return identity


async def _close(
    session: AsyncSession, caller: Caller, identity: Identity, now: datetime, *, reason: str | None = None
) -> Identity:
    identity.closed_at = now
    identity.version += 1
    await end_those_of_identity(session, identity.id, because="identity_changed", now=now)
    changes: dict[str, list[object]] = {"closed_at": [None, now]}
    changes |= {} if reason is None else {"reason": [None, reason]}
    await audit(session, caller, identity, "unlink", changes, now)
    return identity


def _not_about(caller: Caller, person_id: UUID) -> None:
    if caller.id == person_id:
        raise CONFLICT_OF_INTEREST()


def _taken() -> FieldError:
    return FieldError("/subject", IDENTITY_TAKEN.code, f"{IDENTITY_TAKEN.en}.", f"{IDENTITY_TAKEN.zh}。")
