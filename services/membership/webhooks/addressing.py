"""Where an endpoint may be: looked at when it is written down, and again by each call."""

from chassis import outgoing
from chassis.problems import INVALID
from chassis.runtime import Runtime
from services.membership.webhooks.problems import ADDRESS_REFUSED


async def check_address(runtime: Runtime, url: str | None) -> None:
    """Refuse an address that would not be called. It asks for what a name stands for: never within a transaction. Raises `INVALID`."""
    if url is None:
        return
    try:
        await outgoing.check(url, allowed=runtime.settings.webhook_networks)
    except outgoing.AddressRefusedError:
        raise INVALID(errors=[ADDRESS_REFUSED]) from None
