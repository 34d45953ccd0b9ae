"""Logging in."""

from chassis.problems import Problem
from chassis.runtime import Runtime
from services.membership.credentials.proving import BEARER, prove, settle
from services.membership.people.models import Person
from services.membership.people.rules import Status
from services.membership.second_factors.proving import prove_code
from services.membership.sessions import service
from services.membership.sessions.problems import ACCOUNT_INACTIVE


async def log_in(
    runtime: Runtime,
    login: str,
    password: str,
    *,
    code: str | None = None,
    transport: str,
    user_agent: str | None,
    request_id: str | None,
) -> service.Tokens | Problem:
    """Tokens for the right password, and the right code of who has a second factor; otherwise the refusal as a value, since it has been counted.

    Unknown accounts take the same time, fail the same way and wait just as long.
    """
    proof = await prove(runtime, login, password)
    now = runtime.clock()
    actor = f"person:{proof.person.id}" if proof.person else "system"

    async def settled() -> service.Tokens | Problem:
        async with runtime.database.transaction(actor=actor, request_id=request_id) as session:
            refusal = await settle(session, proof, now)
            if refusal is not None:
                return refusal
            assert proof.person is not None  # noqa: S101 - settle() refuses where there is nobody
            person = await session.get(Person, proof.person.id)
            if person is None or person.status != Status.ACTIVE:
                return ACCOUNT_INACTIVE(headers=BEARER)
            has_factor, refusal = await prove_code(session, person.id, code, now)
            if refusal is not None:
                return refusal
            methods = service.BY_CODE if has_factor else service.BY_PASSWORD
            return await service.start(
                session, runtime, person, transport=transport, user_agent=user_agent, now=now, methods=methods
            )

    # A unit of work of its own: whoever waits for the account's row need not prove again who they are.
    return await runtime.lines.run(settled)
