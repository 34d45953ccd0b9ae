"""An announcement on its way: put off, published, confirmed by some, and the others reminded."""

from collections.abc import Sequence
from datetime import timedelta

from tests.system.journey import OWNER, Journey

LATER = timedelta(seconds=15)
"""Longer than a request may take."""


def put_off(journey: Journey) -> str:
    """The owner writes an announcement that is published while the rest goes on; returns its path."""
    soon = journey.stack.clock.now() + LATER
    made = journey[OWNER].post(
        "/v1/discussions",
        {
            "community_id": journey.community_id,
            "kind": "announcement",
            "title": "周五闭馆",
            "body": "请**确认**。",
            "announcement": {"confirm": "acknowledge", "publish_at": soon.isoformat()},
        },
        expect=201,
    )
    assert made["status"] == "scheduled"
    return f"/v1/discussions/{made['id']}"


def walk_an_announcement(journey: Journey, path: str, numbers: Sequence[str]) -> None:
    """It is published, the first of these members confirms it, and the owner sees and reminds the others."""
    owner, first = journey[OWNER], journey[numbers[0]]
    for number in numbers:
        shown = journey[number].until(path, lambda one: one["status"] == "open")
        assert shown["announcement"]["mine"]["asked"]
        waiting = journey[number].get("/v1/me/tasks")["items"]
        assert ("confirm_announcement", path) in [(one["code"], one["href"]) for one in waiting]

    first.call("PUT", f"{path}/acknowledge", expect=200)
    home = first.get("/v1/me/home", community_id=journey.community_id)
    assert home["announcements"] == {"to_confirm": 0, "items": []}
    confirmed = owner.get(f"{path}/readers", state="read", count=True)
    assert confirmed["total"] == {"value": 1, "exact": True}
    unread = owner.get(f"{path}/readers", state="unread", limit=100)["items"]
    names = {one["member"]["display_name"] for one in unread}
    assert confirmed["items"][0]["member"]["display_name"] not in names
    assert len(unread) >= len(numbers) - 1
    assert owner.post(f"{path}/remind", expect=200) == {"reminded": len(unread)}
