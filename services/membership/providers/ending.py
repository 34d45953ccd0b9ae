"""A provider says that a log-in there is over (OpenID Connect Back-Channel Logout 1.0): what it began here ends, too."""

from chassis.problems import NOT_FOUND, Problem
from chassis.runtime import Runtime
from services.membership.identities.queries import named_alike
from services.membership.providers.kinds import provider_of
from services.membership.providers.oidc import OidcProvider
from services.membership.providers.problems import LOGIN_STATE_INVALID, LOGOUT_REFUSED, PROVIDER_REFUSED
from services.membership.providers.returning import use_once
from services.membership.sessions.service import end_those_of_identity, end_those_of_provider

BECAUSE = "provider_logout"


async def end(runtime: Runtime, provider: str, logout_token: str, *, request_id: str | None) -> None:
    """End what a log-out token names: one session of the provider's, else all of a person's. Raises `LOGOUT_REFUSED`."""
    adapter = provider_of(runtime, provider)
    if not isinstance(adapter, OidcProvider):
        raise NOT_FOUND()
    try:
        ended = await adapter.ended(logout_token)
        now = runtime.clock()
        async with runtime.database.transaction(request_id=request_id) as session:
            await use_once(session, f"logout:{provider}:{ended.key}", now)
            if ended.session is not None:
                await end_those_of_provider(session, provider, ended.session, because=BECAUSE, now=now)
            elif ended.subject is not None:
                for one in await named_alike(session, provider=provider, tenant="", kind="sub", subject=ended.subject):
                    await end_those_of_identity(session, one.id, because=BECAUSE, now=now)
    except Problem as problem:
        if problem.type in (PROVIDER_REFUSED, LOGIN_STATE_INVALID):
            raise LOGOUT_REFUSED() from None
        raise
