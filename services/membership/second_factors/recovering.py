"""Recovery codes: made ten at once, each good once."""

import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.secrets import hash_of
from services.membership.credentials.rules import normal_code
from services.membership.second_factors import rules
from services.membership.second_factors.models import RecoveryCode

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS, _GROUP = 4, 4
"""80 bits, in groups that can be read out."""


async def new_recovery_codes(session: AsyncSession, person_id: UUID, now: datetime) -> list[str]:
    """Ten codes; those before are worth nothing from now on."""
    await forget_recovery_codes(session, person_id)
    codes = [_new_code() for _ in range(rules.RECOVERY_CODES)]
    rows = [{"code_hash": hash_of(normal_code(code)), "person_id": person_id, "created_at": now} for code in codes]
    await session.execute(insert(RecoveryCode), rows)
    return codes


async def forget_recovery_codes(session: AsyncSession, person_id: UUID) -> None:
    """Delete a person's codes."""
    await session.execute(delete(RecoveryCode).where(col(RecoveryCode.person_id) == person_id))


async def use_recovery_code(session: AsyncSession, person_id: UUID, code: str, now: datetime) -> bool:
    """Whether it was one of the person's unused codes; it is used from now on."""
    used = await session.execute(
        update(RecoveryCode)
        .where(
            col(RecoveryCode.code_hash) == hash_of(normal_code(code)),
            col(RecoveryCode.person_id) == person_id,
            col(RecoveryCode.used_at).is_(None),
        )
        .values(used_at=now)
        .returning(col(RecoveryCode.code_hash))
        .execution_options(synchronize_session=False)
    )
    return used.first() is not None


def _new_code() -> str:
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
