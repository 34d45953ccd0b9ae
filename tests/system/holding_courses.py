"""A course day to which people are assigned, with an excuse, a no-show and a list; and a meeting whose action item is done after two reminders."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.support.waiting import eventually_sync
from tests.system.faults.books import rows
from tests.system.journey import OWNER, Journey

ATTENDED = 10
"""What the default rules pay."""


def walk_a_course_day(journey: Journey, comer_no: str, excused_no: str, members: dict[str, str]) -> None:
    """Three are assigned: one comes, one is excused, one does not come. The list of who was there is imported, twice."""
    owner = journey[OWNER]
    mine = journey.membership(OWNER)
    course = _announced(journey, "workshop", hours=2)
    path = f"/v1/activities/{course['id']}"
    assigned = {"activity_id": course["id"], "member_ids": [members[comer_no], members[excused_no], mine["member_id"]]}
    owner.post("/v1/registrations/assign", assigned, expect=200)

    excused = journey[excused_no]
    [asked] = _registrations(excused, course)
    excused.post(f"/v1/registrations/{asked['id']}/leave-request", {"reason": "出差"}, expect=200)
    owner.post(f"/v1/registrations/{asked['id']}/decide-leave", {"excused": True}, expect=200)

    journey.stack.clock.advance(timedelta(hours=3))
    journey.log_in_again()
    listed = f"\ufeff工号,姓名,签到时间\n{comer_no},,{_clock(course)}\n{excused_no},,\n".encode()
    for counts in ({"created": 1, "changed": 0, "unchanged": 1}, {"created": 0, "changed": 0, "unchanged": 2}):
        job = journey[OWNER].upload("/v1/attendances/imports", listed, activity_id=course["id"])
        assert (job["state"], job["failed"], job["result"]) == ("succeeded", 0, counts), job
    journey[OWNER].call("POST", f"{path}/complete", expect=200, headers={"If-Match": "*"})

    statuses = {one["member"]["member_id"]: one for one in _registrations(journey[OWNER], course)}
    assert statuses[members[excused_no]]["status"] == "excused"
    [came] = journey[OWNER].until("/v1/attendances", _is_told, activity_id=course["id"])["items"]
    assert (came["member"]["member_id"], came["extent"], came["walk_in"]) == (members[comer_no], "full", False)
    missed = _of(journey, "registrations", "no_show_at IS NOT NULL", course["id"], "activity_id, member_id")
    assert missed == [UUID(mine["member_id"])]
    outcomes = {"member_id": members[comer_no], "source_id": came["id"]}
    paid = journey[comer_no].until("/v1/earning-outcomes", lambda one: one["items"], **outcomes)
    assert [one["paid"]["points"] for one in paid["items"] if one["rule"] == "activity_attended"] == [ATTENDED]


def walk_a_meeting(journey: Journey, doer_no: str, member_id: str) -> None:
    """What somebody is to do after a meeting: they are reminded the day before and on the day, and do it."""
    meeting = _announced(journey, "meeting", hours=1)
    owner = journey[OWNER]
    assigned = {"activity_id": meeting["id"], "member_ids": [member_id]}
    owner.post("/v1/registrations/assign", assigned, expect=200)
    due = (journey.stack.clock.now() + timedelta(hours=8, days=2)).date()
    item = {"activity_id": meeting["id"], "title": "整理课件", "owner_id": member_id, "due_on": due.isoformat()}
    made = owner.post("/v1/action-items", item)
    for _ in range(2):
        _be_reminded(journey, made["id"])
    assert _next_reminder(journey, made["id"]) is None
    journey.log_in_again()
    doer = journey[doer_no]
    assert [one["id"] for one in doer.get("/v1/action-items", community_id=journey.community_id)["items"]] == [
        made["id"]
    ]
    done = doer.post(f"/v1/action-items/{made['id']}/close", {"status": "done"}, expect=200)
    assert done["status"] == "done"


def _is_told(attendances: Any) -> bool:
    """What comes to who was there is written a moment after the completion."""
    return all(one["extent"] is not None for one in attendances["items"])


def _be_reminded(journey: Journey, item_id: str) -> None:
    """Let time go by until the next reminder, and have the clock send it."""
    reminder = _next_reminder(journey, item_id)
    assert reminder is not None
    journey.stack.clock.advance(reminder - journey.stack.clock.now() + timedelta(minutes=1))
    eventually_sync(lambda: _next_reminder(journey, item_id) != reminder)


def _announced(journey: Journey, kind: str, *, hours: int) -> Any:
    starts = journey.stack.clock.now() + timedelta(minutes=30)
    draft = {
        "community_id": journey.community_id,
        "kind": kind,
        "title": "新人培训" if kind == "workshop" else "周例会",
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=hours)).isoformat(),
    }
    made = journey[OWNER].post("/v1/activities", draft)
    return journey[OWNER].call("POST", f"/v1/activities/{made['id']}/announce", expect=200, headers={"If-Match": "*"})


def _registrations(api: Any, activity: Any) -> list[Any]:
    found: list[Any] = api.get("/v1/registrations", activity_id=activity["id"])["items"]
    return found


def _clock(activity: Any) -> str:
    """When it starts, as a list says it: with its offset, since nothing else says the zone of this test."""
    return str(activity["starts_at"])


def _next_reminder(journey: Journey, item_id: str) -> datetime | None:
    found = rows(journey.stack, "events", "SELECT subject_id, due_at FROM timers WHERE kind = 'action_item.remind'")
    due = [datetime.fromisoformat(str(at)) for subject, at in found if UUID(str(subject)) == UUID(item_id)]
    return due[0].replace(tzinfo=UTC) if due else None


def _of(journey: Journey, table: str, where: str, activity_id: str, columns: str) -> list[UUID]:
    found = rows(journey.stack, "events", f"SELECT {columns} FROM {table} WHERE {where}")
    return [UUID(str(other)) for key, other in found if UUID(str(key)) == UUID(activity_id)]
