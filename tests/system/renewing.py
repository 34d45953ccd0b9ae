"""A certification that runs out: one member renews it in time, the other is told until they are overdue, and renews it then."""

from datetime import datetime, timedelta
from typing import Any

from tests.support.waiting import eventually_sync
from tests.system.api import Api
from tests.system.faults.books import rows, told
from tests.system.journey import ACCEPTED, OWNER, REJECTED, Journey

LATE, IN_TIME = ACCEPTED, REJECTED
LEADS = (90, 60, 30, 7)
RENEWED_AT = 30
FIRE = {
    "title_zh": "消防安全",
    "title_en": "Fire safety",
    "requires": [{"activity_kind": "workshop"}],
    "valid_months": 12,
}
PAPER = {"name": "上岗证", "kind": "certification", "title_zh": "上岗证", "title_en": "Permit"}


def walk_a_renewal(journey: Journey, members: dict[str, str]) -> None:
    """Two are certified; one renews in the window, one after they were told four times and once more as overdue."""
    here: dict[str, Any] = {"community_id": journey.community_id}
    template = journey[OWNER].post("/v1/certificates/templates", here | PAPER, expect=201)
    asked = FIRE | {"template_id": template["id"], "department_codes": ["RD", "SALES"]}
    one = journey[OWNER].post("/v1/certifications", here | asked, expect=201)
    path = f"/v1/certifications/{one['id']}"
    journey[LATE].until("/v1/certifications/runs", lambda page: len(page["items"]) == 1, mine=True)
    _hold_a_workshop(journey, members, LATE, IN_TIME)
    first = {number: _runs(journey, number, at_least=2) for number in (LATE, IN_TIME)}
    assert [run["status"] for run in first[LATE]] == ["completed", "upcoming"]
    assert _compliance(journey, path) == {"RD": (1, 0, 0), "SALES": (1, 0, 0)}
    [paper] = journey[LATE].get("/v1/certificates", mine=True)["items"]
    assert _page(journey, paper["serial"]) == "valid"

    due = datetime.fromisoformat(first[LATE][1]["due_at"])
    for lead in LEADS:
        _go_to(journey, due - timedelta(days=lead), told_of=one["id"])
        if lead == RENEWED_AT:
            assert _tasks(journey, IN_TIME) == _tasks(journey, LATE) == ["fulfil_certification"]
            _hold_a_workshop(journey, members, IN_TIME)
            kept, renewed, following = _runs(journey, IN_TIME, at_least=3)
            assert (kept, renewed["due_at"]) == (first[IN_TIME][0], first[IN_TIME][1]["due_at"])
            assert (following["due_on"][4:], _tasks(journey, IN_TIME)) == (renewed["due_on"][4:], [])

    _go_to(journey, due, told_of=one["id"])
    assert _compliance(journey, path) == {"RD": (0, 0, 1), "SALES": (1, 0, 0)}
    desk = journey[OWNER].get("/v1/desk", **here)["items"]
    assert [queue["count"] for queue in desk if queue["code"] == "certifications_overdue"] == [1]
    assert _page(journey, paper["serial"]) == "expired"

    _hold_a_workshop(journey, members, LATE)
    kept, renewed, following = _runs(journey, LATE, at_least=3)
    assert kept == first[LATE][0], "earlier periods are not written anew"
    assert [run["status"] for run in (renewed, following)] == ["completed", "upcoming"]
    assert following["due_on"] > first[IN_TIME][1]["due_on"]
    assert _compliance(journey, path) == {"RD": (1, 0, 0), "SALES": (1, 0, 0)}
    papers = journey[LATE].get("/v1/certificates", mine=True)["items"]
    assert [_page(journey, each["serial"]) for each in papers] == ["valid", "expired"]


def look_at_who_was_told(journey: Journey, members: dict[str, str]) -> None:
    """Both until the one renewed; then the other alone, who was told of no more than the manager was."""
    both, late = {members[LATE], members[IN_TIME]}, {members[LATE]}
    topic = "qunxue.gamification.restricted"
    messages = told(journey.stack, topic, "qunxue.gamification.certification.", at_least=len(LEADS) + 1)
    said = [
        (name, data.get("lead_days"), data.get("department_code"), set(data["member_ids"])) for name, data in messages
    ]
    due = "qunxue.gamification.certification.due.v1"
    assert said == [
        *((due, lead, None, both if lead >= RENEWED_AT else late) for lead in LEADS),
        ("qunxue.gamification.certification.overdue.v1", None, "RD", late),
    ]


def _go_to(journey: Journey, moment: datetime, *, told_of: str) -> None:
    """Let time go by until that moment, and until everybody is told who then is."""
    journey.stack.clock.advance(moment - journey.stack.clock.now() + timedelta(minutes=1))
    journey.log_in_again()
    now = journey.stack.clock.now().replace(tzinfo=None)

    def done() -> bool:
        found = rows(journey.stack, "gamification", "SELECT tell_at FROM certification_runs WHERE tell_at IS NOT NULL")
        return all(datetime.fromisoformat(str(at)).replace(tzinfo=None) > now for (at,) in found)

    eventually_sync(done, what=f"who is to be told of {told_of} is told")


def _hold_a_workshop(journey: Journey, members: dict[str, str], *comers: str) -> None:
    starts = journey.stack.clock.now() + timedelta(minutes=30)
    draft = {
        "community_id": journey.community_id,
        "kind": "workshop",
        "title": "消防演练",
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=1)).isoformat(),
    }
    made = journey[OWNER].post("/v1/activities", draft, expect=201)
    path, headers = f"/v1/activities/{made['id']}", {"If-Match": "*"}
    journey[OWNER].call("POST", f"{path}/announce", expect=200, headers=headers)
    for number in comers:
        came = {"activity_id": made["id"], "member_id": members[number]}
        journey[OWNER].post("/v1/attendances/record", came, expect=201)
    journey.stack.clock.advance(timedelta(hours=2))
    journey.log_in_again()
    journey[OWNER].call("POST", f"{path}/complete", expect=200, headers=headers)


def _runs(journey: Journey, number: str, *, at_least: int) -> list[dict[str, Any]]:
    """The member's periods, the first in front, once there are so many."""
    page = journey[number].until("/v1/certifications/runs", lambda page: len(page["items"]) >= at_least, mine=True)
    found: list[dict[str, Any]] = sorted(page["items"], key=lambda run: run["number"])
    return found


def _compliance(journey: Journey, path: str) -> dict[str, tuple[int, int, int]]:
    """By department, how many hold it, have it outstanding, are overdue."""
    cells = journey[OWNER].get(f"{path}/compliance")["cells"]
    return {cell["department"]: (cell["holding"], cell["outstanding"], cell["overdue"]) for cell in cells}


def _tasks(journey: Journey, number: str) -> list[str]:
    return [
        one["code"] for one in journey[number].get("/v1/me/tasks")["items"] if one["code"] == "fulfil_certification"
    ]


_SAYS = {"✓ This certificate is valid": "valid", "✗ This certificate has expired": "expired"}


def _page(journey: Journey, serial: str) -> str:
    """What the public page of a certificate tells anybody who has its serial."""
    with Api(journey.stack.url) as anyone:
        page = anyone.client.get(f"/v1/certificates/serials/{serial}", headers={"Accept": "text/html"})
    assert page.status_code == 200, page.text
    [said] = [state for words, state in _SAYS.items() if words in page.text]
    return said
