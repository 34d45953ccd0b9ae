"""Proving that one has one's second factor: a code counts once per person, and wrong ones make the next wait."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import AuditObject, audit
from chassis.database.context import context_of
from chassis.problems import Problem
from chassis.secrets import SealBroken, unseal
from services.membership.credentials.guessing import account_of, settle_guess
from services.membership.credentials.proving import BEARER
from services.membership.second_factors import rules
from services.membership.second_factors.models import SecondFactor
from services.membership.second_factors.problems import SECOND_FACTOR_FAILED, SECOND_FACTOR_NEEDED
from services.membership.second_factors.queries import factors_of
from services.membership.second_factors.recovering import use_recovery_code

PURPOSE = "second-factors"


async def prove_code(
    session: AsyncSession, person_id: UUID, code: str | None, now: datetime
) -> tuple[bool, Problem | None]:
    """Whether the person has a second factor, and the refusal where this is no code of it; the refusal must be committed.

    All log-ins and sessions of a person count their failures together.
    """
    app = next((one for one in await factors_of(session, person_id, lock=True) if one.confirmed_at is not None), None)
    if app is None:
        return False, None
    if code is None:
        return True, SECOND_FACTOR_NEEDED(headers=BEARER)
    given = rules.normal(code)

    async def right() -> bool:
        if rules.is_of_app(given):
            return _take(session, app, given, now)
        if not await use_recovery_code(session, person_id, given, now):
            return False
        await audit(session, None, AuditObject("person", person_id), "recovery_code.use", {}, now)
        return True

    refusal = SECOND_FACTOR_FAILED(headers=BEARER)
    return True, await settle_guess(session, account_of(f"factor:{person_id}"), right, refusal=refusal, now=now)


def is_code_of(session: AsyncSession, factor: SecondFactor, code: str, now: datetime) -> bool:
    """Whether the code is one that the app shows now; it counts as used then."""
    given = rules.normal(code)
    return rules.is_of_app(given) and _take(session, factor, given, now)


def _take(session: AsyncSession, app: SecondFactor, code: str, now: datetime) -> bool:
    """Under the lock of the app: of two who send one code at once, the second finds that it was used."""
    secret = _secret_of(session, app)
    step = None if secret is None else rules.step_of(code, secret, now=now, after=app.last_step)
    if step is None:
        return False
    app.last_step, app.last_used_at = step, now
    return True


def _secret_of(session: AsyncSession, app: SecondFactor) -> str | None:
    """None where the installation has another secret than when the app was set up: a recovery code helps, or a reset."""
    try:
        return unseal(context_of(session).runtime.secret, PURPOSE, str(app.id), app.sealed_secret).decode()
    except SealBroken:
        return None
