"""How long a guesser waits, what makes a password, how long codes are good; pure, in seconds and UTC."""

import unicodedata
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

FREE_FAILURES = 5
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)
FAILURES_FORGOTTEN = timedelta(hours=24)

ACTIVATION_LIFETIME = timedelta(days=7)
RESET_LIFETIME = timedelta(hours=1)
CODES_KEPT = timedelta(days=30)
"""Once used or too old."""

MAILED_AGAIN = timedelta(minutes=5)
"""After so long whoever lost their password is mailed another code."""
MAILED_WITHIN = timedelta(days=1)
MOST_MAILED = 10
"""How many codes somebody is mailed within a day, whoever asks."""

PASSWORD_MIN = 8
PASSWORD_MAX = 128


def may_try_at(failures: int, last_failed_at: datetime | None) -> datetime | None:
    """From when on the next log-in is looked at; None means at once.

    Five failures are free. Then each doubles the wait: 15 s, 30 s, 1 min and so on up to 15 min, never for ever.
    """
    if last_failed_at is None or failures < FREE_FAILURES:
        return None
    doublings = min(failures - FREE_FAILURES, 16)
    return last_failed_at + min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def may_mail_code(lately: Collection[datetime], now: datetime) -> bool:
    """Whether another code may be mailed to somebody, given when those of the last day were: whoever knows a log-in can ask."""
    return len(lately) < MOST_MAILED and all(now - at >= MAILED_AGAIN for at in lately)


def failures_counted(failures: int, last_failed_at: datetime | None, now: datetime) -> int:
    """The failures that still count: a day without one forgets them all."""
    if last_failed_at is None or now - last_failed_at >= FAILURES_FORGOTTEN:
        return 0
    return failures


def as_compared(password: str) -> str:
    """A password as it is hashed and counted: the same strokes give é as one character on one keyboard, as two on another.

    NFC, as RFC 8265 has it for passwords.
    """
    return unicodedata.normalize("NFC", password)


def password_fault(password: str, known: Iterable[str | None] = ()) -> str | None:
    """Why a password cannot be taken: `too_short`, `too_long`, `too_simple`, `known`; None where it can.

    `known` are things others know of the person, such as their e-mail. Composition rules are left out on purpose (NIST SP 800-63B, 3.1.1).
    """
    password = as_compared(password)
    if len(password) < PASSWORD_MIN:
        return "too_short"
    if len(password) > PASSWORD_MAX:
        return "too_long"
    if len(set(password)) < 3 or password.lower() in _COMMON:
        return "too_simple"
    if any(text and password.lower() == text.lower() for text in known):
        return "known"
    return None


_COMMON = frozenset(
    {"password", "password1", "12345678", "123456789", "1234567890", "qwertyui", "qwerty123", "11223344", "iloveyou"}
)


def normal_code(text: str) -> str:
    """A one-time code as it is compared: upper case, without separators, look-alikes read as what was meant."""
    folded = "".join(character for character in text.upper() if character.isalnum())
    return folded.translate(str.maketrans("OIL", "011"))


def imports_may_change_login(*, platform_roles: Collection[str], has_password: bool) -> bool:
    """Whether an import or a service account may change e-mail, phone or employee number: not of who can already log in.

    Otherwise whoever may import could point an administrator's account at an address of their own.
    """
    return not platform_roles and not has_password
