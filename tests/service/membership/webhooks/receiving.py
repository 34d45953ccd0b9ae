"""A receiver that checks what it is sent as others would, by the public library, and what becomes of it in the service."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from standardwebhooks import Webhook as Oracle

from chassis.testing.harness import received
from contracts.content import DiscussionStarted
from tests.service.membership.scene import Scene
from tests.service.membership.webhooks.conftest import body
from tests.support.standins import Seen, StandIn

STARTED = DiscussionStarted.TYPE


class Receiver(StandIn):
    """Where messages are sent to. `fails` is what it answers instead of taking them."""

    def __init__(self) -> None:
        super().__init__()
        self.fails: int | None = None
        self.answers["/hook"] = lambda _seen: (self.fails or 204, {}, b"")

    def said(self) -> list[dict[str, Any]]:
        return [orjson.loads(one.body) for one in self.seen]

    def ids(self) -> list[str | None]:
        return [one.header("webhook-id") for one in self.seen]


def is_signed_by(seen: Seen, secret: str) -> bool:
    """Whether the public library would have signed it the same."""
    at = datetime.fromtimestamp(int(seen.header("webhook-timestamp") or 0), UTC)
    right = Oracle(secret).sign(str(seen.header("webhook-id")), at, seen.body.decode())
    return right in str(seen.header("webhook-signature")).split(" ")


class Told:
    """A community with a receiver that listens; `hook` is the owner's endpoint there."""

    def __init__(self, scene: Scene, community: dict[str, Any], receiver: Receiver, port: int) -> None:
        self.scene, self.community, self.receiver = scene, community, receiver
        self.url = f"http://127.0.0.1:{port}/hook"
        self.hook: dict[str, Any] = {}

    async def listen(self, *types: str, **fields: Any) -> dict[str, Any]:
        """An endpoint of the owner's."""
        asked = body(self.community, url=self.url, types=list(types or (STARTED,)), **fields)
        return dict(await self.scene.send(self.scene.again("owner"), "/v1/webhooks", asked))

    def message(self, event: Any = None, **envelope: Any) -> Any:
        """A message of now; of a discussion unless said otherwise."""
        return received(event or self.discussion(), occurred_at=self.scene.harness.clock(), **envelope)

    def discussion(self, **fields: Any) -> DiscussionStarted:
        given: dict[str, Any] = {
            "community_id": UUID(self.community["id"]),
            "discussion_id": UUID(int=len(self.community) + 7),
            "kind": "topic",
            "title": "周报怎么写",
            "author_id": UUID(int=9),
        }
        return DiscussionStarted(**(given | fields))

    async def tell(self, *messages: Any, times: int = 1) -> None:
        """Have messages arrive, and everything that follows at once."""
        await self.scene.harness.deliver(*messages, times=times)
        await self.work()

    async def work(self, **later: float) -> None:
        """What the worker does; after so much time, where it is said."""
        if later:
            self.scene.harness.clock.advance(timedelta(**later))
        await self.scene.harness.run_timers()
        await self.scene.harness.run_jobs()

    async def log(self, hook: dict[str, Any] | None = None, **query: Any) -> list[dict[str, Any]]:
        """The deliveries of an endpoint, the newest first."""
        path = f"/v1/webhooks/{(hook or self.hook)['id']}/deliveries"
        found = await self.scene.again("owner").get(path, params={"limit": 100, **query})
        assert found.status_code == 200, found.text
        return list(found.json()["items"])

    async def read(self, hook: dict[str, Any] | None = None) -> dict[str, Any]:
        return dict(await self.scene.see(self.scene.again("owner"), f"/v1/webhooks/{(hook or self.hook)['id']}"))
