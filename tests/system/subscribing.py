"""A calendar program follows a member's link: what it shows is right after each thing that happens to a date, a series and an import."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.calendar_program import CalendarProgram
from tests.system.api import Api
from tests.system.journey import OWNER, Journey


class _Subscription:
    """A program that has the link alone, and keeps what it heard."""

    def __init__(self, journey: Journey, number: str) -> None:
        self.journey, self.program = journey, CalendarProgram()
        self.link = journey[number].post("/v1/calendars")["feed_url"]

    def shows(self) -> dict[str, tuple[str, datetime]]:
        """What it shows, by title: how sure it is, and when it starts."""
        self.read()
        return {one.title: (one.status, one.starts_at) for one in self.program.shown.values()}

    def read(self) -> None:
        """Read the feed again."""
        with Api(self.journey.stack.url) as anyone:
            answer = anyone.client.get(self.link)
        assert answer.status_code == 200, answer.text
        self.program.take(answer.content)

    def starts(self, title: str) -> list[datetime]:
        """When what is called so starts."""
        self.read()
        return sorted(one.starts_at for one in self.program.shown.values() if one.title == title)


def walk_a_calendar(journey: Journey, number: str) -> None:
    """One member's calendar, through a date, a series and what another calendar brings."""
    calendar = _Subscription(journey, number)
    _a_date(journey, number, calendar)
    _a_series(journey, number, calendar)
    _an_import(journey, number, calendar)
    journey[number].call("DELETE", "/v1/calendars/me", expect=204)
    with Api(journey.stack.url) as anyone:
        anyone.problem("GET", calendar.link, 404, "not_found")


def _a_date(journey: Journey, number: str, calendar: _Subscription) -> None:
    owner, member = journey[OWNER], journey[number]
    starts = (journey.stack.clock.now() + timedelta(days=40)).replace(microsecond=0)
    made = owner.post("/v1/activities", _draft(journey, "订阅的活动", starts))
    path = f"/v1/activities/{made['id']}"
    _versioned(owner, f"{path}/announce")
    assert "订阅的活动" not in calendar.shows()
    registration = member.post("/v1/registrations", {"activity_id": made["id"]})
    assert calendar.shows()["订阅的活动"] == ("CONFIRMED", starts)
    later = starts + timedelta(days=1)
    _versioned(
        owner, f"{path}/move", {"starts_at": later.isoformat(), "ends_at": (later + timedelta(hours=1)).isoformat()}
    )
    assert calendar.shows()["订阅的活动"] == ("TENTATIVE", later)
    member.post(f"/v1/registrations/{registration['id']}/confirm", expect=200)
    assert calendar.shows()["订阅的活动"] == ("CONFIRMED", later)
    member.post(f"/v1/registrations/{registration['id']}/cancel", expect=200)
    assert "订阅的活动" not in calendar.shows()
    member.post("/v1/registrations", {"activity_id": made["id"]})
    assert calendar.shows()["订阅的活动"] == ("CONFIRMED", later)
    _versioned(owner, f"{path}/cancel", {"reason": "讲师生病"})
    assert "订阅的活动" not in calendar.shows()


def _a_series(journey: Journey, number: str, calendar: _Subscription) -> None:
    owner, member = journey[OWNER], journey[number]
    first = (journey.stack.clock.now() + timedelta(days=10)).date()
    body = {
        "community_id": journey.community_id,
        "kind": "meeting",
        "title": "订阅的例会",
        "rule": {"frequency": "weekly", "weekdays": ["mo"]},
        "starts_on": first.isoformat(),
        "count": 3,
        "at": "09:00",
        "minutes": 30,
    }
    series = owner.post("/v1/series", body)
    path = f"/v1/series/{series['id']}"
    announced = _versioned(owner, f"{path}/announce")
    member.post(f"{path}/join", expect=200)
    planned = [datetime.fromisoformat(one["starts_at"]) for one in announced["dates"]]
    assert calendar.starts("订阅的例会") == planned
    second = announced["dates"][1]["on"]
    moved = _versioned(owner, f"{path}/move", {"from": second, "at": "10:00"})
    there = [datetime.fromisoformat(one["starts_at"]) for one in moved["dates"]]
    assert there == [planned[0], *(at + timedelta(hours=1) for at in planned[1:])]
    assert calendar.starts("订阅的例会") == there
    _versioned(owner, f"{path}/cancel", {"from": announced["dates"][2]["on"], "reason": "放假"})
    assert calendar.starts("订阅的例会") == there[:2]
    member.post(f"{path}/leave", expect=200)
    assert calendar.starts("订阅的例会") == []


def _an_import(journey: Journey, number: str, calendar: _Subscription) -> None:
    owner, member = journey[OWNER], journey[number]
    now = journey.stack.clock.now().replace(microsecond=0)

    def brings(starts: datetime, sequence: int, *, created: int = 0, changed: int = 0) -> None:
        ends = starts + timedelta(hours=1)
        event = (
            "BEGIN:VEVENT",
            "UID:journey",
            "SUMMARY:导入的活动",
            f"DTSTART:{_utc(starts)}",
            f"DTEND:{_utc(ends)}",
            f"SEQUENCE:{sequence}",
            "END:VEVENT",
        )
        content = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", *event, "END:VCALENDAR", ""])
        job = owner.upload(
            "/v1/activities/imports", content.encode(), "text/calendar", community_id=journey.community_id
        )
        assert (job["state"], job["failed"]) == ("succeeded", 0), job
        assert (job["result"]["created"], job["result"]["changed"]) == (created, changed), job

    starts = now + timedelta(days=50)
    brings(starts, 1, created=1)
    brings(starts, 1)
    found = owner.get("/v1/activities", community_id=journey.community_id, limit=100)["items"]
    [there] = [one for one in found if one["title"] == "导入的活动"]
    member.post("/v1/registrations", {"activity_id": there["id"]})
    assert calendar.shows()["导入的活动"] == ("CONFIRMED", starts)
    brings(starts + timedelta(days=2), 2, changed=1)
    assert calendar.shows()["导入的活动"] == ("TENTATIVE", starts + timedelta(days=2))


def _versioned(api: Api, path: str, body: Any = None) -> Any:
    return api.call("POST", path, expect=200, json=body or {}, headers={"If-Match": "*"})


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _draft(journey: Journey, title: str, starts: datetime) -> dict[str, Any]:
    return {
        "community_id": journey.community_id,
        "kind": "sharing_session",
        "title": title,
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=1)).isoformat(),
    }
