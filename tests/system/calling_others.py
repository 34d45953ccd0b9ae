"""An endpoint of another system that is away for days: what it missed is sent again, and taken once."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook as Verifier

from tests.support.waiting import eventually_sync
from tests.system.journey import OWNER, Journey

STARTED = "qunxue.content.discussion.started.v1"


class Receiver(ThreadingHTTPServer):
    """Takes each message once, by its id, while it is not away. `called` are the ids of all calls, `taken` what it took."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.away = False
        self.called: list[str] = []
        self.taken: dict[str, Any] = {}
        self.secret = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class _Taking(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        id_ = self.headers["webhook-id"]
        self.server.called.append(id_)
        if not self.server.away:
            assert id_ not in self.server.taken, "taken twice"
            self.server.taken[id_] = json.loads(body), self.headers, body
        self.send_response(503 if self.server.away else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_said: Any) -> None:
        """Say nothing."""


@contextmanager
def a_receiver() -> Iterator[Receiver]:
    """Another system that listens."""
    with Receiver() as receiver:
        thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield receiver
        finally:
            receiver.shutdown()
            thread.join()


def walk_an_outage(journey: Journey, receiver: Receiver) -> None:
    """It takes a message, is away for three days, and has what it missed when it asks for it: each once."""
    asked = {"community_id": journey.community_id, "url": receiver.url, "types": [STARTED]}
    hook = journey[OWNER].post("/v1/webhooks", asked, expect=201)
    path = f"/v1/webhooks/{hook['id']}"
    _begin(journey, "外部系统在线")
    eventually_sync(lambda: receiver.taken, what="the first message to be taken")
    [(said, headers, body)] = receiver.taken.values()
    assert said["data"]["title"] == "外部系统在线"
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    right = Verifier(hook["secret"]).sign(headers["webhook-id"], at, body.decode())
    assert headers["webhook-signature"] == right
    receiver.away = True
    since = journey.stack.clock.now().isoformat()
    _begin(journey, "外部系统离线")
    eventually_sync(lambda: len(receiver.called) >= 2, what="the second message to be tried")
    [missed] = set(receiver.called) - set(receiver.taken)
    for _ in range(3):
        calls = len(receiver.called)
        journey.stack.clock.advance(timedelta(days=1, minutes=10))
        journey.log_in_again()
        _tried_again(journey, path, receiver, calls)
    journey[OWNER].until(f"{path}/deliveries", _is_over, limit=10)
    receiver.away = False
    journey[OWNER].post(f"{path}/replay", {"since": since}, expect=202)
    eventually_sync(lambda: missed in receiver.taken, what="what was missed to be taken")
    journey[OWNER].until(
        f"{path}/deliveries", lambda body: {one["status"] for one in body["items"]} == {"delivered"}, limit=10
    )
    assert [one["data"]["title"] for one, *_ in receiver.taken.values()] == ["外部系统在线", "外部系统离线"]


def _begin(journey: Journey, title: str) -> None:
    body = {"community_id": journey.community_id, "kind": "topic", "title": title, "body": "请知悉。"}
    journey[OWNER].post("/v1/discussions", body, expect=201)


def _tried_again(journey: Journey, path: str, receiver: Receiver, calls: int) -> None:
    def tried(body: dict[str, Any]) -> bool:
        return _is_over(body) or len(receiver.called) > calls

    journey[OWNER].until(f"{path}/deliveries", tried, limit=10)


def _is_over(body: dict[str, Any]) -> bool:
    return "failed" in {one["status"] for one in body["items"]}
