"""What proves something: the code with which goods are collected, the key of a webhook."""

import base64
import hmac
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.secrets import derived

_LENGTH = 8


def pickup_code(session: AsyncSession, redemption_id: UUID) -> str:
    """The code with which what was redeemed is collected: it follows from the installation's secret, and is kept nowhere."""
    secret = derived(context_of(session).runtime.secret, "pickup-codes")
    return base64.b32encode(hmac.digest(secret, redemption_id.bytes, "sha256")).decode()[:_LENGTH]


def same_code(right: str, given: str) -> bool:
    """Whether a code is the right one, as people type it; how long it takes tells nothing of it."""
    return hmac.compare_digest(right.encode(), given.replace(" ", "").replace("-", "").upper().encode())


def hook_key(session: AsyncSession, reward_id: UUID) -> bytes:
    """The key of a reward's webhook: it follows from the installation's secret, and is kept nowhere."""
    return derived(context_of(session).runtime.secret, f"reward-hook:{reward_id}")
