"""Setting up, confirming, removing and resetting second factors."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import AuditObject, audit
from chassis.database.context import context_of
from chassis.ids import new_id
from chassis.problems import CONFLICT_OF_INTEREST, NOT_FOUND
from chassis.qr import draw_qr
from chassis.secrets import seal
from chassis.security.caller import Caller
from services.membership.credentials.problems import CODE_INVALID
from services.membership.people.access import require_active
from services.membership.people.naming import as_written
from services.membership.people.occasions import PeopleConcerned
from services.membership.permissions import SECOND_FACTORS_RESET
from services.membership.platform_roles.access import authorize_platform_now
from services.membership.second_factors import rules
from services.membership.second_factors.grace import due_at
from services.membership.second_factors.models import SecondFactor
from services.membership.second_factors.occasions import Confirmed, second_factor_confirmed, second_factors_reset
from services.membership.second_factors.problems import NO_SECOND_FACTOR
from services.membership.second_factors.proving import PURPOSE, is_code_of
from services.membership.second_factors.queries import factors_of, recovery_codes_left
from services.membership.second_factors.recovering import forget_recovery_codes, new_recovery_codes
from services.membership.second_factors.schemas import (
    ConfirmedSecondFactor,
    SecondFactorPublic,
    SecondFactors,
    SecondFactorSecret,
)

ISSUER = "Qunxue"


async def own(session: AsyncSession, caller: Caller, now: datetime) -> SecondFactors:
    """What the caller has set up."""
    await require_active(session, caller)
    factors = [one for one in await factors_of(session, caller.id) if not _is_stale(one, now)]
    confirmed = any(one.confirmed_at is not None for one in factors)
    return SecondFactors(
        required_by=None if confirmed else await due_at(session, caller.id, now),
        items=[SecondFactorPublic.model_validate(one) for one in factors],
        recovery_codes_left=await recovery_codes_left(session, caller.id),
    )


async def set_up(session: AsyncSession, caller: Caller, now: datetime) -> SecondFactorSecret:
    """A new secret for an app, which counts when its first code has come; one that was set up and not confirmed is forgotten."""
    person = await require_active(session, caller)
    await factors_of(session, person.id, lock=True)
    await session.execute(
        delete(SecondFactor).where(col(SecondFactor.person_id) == person.id, col(SecondFactor.confirmed_at).is_(None))
    )
    secret, id_ = rules.new_secret(), new_id()
    sealed = seal(context_of(session).runtime.secret, PURPOSE, str(id_), secret.encode())
    factor = SecondFactor(id=id_, person_id=person.id, sealed_secret=sealed, created_at=now)
    session.add(factor)
    await session.flush()
    await audit(session, caller, factor, "set_up", {}, now)
    address = rules.address(secret, name=person.email or person.employee_no or as_written(person), issuer=ISSUER)
    return SecondFactorSecret(id=id_, secret=secret, address=address, qr_svg=draw_qr(address).decode())


async def confirm(
    session: AsyncSession, caller: Caller, factor_id: UUID, code: str, now: datetime
) -> ConfirmedSecondFactor:
    """Let an app count, in the place of the one before. Raises `NOT_FOUND`, `CODE_INVALID`."""
    await require_active(session, caller)
    factors = await factors_of(session, caller.id, lock=True)
    factor = next((one for one in factors if one.id == factor_id and not _is_stale(one, now)), None)
    if factor is None:
        raise NOT_FOUND()
    if factor.confirmed_at is not None or not is_code_of(session, factor, code, now):
        raise CODE_INVALID()
    before = next((one for one in factors if one.confirmed_at is not None), None)
    if before is not None:
        await session.delete(before)
        await session.flush()
    factor.confirmed_at = now
    codes = None if before is not None else await new_recovery_codes(session, caller.id, now)
    await second_factor_confirmed.happened(session, Confirmed(caller.id, caller.session_id, now))
    await audit(session, caller, factor, "confirm", {"replaces": [None, before.id if before else None]}, now)
    return ConfirmedSecondFactor(second_factor=SecondFactorPublic.model_validate(factor), recovery_codes=codes)


async def make_recovery_codes(session: AsyncSession, caller: Caller, now: datetime) -> list[str]:
    """Ten new recovery codes; those before are worth nothing. Raises `NO_SECOND_FACTOR`."""
    person = await require_active(session, caller)
    if not any(one.confirmed_at for one in await factors_of(session, person.id, lock=True)):
        raise NO_SECOND_FACTOR()
    codes = await new_recovery_codes(session, person.id, now)
    await audit(session, caller, AuditObject("person", person.id), "recovery_codes.make", {}, now)
    return codes


async def remove(session: AsyncSession, caller: Caller, factor_id: UUID, now: datetime) -> None:
    """Take an app away; with the one that counts go the recovery codes. Raises `NOT_FOUND`."""
    await require_active(session, caller)
    factors = await factors_of(session, caller.id, lock=True)
    factor = next((one for one in factors if one.id == factor_id), None)
    if factor is None:
        raise NOT_FOUND()
    if factor.confirmed_at is not None:
        await forget_recovery_codes(session, caller.id)
    await session.delete(factor)
    await audit(session, caller, factor, "remove", {}, now)


async def reset(session: AsyncSession, caller: Caller, person_id: UUID, now: datetime) -> None:
    """Take away what somebody else has lost, and end their sessions: who has their phone may have more of theirs.

    Raises `CONFLICT_OF_INTEREST` about the caller, else what `reset_for` raises.
    """
    await authorize_platform_now(session, caller, SECOND_FACTORS_RESET)
    if caller.id == person_id:
        raise CONFLICT_OF_INTEREST()
    await reset_for(session, caller, person_id, now)


async def reset_for(session: AsyncSession, caller: Caller | None, person_id: UUID, now: datetime) -> None:
    """The same for whoever has the host. Raises `NO_SECOND_FACTOR`."""
    if not await factors_of(session, person_id, lock=True):
        raise NO_SECOND_FACTOR()
    await session.execute(delete(SecondFactor).where(col(SecondFactor.person_id) == person_id))
    await forget_recovery_codes(session, person_id)
    await second_factors_reset.happened(session, PeopleConcerned([person_id], now))
    await audit(session, caller, AuditObject("person", person_id), "second_factor.reset", {}, now)


def _is_stale(factor: SecondFactor, now: datetime) -> bool:
    return factor.confirmed_at is None and now - factor.created_at >= rules.PENDING
