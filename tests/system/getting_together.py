"""An activity from its draft to the points of who was there, and a seat that falls to who waits when somebody leaves."""

from datetime import timedelta
from typing import Any

from tests.system.api import Api
from tests.system.journey import OWNER, Journey

ATTENDED = 10
"""What the default rules pay."""


def walk_an_activity(journey: Journey, comer_no: str, late_no: str, member_id: str) -> None:
    """One registers and comes; another waits for the only seat, and comes without one."""
    owner, comer, late = journey[OWNER], journey[comer_no], journey[late_no]
    activity = _announced(journey, begins=timedelta(minutes=30))
    path, wanted = f"/v1/activities/{activity['id']}", {"activity_id": activity["id"]}
    assert comer.post("/v1/registrations", wanted)["status"] == "confirmed"
    assert late.post("/v1/registrations", wanted)["place"] == 1
    home = comer.get("/v1/me/home", community_id=journey.community_id)
    assert [one["id"] for one in home["upcoming"]] == [activity["id"]]

    code = owner.get(f"{path}/code")["code"]
    with Api(journey.stack.url) as anyone:
        ticket = anyone.post("/v1/attendances/tickets", {"code": code}, expect=200)["ticket"]
    came = comer.post("/v1/attendances", {"ticket": ticket})
    late.problem("POST", "/v1/attendances", 409, "not_registered", json={"ticket": ticket})
    assert late.post("/v1/attendances", {"ticket": ticket, "walk_in": True})["walk_in"]

    journey.stack.clock.advance(timedelta(hours=2))
    journey.log_in_again()
    owner, comer = journey[OWNER], journey[comer_no]
    owner.call("POST", f"{path}/complete", expect=200, headers={"If-Match": "*"})
    outcomes = {"member_id": member_id, "source_id": came["id"]}
    paid = comer.until("/v1/earning-outcomes", lambda one: one["items"], **outcomes)
    assert [one["paid"]["points"] for one in paid["items"] if one["rule"] == "activity_attended"] == [ATTENDED]
    had = comer.get(f"/v1/wallets/{member_id}")["points"]
    owner.post(f"/v1/attendances/{came['id']}/revoke", expect=200)
    comer.until(f"/v1/wallets/{member_id}", lambda one: one["points"] == had - ATTENDED)


def take_the_only_seat(journey: Journey, holder_no: str, waiting_no: str) -> str:
    """One has the seat of an activity to come, the other waits for it: their registration."""
    wanted = {"activity_id": _announced(journey, begins=timedelta(days=30))["id"]}
    journey[holder_no].post("/v1/registrations", wanted)
    waits = journey[waiting_no].post("/v1/registrations", wanted)
    assert (waits["status"], waits["place"]) == ("waitlisted", 1)
    return str(waits["id"])


def _announced(journey: Journey, *, begins: timedelta) -> Any:
    starts = journey.stack.clock.now() + begins
    draft = {
        "community_id": journey.community_id,
        "kind": "sharing_session",
        "title": "怎么讲好一门课",
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=1)).isoformat(),
        "capacity": 1,
    }
    made = journey[OWNER].post("/v1/activities", draft)
    return journey[OWNER].call("POST", f"/v1/activities/{made['id']}/announce", expect=200, headers={"If-Match": "*"})
