"""A network of the tests' own between a client and a server: it delays, stalls, freezes, resets, and loses an answer on purpose."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

SENT_AGAIN_SECONDS = (0.2, 1.0)
"""How long a piece takes that had to be sent again: Linux waits 200 ms at least, and twice as long each time."""


@dataclass
class Network:
    """Passes bytes on between 127.0.0.1:`port` and a server.

    `delay` is in seconds and for each direction. `lost` is the share of pieces that are "lost": TCP sends again what was lost, so all
    that one sees of it is that the piece, and those behind it, come later. `cut_after` is asked of what a client sends: where it says yes, the bytes reach the
    server, and the connection is reset when the server begins to answer.
    """

    to_port: int
    port: int = 0
    delay: float = 0.0
    lost: float = 0.0
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    cut_after: Callable[[bytes], bool] | None = None
    opened: int = 0
    cuts: int = 0
    stalls: int = 0
    _links: set["_Link"] = field(default_factory=set)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Network"]:
        """Listen while the block runs."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for link in list(self._links):
                link.reset()

    def freeze(self) -> None:
        """Forward nothing on the connections there are, and tell nobody; new ones pass."""
        for link in self._links:
            link.frozen = True

    def reset(self) -> None:
        """Reset every connection there is."""
        for link in list(self._links):
            link.reset()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.to_port)
        except OSError:
            writer.transport.abort()
            return
        link = _Link(self, writer, server_writer)
        self._links.add(link)
        pumps = [
            asyncio.create_task(link.pump(reader, server_writer, from_client=True)),
            asyncio.create_task(link.pump(server_reader, writer, from_client=False)),
        ]
        try:
            # One side has closed: the other is closed with it.
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            self._links.discard(link)
            link.reset()


class _Link:
    def __init__(self, network: Network, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.network = network
        self.frozen = False
        self.doomed = False
        self._writers = (client, server)

    async def pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, from_client: bool) -> None:
        network = self.network
        while data := await reader.read(65536):
            if network.delay:
                await asyncio.sleep(network.delay)
            if network.lost and network.chance.random() < network.lost:
                network.stalls += 1
                await asyncio.sleep(network.chance.uniform(*SENT_AGAIN_SECONDS))
            if self.doomed and not from_client:
                network.cuts += 1
                return
            if self.frozen:
                continue
            if from_client and network.cut_after is not None and network.cut_after(data):
                self.doomed = True
            writer.write(data)
            await writer.drain()
        if self.frozen:
            await asyncio.Event().wait()

    def reset(self) -> None:
        for writer in self._writers:
            with contextlib.suppress(RuntimeError):
                writer.transport.abort()
