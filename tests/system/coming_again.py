"""A weekly series in a member's calendar: joined once, moved once, one date cancelled; the subscribed calendar is right after each step."""

from datetime import datetime, timedelta
from typing import Any

import httpx

from tests.support.calendar_program import CalendarProgram
from tests.support.waiting import PATIENCE
from tests.system.journey import OWNER, Journey

DATES = 4


def walk_a_series(journey: Journey, comer_no: str) -> None:
    """One joins all dates, and has in their calendar what becomes of them."""
    owner, comer = journey[OWNER], journey[comer_no]
    feed = _Feed(journey, comer.post("/v1/calendars", expect=201)["feed_url"])
    before = feed.times()

    first = (journey.stack.clock.now() + timedelta(days=30)).date()
    made = owner.post(
        "/v1/series",
        {
            "community_id": journey.community_id,
            "kind": "sharing_session",
            "title": "每周读书",
            "rule": {"frequency": "weekly", "weekdays": [_WEEKDAYS[first.weekday()]]},
            "starts_on": first.isoformat(),
            "count": DATES,
            "at": "19:00",
            "minutes": 90,
        },
        expect=201,
    )
    path = f"/v1/series/{made['id']}"
    comer.problem("POST", f"{path}/join", 404, "not_found", json={})
    _send(owner, f"{path}/announce")
    joined = comer.post(f"{path}/join", expect=200)["items"]
    assert [one["status"] for one in joined] == ["confirmed"] * DATES
    assert feed.times() - before == {one["starts_at"] for one in joined}

    moved = _send(owner, f"{path}/move", {"from": (first + timedelta(days=7)).isoformat(), "at": "18:30"})
    earlier = [joined[0]["starts_at"], *(_earlier(one["starts_at"]) for one in joined[1:])]
    assert [one["starts_at"] for one in moved["dates"]] == earlier
    assert feed.times() - before == set(earlier)
    asked = [comer.get(f"/v1/registrations/{one['registration_id']}")["unconfirmed"] for one in joined]
    assert asked == [False, True, True, True]
    comer.post(f"/v1/registrations/{joined[1]['registration_id']}/confirm", expect=200)

    _send(owner, f"/v1/activities/{joined[2]['activity_id']}/cancel", {"reason": "讲师出差"})
    assert feed.times() - before == {earlier[0], earlier[1], earlier[3]}
    assert comer.get(f"/v1/registrations/{joined[2]['registration_id']}")["status"] == "cancelled"

    comer.post(f"{path}/leave", expect=200)
    assert feed.times() == before


_WEEKDAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")


class _Feed:
    """A program that reads the link again after each step."""

    def __init__(self, journey: Journey, url: str) -> None:
        self.url = httpx.URL(journey.stack.url).join(httpx.URL(url).raw_path.decode())
        self.program = CalendarProgram()

    def times(self) -> set[str]:
        """When what it shows begins."""
        self.program.take(httpx.get(self.url, trust_env=False, timeout=PATIENCE).raise_for_status().content)
        return {one.starts_at.isoformat().replace("+00:00", "Z") for one in self.program.shown.values()}


def _send(api: Any, path: str, body: Any = None) -> Any:
    return api.call("POST", path, expect=200, json=body, headers={"If-Match": "*"})


def _earlier(moment: str) -> str:
    return (datetime.fromisoformat(moment) - timedelta(minutes=30)).isoformat().replace("+00:00", "Z")
