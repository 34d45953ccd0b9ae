"""Second factors over HTTP. Most of these do not honour Idempotency-Key: their answers are secrets."""

from uuid import UUID

from chassis.problems import ALREADY_EXISTS, CONFLICT_OF_INTEREST
from chassis.web.dependencies import CallerDep, Now, Reading, Transaction
from chassis.web.operations import api_router, operation
from services.membership.credentials.problems import CODE_INVALID
from services.membership.permissions import SECOND_FACTORS_OWN, SECOND_FACTORS_RESET
from services.membership.second_factors import service
from services.membership.second_factors.problems import NO_SECOND_FACTOR
from services.membership.second_factors.schemas import (
    ConfirmedSecondFactor,
    RecoveryCodes,
    SecondFactorConfirmation,
    SecondFactors,
    SecondFactorSecret,
)

router = api_router(tags=["Sessions"])


@router.get("/v1/second-factors")
@operation(permission=SECOND_FACTORS_OWN)
async def list_second_factors(caller: CallerDep, session: Reading, now: Now) -> SecondFactors:
    """List your second factors, and how many recovery codes you have left."""
    return await service.own(session, caller, now)


@router.post("/v1/second-factors", status_code=201)
@operation(permission=SECOND_FACTORS_OWN, idempotent=False, problems=[ALREADY_EXISTS], located=False, step_up=True)
async def create_second_factor(caller: CallerDep, session: Transaction, now: Now) -> SecondFactorSecret:
    """Set up an app that gives codes (TOTP, RFC 6238).

    Show the picture, or the secret, which are answered only once. It counts once you have sent a code of it. One that you have
    already goes on until then.
    """
    return await service.set_up(session, caller, now)


@router.post("/v1/second-factors/{factor_id}/confirm")
@operation(permission=SECOND_FACTORS_OWN, idempotent=False, problems=[CODE_INVALID], step_up=True)
async def confirm_second_factor(
    factor_id: UUID, body: SecondFactorConfirmation, caller: CallerDep, session: Transaction, now: Now
) -> ConfirmedSecondFactor:
    """Confirm an app with a code that it shows. From now on log-in asks for a code.

    With your first app you get ten recovery codes, shown only once. Another app takes the place of the one before.
    """
    return await service.confirm(session, caller, factor_id, body.code, now)


@router.post("/v1/second-factors/recovery-codes", status_code=201)
@operation(permission=SECOND_FACTORS_OWN, idempotent=False, problems=[NO_SECOND_FACTOR], located=False, step_up=True)
async def create_recovery_codes(caller: CallerDep, session: Transaction, now: Now) -> RecoveryCodes:
    """Make ten new recovery codes, shown only once. Those you had are worth nothing from now on."""
    return RecoveryCodes(recovery_codes=await service.make_recovery_codes(session, caller, now))


@router.delete("/v1/second-factors/{factor_id}", status_code=204)
@operation(permission=SECOND_FACTORS_OWN, step_up=True)
async def delete_second_factor(factor_id: UUID, caller: CallerDep, session: Transaction, now: Now) -> None:
    """Remove one of your second factors. Your recovery codes go with it."""
    await service.remove(session, caller, factor_id, now)


@router.post("/v1/people/{person_id}/second-factor-reset", status_code=204)
@operation(permission=SECOND_FACTORS_RESET, problems=[NO_SECOND_FACTOR, CONFLICT_OF_INTEREST], step_up=True)
async def reset_second_factor(person_id: UUID, caller: CallerDep, session: Transaction, now: Now) -> None:
    """Take away the second factor of somebody who lost it, with their recovery codes. Their sessions end.

    Make sure that it is they who ask. Their password stays as it is.
    """
    await service.reset(session, caller, person_id, now)
