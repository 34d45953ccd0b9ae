"""Sending somebody to a provider. Nothing is written: what the log-in is bound to is in the browser's cookie, signed."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from chassis.runtime import Runtime
from chassis.secrets import derived, hash_of
from chassis.security.caller import Caller
from services.membership.people.access import require_active
from services.membership.providers import rules
from services.membership.providers.interface import Asked
from services.membership.providers.kinds import provider_of
from services.membership.providers.problems import PROVIDER_PROVES_NOTHING

COOKIE = "qunxue_login_"
"""With the beginning of the state behind it: two log-ins in two tabs know nothing of each other."""
COOKIE_PATH = "/v1/providers"
_OF_STATE = 16
_MOST_COOKIES = 5


@dataclass(frozen=True, slots=True)
class Sent:
    """Where the browser goes to, and what it and the app keep meanwhile."""

    url: str
    cookie: str
    value: str
    ends: datetime
    verifier: str | None


def key_of(runtime: Runtime) -> bytes:
    """The key that log-ins under way are signed with."""
    return derived(runtime.secret, "provider-logins")


def cookie_name(state: str) -> str:
    """The cookie of the log-in with this state."""
    return COOKIE + state[:_OF_STATE]


def asked_of(runtime: Runtime, provider: str, state: str, *, again_since: datetime | None = None) -> Asked:
    """What the provider is told of a log-in: all of it follows from the state, for who has the key."""
    key = key_of(runtime)
    return Asked(
        state=state,
        nonce=rules.nonce_of(key, state),
        verifier=rules.verifier_of(key, state),
        redirect_uri=f"{(runtime.settings.public_url or '').rstrip('/')}/v1/providers/{provider}/callback",
        again_since=again_since,
    )


async def begin(
    runtime: Runtime,
    provider: str,
    *,
    return_to: str,
    transport: str,
    caller: Caller | None = None,
    again: bool = False,
    notice_version: int | None = None,
) -> Sent:
    """Begin a log-in, or a caller's linking of an account, or their proving `again` who they are.

    Raises `NOT_FOUND`, `PROVIDER_UNAVAILABLE`, `PROVIDER_PROVES_NOTHING`, `SESSION_REVOKED`.
    """
    adapter = provider_of(runtime, provider)
    if again and not adapter.proves_again:
        raise PROVIDER_PROVES_NOTHING()
    if caller is not None:
        async with runtime.database.reading() as session:
            await require_active(session, caller)
    state = secrets.token_urlsafe(32)
    verifier = secrets.token_urlsafe(32) if caller is None and transport == "body" else None
    now = runtime.clock()
    url = await adapter.authorization_url(asked_of(runtime, provider, state, again_since=now if again else None))
    ends = now + rules.BEGUN_LASTS
    begun = rules.Begun(
        state=state,
        provider=provider,
        return_to=return_to,
        transport=transport,
        ends=int(ends.timestamp()),
        verifier_hash=hash_of(verifier) if verifier is not None else None,
        person_id=str(caller.id) if caller is not None else None,
        session_id=str(caller.session_id) if caller is not None else None,
        again=again,
        notice_version=notice_version,
    )
    return Sent(url, cookie_name(state), rules.as_cookie(key_of(runtime), begun), ends, verifier)


def too_many(cookies: Iterable[str]) -> list[str]:
    """Log-ins that the browser has begun and left: more than a few would make its requests too long."""
    begun = [name for name in cookies if name.startswith(COOKIE)]
    return begun if len(begun) >= _MOST_COOKIES else []
