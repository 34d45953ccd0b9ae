"""Somebody who has the product open: what the live stream tells them."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from tests.support.waiting import PATIENCE, eventually_sync
from tests.system.api import Api


class Listener:
    """What came so far: each event's name, id and data."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str | None, Any]] = []

    @property
    def last(self) -> str:
        """Where to go on later."""
        return next(id_ for _, id_, _ in reversed(self.events) if id_)

    def until(self, name: str, **said: Any) -> None:
        """Wait for an event that says this."""

        def came() -> bool:
            found = list(self.events)
            assert any(one == name and said.items() <= data.items() for one, _, data in found), found
            return True

        eventually_sync(came, what=f"{name} {said}")

    def read(self, lines: Iterator[bytes]) -> None:
        fields: dict[str, str] = {}
        for line in lines:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                fields[name] = value
            elif "event" in fields:
                self.events.append((fields["event"], fields.get("id"), json.loads(fields["data"])))
                fields = {}


@contextmanager
def listening(api: Api, *, after: str | None = None) -> Iterator[Listener]:
    """While somebody listens; from where they were, if they say so."""
    address = urlsplit(api.url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=PATIENCE)
    path = "/v1/stream" + (f"?after={after}" if after else "")
    connection.request("GET", path, headers={"Authorization": str(api.client.headers["Authorization"])})
    wire = connection.sock
    assert wire is not None
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    listener = Listener()

    def read() -> None:
        try:
            listener.read(iter(answer.readline, b""))
        except (OSError, HTTPException, ValueError):
            return  # whoever listened has left

    thread = threading.Thread(target=read)
    thread.start()
    try:
        listener.until("ready") if after is None else None
        yield listener
    finally:
        wire.shutdown(socket.SHUT_RDWR)
        thread.join()
        answer.close()
        connection.close()
