"""Setting passwords: with a one-time code, or with the present password."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import Changes, audit
from chassis.database.rows import existing
from chassis.problems import CONFLICT_OF_INTEREST, FORBIDDEN, ILLEGAL_TRANSITION, INVALID, FieldError, Problem
from chassis.runtime import Runtime
from chassis.secrets import hash_of
from chassis.security.caller import Caller
from services.membership.credentials import rules
from services.membership.credentials.access import protect_login
from services.membership.credentials.models import Credential, OneTimeCode
from services.membership.credentials.occasions import passwords_changed
from services.membership.credentials.passwords import hashing
from services.membership.credentials.problems import ALREADY_ACTIVATED, CODE_INVALID, NOT_ACTIVATED
from services.membership.credentials.proving import prove, settle
from services.membership.credentials.queries import has_password
from services.membership.credentials.schemas import OneTimeCodePublic
from services.membership.deliveries.service import forget_refusal
from services.membership.deliveries.smtp import MAIL
from services.membership.people.access import require_active
from services.membership.people.models import Person
from services.membership.people.naming import as_written
from services.membership.people.occasions import PeopleConcerned
from services.membership.people.queries import person_of_login
from services.membership.people.rules import Status
from services.membership.permissions import PEOPLE_WRITE
from services.membership.platform_roles.access import authorize_platform_now
from services.membership.privacy.service import agree

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ASKED_AGAIN = timedelta(days=1)
_LIFETIMES = {"activation": rules.ACTIVATION_LIFETIME, "password_reset": rules.RESET_LIFETIME}


async def issue_activation(session: AsyncSession, caller: Caller, person_id: UUID, now: datetime) -> OneTimeCodePublic:
    """Create a code with which a person sets their first password, valid for 7 days. An earlier code becomes invalid.

    Raises `ALREADY_ACTIVATED`, `ILLEGAL_TRANSITION` unless the person is active, `ACCOUNT_PROTECTED`.
    """
    await authorize_platform_now(session, caller, PEOPLE_WRITE)
    person = await _active(session, caller, person_id)
    if await has_password(session, person.id):
        raise ALREADY_ACTIVATED()
    return await issue(session, caller, person, "activation", now)


async def issue_password_reset(
    session: AsyncSession, caller: Caller, person_id: UUID, now: datetime
) -> OneTimeCodePublic:
    """A code with which a person sets a new password, good for an hour; for people to hand over, never for programs.

    Raises `FORBIDDEN` for service accounts, `CONFLICT_OF_INTEREST` about the caller: whoever sits down at their screen could otherwise
    take the account. Raises `NOT_ACTIVATED`, `ILLEGAL_TRANSITION`, `ACCOUNT_PROTECTED`.
    """
    await authorize_platform_now(session, caller, PEOPLE_WRITE)
    if caller.kind != "person":
        raise FORBIDDEN()
    if caller.id == person_id:
        raise CONFLICT_OF_INTEREST()
    person = await _active(session, caller, person_id)
    if not await has_password(session, person.id):
        raise NOT_ACTIVATED()
    # Whoever asked has an answer now.
    await session.execute(
        update(Credential).where(col(Credential.person_id) == person.id).values(reset_requested_at=None)
    )
    return await issue(session, caller, person, "password_reset", now)


async def redeem(
    runtime: Runtime,
    code: str,
    password: str,
    purpose: str,
    request_id: str | None,
    *,
    notice_version: int | None = None,
) -> Person:
    """Set a password with a code; whoever activates their account agrees to the privacy notice.

    Raises `CODE_INVALID`, `PRIVACY_NOTICE_NOT_AGREED`, `INVALID` for a password that cannot be taken.
    """
    digest = hash_of(rules.normal_code(code))
    async with runtime.database.reading() as session:
        person = await _holder(session, digest, purpose, runtime.clock())
    _check_password(person, password, "/password")
    kept = await hashing.hash(password)
    now = runtime.clock()
    async with runtime.database.transaction(actor=f"person:{person.id}", request_id=request_id) as session:
        person = await existing(session, Person, person.id, lock=True)
        await _holder(session, digest, purpose, now)
        if purpose == "activation":
            await agree(session, person.id, notice_version, "activation", now)
        # Every code of the person is used up with this one.
        await session.execute(
            update(OneTimeCode)
            .where(col(OneTimeCode.person_id) == person.id, col(OneTimeCode.used_at).is_(None))
            .values(used_at=now)
        )
        await _set_password(session, person, kept, now)
        # If it was mailed, mail arrives where it was refused before.
        left_at = select(col(OneTimeCode.created_at)).where(col(OneTimeCode.code_hash) == digest).scalar_subquery()
        await forget_refusal(session, person.id, MAIL, left_at)
        return person


async def change_password(
    runtime: Runtime, caller: Caller, old: str, new: str, request_id: str | None
) -> Problem | None:
    """Replace the caller's password and end all their sessions, this one too. A wrong old password counts as a failed log-in."""
    async with runtime.database.reading() as session:
        person = await require_active(session, caller)
    login = person.email or person.employee_no or person.phone or ""
    proof = await prove(runtime, login, old)
    _check_password(person, new, "/new_password")
    kept = await hashing.hash(new) if proof.right else ""
    now = runtime.clock()

    async def settled() -> Problem | None:
        async with runtime.database.transaction(actor=caller.actor, request_id=request_id) as session:
            person = await existing(session, Person, caller.id, lock=True)
            refusal = await settle(session, proof, now)
            if refusal is None:
                await _set_password(session, person, kept, now)
            return refusal

    return await runtime.lines.run(settled)


async def who_lost_their_password(session: AsyncSession, login: str) -> Person | None:
    """The person who can set another password, locked; None where there is nobody, or nobody with one."""
    person = await person_of_login(session, login)
    if person is None or person.status != Status.ACTIVE:
        return None
    asked = select(Credential).where(col(Credential.person_id) == person.id).with_for_update()
    return person if (await session.exec(asked)).first() is not None else None


async def note_lost_password(session: AsyncSession, person: Person, now: datetime) -> None:
    """Note for administrators that somebody reports a lost password."""
    credential = await session.get(Credential, person.id)
    if credential is None:
        return
    before, credential.reset_requested_at = credential.reset_requested_at, now
    if before is None or before < now - ASKED_AGAIN:
        # Nobody has proved who they are; once a day is enough to see that somebody asked.
        changes: Changes = {"requested_at": [before, now]}
        await audit(session, None, person, "person.ask_for_reset", changes, now)


async def put_password(session: AsyncSession, person_id: UUID, password_hash: str, now: datetime) -> None:
    """Write a password's hash, for the first time or again."""
    credential = await session.get(Credential, person_id)
    if credential is None:
        session.add(Credential(person_id=person_id, password_hash=password_hash, changed_at=now))
    else:
        credential.password_hash = password_hash
        credential.changed_at = now
        credential.reset_requested_at = None


async def replace_password(session: AsyncSession, person_id: UUID, password_hash: str, now: datetime) -> None:
    """Write a password's hash, and let follow what follows: sessions begun with an earlier one end."""
    await put_password(session, person_id, password_hash, now)
    await passwords_changed.happened(session, PeopleConcerned([person_id], now))


async def _set_password(session: AsyncSession, person: Person, password_hash: str, now: datetime) -> None:
    if person.status != Status.ACTIVE:
        raise CODE_INVALID()
    await replace_password(session, person.id, password_hash, now)


async def issue(
    session: AsyncSession, caller: Caller | None, person: Person, purpose: str, now: datetime, *, instead: bool = True
) -> OneTimeCodePublic:
    """A code for somebody, `instead` of those for the same purpose that they have."""
    if instead:
        await session.execute(
            update(OneTimeCode)
            .where(
                col(OneTimeCode.person_id) == person.id,
                col(OneTimeCode.purpose) == purpose,
                col(OneTimeCode.used_at).is_(None),
            )
            .values(used_at=now)
        )
    # 100 bits, in groups that can be read out.
    groups = ["".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4)]
    code, expires_at = "-".join(groups), now + _LIFETIMES[purpose]
    session.add(
        OneTimeCode(
            code_hash=hash_of(rules.normal_code(code)),
            person_id=person.id,
            purpose=purpose,
            created_at=now,
            expires_at=expires_at,
        )
    )
    await audit(session, caller, person, f"{purpose}_code", {"code": [None, "issued"]}, now)
    return OneTimeCodePublic(
        person_id=person.id,
        display_name=as_written(person),
        employee_no=person.employee_no,
        code=code,
        expires_at=expires_at,
    )


async def _active(session: AsyncSession, caller: Caller, person_id: UUID) -> Person:
    person = await existing(session, Person, person_id, lock=True)
    if person.status != Status.ACTIVE:
        raise ILLEGAL_TRANSITION(state=person.status)
    await protect_login(session, caller, person.id)
    return person


async def _holder(session: AsyncSession, code_hash: str, purpose: str, now: datetime) -> Person:
    found = await session.exec(
        select(OneTimeCode).where(col(OneTimeCode.code_hash) == code_hash).execution_options(populate_existing=True)
    )
    code = found.first()
    if code is None or code.purpose != purpose or code.used_at is not None or code.expires_at <= now:
        raise CODE_INVALID()
    person = await session.get(Person, code.person_id)
    if person is None:
        raise CODE_INVALID()
    return person


def _check_password(person: Person, password: str, pointer: str) -> None:
    known = (person.email, person.phone, person.employee_no, as_written(person))
    fault = rules.password_fault(password, known)
    if fault is not None:
        raise INVALID(
            errors=[
                FieldError(
                    pointer,
                    fault,
                    f"{rules.PASSWORD_MIN} to {rules.PASSWORD_MAX} characters, not easy to guess.",
                    f"须为 {rules.PASSWORD_MIN} 至 {rules.PASSWORD_MAX} 个字符，且不易猜到。",
                )
            ]
        )
