"""An activity from its draft to the points of who was there, a session from its speaker to the article about it, and a seat that falls to who waits
when somebody leaves."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tests.system.api import Api
from tests.system.journey import OWNER, Journey

ATTENDED, SPOKEN, WRITTEN = 10, 50, 30
"""What the default rules pay."""
SLIDES = {"title": "课件", "url": "https://example.com/slides.pdf"}
RECORDING = {"title": "回放", "url": "https://example.com/recording"}


def walk_an_activity(journey: Journey, comer_no: str, late_no: str, member_id: str) -> None:
    """One registers and comes; another waits for the only seat, and comes without one."""
    owner, comer, late = journey[OWNER], journey[comer_no], journey[late_no]
    activity = announced(journey, begins=timedelta(minutes=30))
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


def walk_a_session(journey: Journey, lecturer_no: str, comer_no: str, members: Mapping[str, str]) -> None:
    """One speaks, another comes; both agree to be shown, what was said is written down by who said it, and both are paid."""
    owner, lecturer, comer = journey[OWNER], journey[lecturer_no], journey[comer_no]
    draft = _draft(journey, begins=timedelta(minutes=30)) | {"recording_consent": True}
    path = f"/v1/activities/{owner.post('/v1/activities', draft)['id']}"
    comer.problem("GET", path, 404, "not_found")
    invitation = owner.post(f"{path}/speakers", {"member_id": members[lecturer_no]})
    assert lecturer.get(path)["mine"]["speaker"]
    activity = owner.call("POST", f"{path}/announce", expect=200, headers={"If-Match": "*"})
    comer.post("/v1/registrations", {"activity_id": activity["id"]})
    code = owner.get(f"{path}/code")["code"]
    with Api(journey.stack.url) as anyone:
        ticket = anyone.post("/v1/attendances/tickets", {"code": code}, expect=200)["ticket"]
    came = comer.post("/v1/attendances", {"ticket": ticket})["id"]
    owner.patch(path, {"materials": [SLIDES], "recording": RECORDING})
    comer.call("PUT", f"{path}/recording-consent", expect=200, json={"given": True})

    journey.stack.clock.advance(timedelta(hours=2))
    journey.log_in_again()
    owner, lecturer, comer = journey[OWNER], journey[lecturer_no], journey[comer_no]
    headers = {"If-Match": "*"}
    owner.call("POST", f"{path}/complete", expect=200, json={"summary": "先讲目标，再讲过程。"}, headers=headers)
    assert comer.get(path)["recording"] is None
    lecturer.call("PUT", f"{path}/recording-consent", expect=200, json={"given": True})
    assert comer.get(path)["recording"]["url"] == RECORDING["url"]

    def waits(tasks: Any) -> bool:
        return any(one["code"] == "finish_archive" for one in tasks["items"])

    [task] = [one for one in lecturer.until("/v1/me/tasks", waits)["items"] if one["code"] == "finish_archive"]
    article = lecturer.get(task["href"])
    assert (article["kind"], article["source_activity_id"]) == ("session_archive", activity["id"])
    assert SLIDES["url"] in article["body"]
    comer.problem("GET", task["href"], 404, "not_found")
    lecturer.patch(task["href"], {"body": article["body"] + "\n讲课先想清楚听众是谁。"})
    lecturer.post(f"{task['href']}/submit", expect=200)
    owner.call("POST", f"{task['href']}/approve", expect=200, headers={"If-Match": _etag(owner, task["href"])})
    comer.until(path, lambda one: one["archive_article_id"] == article["id"])
    assert comer.get(task["href"])["authors"][0]["member_id"] == members[lecturer_no]

    listed = owner.get("/v1/attendances", activity_id=activity["id"])["items"]
    [spoke] = [one["id"] for one in listed if one["role"] == "speaker"]
    assert _paid(comer, members[comer_no], came, "activity_attended") == [ATTENDED]
    assert _paid(lecturer, members[lecturer_no], spoke, "session_given") == [SPOKEN]
    assert _paid(lecturer, members[lecturer_no], article["id"], "article") == [WRITTEN]
    had = lecturer.get(f"/v1/wallets/{members[lecturer_no]}")["points"]
    owner.post(f"{path}/speakers/{invitation['id']}/withdraw", expect=200)
    lecturer.until(f"/v1/wallets/{members[lecturer_no]}", lambda one: one["points"] == had - SPOKEN)


def take_the_only_seat(journey: Journey, holder_no: str, waiting_no: str, **said: Any) -> str:
    """One has the seat of an activity to come, the other waits for it: their registration."""
    wanted = {"activity_id": announced(journey, begins=timedelta(days=30), **said)["id"]}
    journey[holder_no].post("/v1/registrations", wanted)
    waits = journey[waiting_no].post("/v1/registrations", wanted)
    assert (waits["status"], waits["place"]) == ("waitlisted", 1)
    return str(waits["id"])


def _paid(api: Api, member_id: str, source_id: str, rule: str) -> list[int]:
    """What somebody was paid for something by a rule, once it is."""

    def by_rule(found: Any) -> list[int]:
        return [one["paid"]["points"] for one in found["items"] if one["rule"] == rule and one["paid"]]

    wanted: dict[str, Any] = {"member_id": member_id, "source_id": source_id}
    return by_rule(api.until("/v1/earning-outcomes", lambda found: bool(by_rule(found)), **wanted))


def _etag(api: Api, path: str) -> str:
    return str(api.client.get(path).headers["etag"])


def announced(journey: Journey, *, begins: timedelta, **said: Any) -> Any:
    made = journey[OWNER].post("/v1/activities", _draft(journey, begins=begins) | {"capacity": 1} | said)
    return journey[OWNER].call("POST", f"/v1/activities/{made['id']}/announce", expect=200, headers={"If-Match": "*"})


def _draft(journey: Journey, *, begins: timedelta) -> dict[str, Any]:
    starts = journey.stack.clock.now() + begins
    return {
        "community_id": journey.community_id,
        "kind": "sharing_session",
        "title": "怎么讲好一门课",
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=1)).isoformat(),
    }
