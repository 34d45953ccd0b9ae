"""When a refresh token is good; pure, in UTC."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

GRACE = timedelta(seconds=30)
IDLE = timedelta(days=30)
ABSOLUTE = timedelta(days=90)

REVOCATIONS_KEPT = timedelta(minutes=20)
REVOCATION_OVERLAP = timedelta(seconds=30)


class Verdict(StrEnum):
    """What becomes of a refresh token that someone presents."""

    ROTATE = "rotate"
    REUSED = "reused"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True)
class RefreshToken:
    """One token and the family it belongs to, which began with the log-in."""

    family_started_at: datetime
    family_revoked_at: datetime | None
    issued_at: datetime
    used_at: datetime | None
    family_ends_at: datetime | None = None
    """What gives no successor from then on, whatever else; only of a log-in by a provider."""


def judge(token: RefreshToken, now: datetime) -> Verdict:
    """Whether a token gives a successor.

    For 30 s after its first use it gives another one: the answer may have been lost, or two tabs asked at once. Later use means
    that two parties hold it, so the whole family must go (RFC 9700, 4.14.2).
    """
    if token.family_revoked_at is not None:
        return Verdict.REVOKED
    if token.used_at is not None:
        return Verdict.ROTATE if now - token.used_at <= GRACE else Verdict.REUSED
    if now >= expires_at(token):
        return Verdict.EXPIRED
    return Verdict.ROTATE


def expires_at(token: RefreshToken) -> datetime:
    """When an unused token stops being good: 30 days after it was issued, 90 days after the log-in at the latest, or when the family ends."""
    longest = min(token.issued_at + IDLE, token.family_started_at + ABSOLUTE)
    return longest if token.family_ends_at is None else min(longest, token.family_ends_at)
