"""A mail server, a messenger and an endpoint of another system that take what comes and, while they are held, answer nothing."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from tests.support.beside import beside
from tests.support.mail_server import MailServer, mail_server
from tests.support.messengers import Messengers, messengers
from tests.support.standins import Answer, Seen
from tests.support.waiting import NeverHappened, eventually_sync
from tests.system.stacks import Stack
from tests.system.telling import posted_to

_MESSAGES = "/open-apis/im/v1/messages"
_LOOKS_EVERY = 0.02
_MINUTES, _SENT_WITHIN = 60, 3.0
"""How many go by at the most, and the seconds that each stays."""


@dataclass
class Came:
    """One try of a message to get there, by the id by which its receiver knows it again."""

    id: str
    held: bool


class Endpoint(ThreadingHTTPServer):
    """Another system that is told by webhook."""

    daemon_threads = True

    def __init__(self, outside: "Outside") -> None:
        super().__init__(("127.0.0.1", 0), _Told)
        self.outside = outside
        self.came: list[Came] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class _Told(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        outside = self.server.outside
        self.server.came.append(Came(self.headers["webhook-id"], outside.held))
        outside.wait()
        # Whoever asked may be dead by now.
        with suppress(OSError):
            self.send_response(204)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, *_said: Any) -> None:
        """Say nothing."""


@dataclass
class Outside:
    """The three; `settings` is what an installation must be told to find them."""

    mail: MailServer
    three: Messengers
    held: bool = False
    by_messenger: list[Came] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.endpoint = Endpoint(self)
        feishu = self.three.feishu
        answers = feishu.answer

        def answer(seen: Seen) -> Answer:
            if seen.path == _MESSAGES:
                self.by_messenger.append(Came(json.loads(seen.body)["uuid"], self.held))
            return answers(seen)

        async def behaves(scope: Scope, receive: Receive, send: Send) -> None:
            async def later(message: Message) -> None:
                while self.held and scope["path"] == _MESSAGES:
                    await asyncio.sleep(_LOOKS_EVERY)
                await send(message)

            await feishu._record(scope, receive, later)

        feishu.answer = answer  # type: ignore[method-assign]
        feishu.behaves = behaves

    def wait(self) -> None:
        """Go on when nothing is held any more."""
        while self.held:
            time.sleep(_LOOKS_EVERY)

    def hold(self, held: bool) -> None:
        """Answer nothing, or everything, from now on."""
        self.held = self.mail.held = held

    def settings(self) -> dict[str, str]:
        inside = ("QUNXUE_WEBHOOK_NETWORKS", "QUNXUE_MESSENGER_NETWORKS")
        feishu = {
            f"QUNXUE_{name.upper()}": str(value)
            for name, value in self.three.settings().items()
            if name.startswith("feishu")
        }
        return posted_to(self.mail) | dict.fromkeys(inside, "127.0.0.0/8") | feishu

    def by_mail(self) -> list[Came]:
        """What came by mail."""
        ids = [str(mail["Message-ID"]) for mail in list(self.mail.arrived)]
        return [Came(id_, held) for id_, held in zip(ids, list(self.mail.held_back), strict=False)]

    def came(self) -> dict[str, list[Came]]:
        """All that came, by the way that it came."""
        return {"mail": self.by_mail(), "feishu": list(self.by_messenger), "webhook": list(self.endpoint.came)}


def in_time(stack: Stack, holds: Callable[[], bool], what: str) -> None:
    """Let time go by, minute by minute, until it holds: who was away is asked seldom, and what a dead process held is nobody else's at first.

    Each minute stays a while: what is being sent would be taken for lost by a clock that runs, and sent again.
    """
    for _ in range(_MINUTES):
        stack.clock.advance(timedelta(minutes=1))
        with suppress(NeverHappened):
            eventually_sync(holds, timeout=_SENT_WITHIN)
            return
    eventually_sync(holds, what=what)


@contextmanager
def outside() -> Iterator[Outside]:
    """They listen on this machine."""
    with beside(mail_server()) as mail, beside(messengers()) as three:
        made = Outside(mail, three)
        thread = threading.Thread(target=made.endpoint.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield made
        finally:
            made.hold(held=False)
            made.endpoint.shutdown()
            thread.join()
            made.endpoint.server_close()
