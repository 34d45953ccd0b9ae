"""What changes in inboxes, as the gateway hears of it, and streams that are open."""

from typing import Any
from urllib.parse import parse_qs

from chassis.ids import new_id
from chassis.security.caller import Caller
from tests.service.gateway.conftest import Scene
from tests.support.standins import Seen, bearer
from tests.support.streaming import Reader

FEED = "/internal/notifications/feed"


class Changes:
    """Membership's feed, as the gateway reads it: what a test says has changed."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.items: list[dict[str, Any]] = []
        self.asked: list[dict[str, str]] = []
        self.away = False
        self.forgotten = 0
        """Up to which number nothing is known any more."""
        scene.membership.answers[FEED] = self._answer

    def told(self, caller: Caller, unread: int = 1) -> str:
        """Something is new for somebody. Returns its place."""
        seq = f"0.{len(self.items) + 1}"
        self.items.append(
            {
                "seq": seq,
                "person_id": str(caller.id),
                "kind": "told",
                "notification_id": str(new_id()),
                "unread": unread,
                "at": "2027-11-23T01:00:00Z",
            }
        )
        return seq

    def _answer(self, seen: Seen) -> Any:
        query = {name: values[0] for name, values in parse_qs(seen.query.decode()).items()}
        self.asked.append(query)
        if self.away:
            return 503, {}, b""
        end = f"0.{len(self.items)}"
        if "after" not in query:
            return {"items": [], "next": end, "reset": False}
        after = int(query["after"].split(".")[1])
        if after < self.forgotten or after > len(self.items):
            return {"items": [], "next": end, "reset": True}
        whose = query.get("person_id")
        items = [item for item in self.items[after:] if whose in (None, item["person_id"])]
        return {"items": items, "next": end, "reset": False}


async def reading(scene: Scene, caller: Caller, query: str = "", **headers: str) -> Reader:
    """Somebody's stream, open."""
    return await Reader(scene.gateway, query, {**bearer(caller), **headers}).open()


def ids(reader: Reader) -> list[str | None]:
    return [event.id for event in reader.named("notification")]
