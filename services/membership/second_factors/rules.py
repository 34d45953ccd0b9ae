"""Which one-time codes are right (RFC 6238), and what they look like; pure, in UTC."""

import hmac
import unicodedata
from datetime import datetime, timedelta

import pyotp

STEP_SECONDS = 30
STEPS_ASIDE = 1
"""A phone's clock may be a step behind or ahead."""
DIGITS = 6
SECRET_LENGTH = 32
"""Characters of Base32: 160 bits, as RFC 4226 recommends."""
RECOVERY_CODES = 10
GRACE = timedelta(days=14)
"""For so long staff may do without."""
PENDING = timedelta(hours=1)
"""For so long an app may be set up before its first code has come."""


def due_at(*, staff_since: datetime, required_since: datetime) -> datetime:
    """By when somebody must have a second factor who has had a role of staff since then."""
    return max(staff_since, required_since) + GRACE


def normal(code: str) -> str:
    """A code as it is compared: an input method may have typed full-width digits, and people type spaces where they see some."""
    return "".join(unicodedata.normalize("NFKC", code).split()).replace("-", "")


def is_of_app(code: str) -> bool:
    """Whether a normal code is one of an app; else it may be a recovery code."""
    return len(code) == DIGITS and code.isascii() and code.isdecimal()


def step_at(moment: datetime) -> int:
    """The step of 30 seconds in which a moment is."""
    return int(moment.timestamp()) // STEP_SECONDS


def step_of(code: str, secret: str, *, now: datetime, after: int | None) -> int | None:
    """The step whose code this is; None where it is wrong, or not of a later step than the last one that counted.

    All steps are compared, whichever is right: how long it takes tells nothing.
    """
    app = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS)
    present, found = step_at(now), None
    for step in range(present - STEPS_ASIDE, present + STEPS_ASIDE + 1):
        if hmac.compare_digest(app.generate_otp(step).encode(), code.encode()) and (after is None or step > after):
            found = step
    return found


def address(secret: str, *, name: str, issuer: str) -> str:
    """What an app reads: `otpauth://totp/…`."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS).provisioning_uri(name=name, issuer_name=issuer)


def new_secret() -> str:
    """A secret of an app, in Base32."""
    return pyotp.random_base32(SECRET_LENGTH)
