"""Clients that keep writing while something is done to the server, and remember every answer."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

CLIENTS = 8


@dataclass
class Attempt:
    """One request: when the whole of it was sent, and the status it was answered with (None: it was not, no answer came)."""

    number: str
    sent: float | None = None
    status: int | None = None
    id: str | None = None
    error: str = ""

    def note(self, what: str, _: object) -> None:
        """What httpx does for it."""
        if what == "http11.send_request_body.complete":
            self.sent = time.monotonic()


@dataclass
class Writers:
    """Registers people until it is told to stop or has asked often enough. Every request has a connection of its own."""

    url: str
    token: str
    count: int
    attempts: list[Attempt] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def writing(self) -> Iterator["Writers"]:
        threads = [threading.Thread(target=self._write, args=(n,)) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            for thread in threads:
                thread.join(timeout=120)

    def stop(self) -> None:
        self._stop.set()

    @property
    def done(self) -> int:
        return len(self.attempts)

    @property
    def answered(self) -> list[Attempt]:
        return [attempt for attempt in self.attempts if attempt.status is not None and attempt.status < 300]

    def _write(self, client_number: int) -> None:
        with httpx.Client(
            base_url=self.url,
            timeout=15,
            trust_env=False,
            headers={"Authorization": f"Bearer {self.token}", "Connection": "close"},
        ) as client:
            for n in range(self.count // CLIENTS):
                if self._stop.is_set():
                    return
                attempt = Attempt(f"{client_number}-{n}")
                try:
                    body = {"employee_no": attempt.number, "display_name": f"写入 {attempt.number}"}
                    response = client.post("/v1/people", json=body, extensions={"trace": attempt.note})
                    attempt.status = response.status_code
                    attempt.id = response.json().get("id")
                except (httpx.TransportError, ValueError) as error:
                    attempt.error = repr(error)
                    time.sleep(0.05)
                with self._lock:
                    self.attempts.append(attempt)
