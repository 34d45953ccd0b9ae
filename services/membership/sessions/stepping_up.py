"""Proving again who one is, in a session that goes on."""

from dataclasses import dataclass
from datetime import datetime

from chassis.problems import INVALID, SESSION_REVOKED, FieldError, Problem
from chassis.runtime import Runtime
from chassis.security.caller import Caller
from services.membership.credentials.proving import BEARER, Proof, prove, settle
from services.membership.people.access import require_active
from services.membership.second_factors.problems import SECOND_FACTOR_NEEDED
from services.membership.second_factors.proving import prove_code
from services.membership.second_factors.queries import has_second_factor
from services.membership.sessions import service


@dataclass(frozen=True)
class SteppedUp:
    """A new access token, for how many seconds it is good, and when its holder proved who they are."""

    access_token: str
    expires_in: int
    proved_at: datetime


async def step_up(
    runtime: Runtime, caller: Caller, *, password: str | None, code: str | None, request_id: str | None
) -> SteppedUp | Problem:
    """A token of the caller's session that says that they have just proved who they are; the refusal as a value, since it has been counted.

    Who has a second factor proves it by a code: a password that was looked over a shoulder is not enough. Everybody else by their password.
    """
    proof: Proof | None = None
    async with runtime.database.reading() as session:
        person = await require_active(session, caller)
        by_code = await has_second_factor(session, person.id)
    if by_code and code is None:
        return SECOND_FACTOR_NEEDED(headers=BEARER)
    if not by_code:
        if password is None:
            raise INVALID(errors=[FieldError("/password", "missing", "Send your password.", "请提供密码。")])
        proof = await prove(runtime, person.email or person.employee_no or person.phone or "", password)
    now = runtime.clock()

    async def settled() -> SteppedUp | Problem:
        async with runtime.database.transaction(actor=caller.actor, request_id=request_id) as session:
            if proof is not None:
                refusal, methods = await settle(session, proof, now), {service.PASSWORD}
            else:
                has_factor, refusal = await prove_code(session, caller.id, code, now)
                methods = {service.OTP, service.BOTH}
                if not has_factor:
                    # It was removed or reset at the same moment.
                    raise SESSION_REVOKED()
            if refusal is not None:
                return refusal
            family = await service.own_session(session, caller, caller.session_id)
            if family is None or family.revoked_at is not None:
                raise SESSION_REVOKED()
            service.note_proof(family, now, methods)
            token, expires_in = await service.access_token_of(session, runtime, family, now)
            return SteppedUp(token, expires_in, now)

    return await runtime.lines.run(settled)
