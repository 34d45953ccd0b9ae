"""The gateway as it runs in this process. It has no database: everything it knows it asks, and forgets."""

from collections.abc import Sequence

from chassis.admission import Admission
from chassis.clock import Clock
from chassis.database.lines import Lines
from chassis.messaging.bridge import Bridge
from chassis.peers import Peers
from chassis.secrets import derived, installation_secret
from chassis.security.keys import KeySet
from chassis.security.tokens import TokenVerifier
from chassis.settings import SERVICES, Settings
from chassis.turns import Turns
from chassis.turnstile import Turnstile
from gateway.guards import Guard
from gateway.live.streams import Streams
from gateway.live.tickets import Tickets
from gateway.parts import Parts
from gateway.revocations import Revocations
from gateway.routing import GATEWAY
from gateway.upstream import Upstream


class GatewayRuntime:
    """What the gateway's own operations stand on, as a service's stand on theirs."""

    name = GATEWAY
    metadata = None  # it keeps no tables

    def __init__(
        self,
        settings: Settings,
        upstream: Upstream,
        peers: Peers,
        clock: Clock,
        turns: Sequence[Turns],
        bridge: Bridge | None = None,
    ) -> None:
        secret = installation_secret(settings)
        self.settings = settings
        self.clock = clock
        self.interpreting = Turnstile(1)
        self.admission = Admission()
        self.lines = Lines(needed=False)
        self.turns = turns
        self.bridge = bridge
        self.upstream = upstream
        self.cursor_secret = derived(secret, "cursors")
        self.peers = peers
        self.keys = KeySet(self.peers.fetch_keys)
        self.verifier = TokenVerifier(issuer=settings.token_issuer, audience=settings.token_audience, keys=self.keys)
        self.guards = {service: Guard(service) for service in (*SERVICES, GATEWAY)}
        self.parts = Parts(upstream, self.guards)
        self.revocations = Revocations(lambda path: self.peers.call("membership", "GET", path), clock)
        self.tickets = Tickets(self.peers.call)
        self.streams = Streams(self.peers.call, self.revocations)

    async def close(self) -> None:
        """Let go of connections."""
        await self.revocations.stop()
        await self.streams.close()
        await self.peers.close()
        await self.upstream.close()
