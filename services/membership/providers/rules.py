"""Where people may be sent back to, and what binds a log-in to the browser that began it; pure."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit, urlunsplit

from chassis.signed import is_signed, signature_of

BEGUN_LASTS = timedelta(minutes=10)
"""So long people may take at the provider."""
CODE_LASTS = timedelta(minutes=2)
"""So long the app may take to fetch what a log-in gave."""
STATE_KEPT = 2 * BEGUN_LASTS
LONGEST_RETURN = 512

_SIGNS = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*\Z")
_LOOKS_ELSEWHERE = re.compile(r"/(?:/|%2f|%5c)", re.IGNORECASE)
_NEVER = re.compile(r"%(?:0[0-9a-f]|1[0-9a-f]|5c|7f)|%(?![0-9a-f]{2})", re.IGNORECASE)
_SEPARATOR = "."


def is_return(text: str) -> bool:
    """Whether people may be sent back there: a path of the app, with or without a query, that no browser and no router reads as an address."""
    path = text.partition("?")[0]
    return (
        len(text) <= LONGEST_RETURN
        and _SIGNS.match(text) is not None
        and _LOOKS_ELSEWHERE.search(path) is None
        and _NEVER.search(text) is None
        and not {".", ".."} & set(path.lower().replace("%2e", ".").split("/"))
    )


def returned_to(base: str, return_to: str, **said: str) -> str:
    """The address in the app that lives at `base`, with what it is told there."""
    parts = urlsplit(base.rstrip("/") + return_to)
    query = "&".join(part for part in (parts.query, urlencode(said)) if part)
    return urlunsplit(parts._replace(query=query))


@dataclass(frozen=True, slots=True)
class Begun:
    """A log-in under way, as the browser's cookie holds it: nothing in it is secret, and nobody else can write one."""

    state: str
    provider: str
    return_to: str
    transport: str
    ends: int
    """Seconds since 1970."""
    verifier_hash: str | None = None
    """Of what the app shows with the code that it is given; None for the cookie transport."""
    person_id: str | None = None
    """Who links their account, or proves again who they are; None for a log-in."""
    session_id: str | None = None
    """The session in which they do."""
    notice_version: int | None = None
    """The privacy notice that they have read and agree to, if it is asked for."""
    again: bool = False
    """Whether they prove again who they are in that session, and link nothing."""

    @property
    def at(self) -> datetime:
        """When it was begun."""
        return datetime.fromtimestamp(self.ends, UTC) - BEGUN_LASTS


def as_cookie(key: bytes, begun: Begun) -> str:
    """What the cookie holds."""
    said = {name: value for name, value in asdict(begun).items() if value is not None}
    text = urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
    return f"{text}{_SEPARATOR}{signature_of(key, text)}"


def from_cookie(key: bytes, cookie: str, *, state: str, provider: str, now: datetime) -> Begun | None:
    """The log-in that this state belongs to; None if it was begun by somebody else, elsewhere, with another provider or too long ago."""
    text, _, signature = cookie.partition(_SEPARATOR)
    if not is_signed(key, signature, text):
        return None
    begun = Begun(**json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4))))
    fits = begun.state == state and begun.provider == provider
    return begun if fits and now < datetime.fromtimestamp(begun.ends, UTC) else None


def nonce_of(key: bytes, state: str) -> str:
    """What the provider signs with who came: only who has the key can say it of a state."""
    return signature_of(key, "nonce", state)


def verifier_of(key: bytes, state: str) -> str:
    """PKCE's verifier: 43 characters."""
    return signature_of(key, "verifier", state)


def ends_at(now: datetime, lasts: timedelta, longest: timedelta) -> datetime:
    """When a session ends that a provider's log-in begins."""
    return now + min(lasts, longest)
