"""What members think: of a session that they attended, and each month of the team that runs the community."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chassis.work_calendar import CHINA
from services.events.surveys.rules import pulse_day
from tests.system.api import Api
from tests.system.journey import OWNER, PEOPLE, Journey, heard_of

SEVENTH = ("00007", "孙丽", "sun.li@example.com", "SALES")
ALL = [row[0] for row in (*PEOPLE, SEVENTH)]
ZONE = "Asia/Shanghai"
ANSWERED = 3
"""What the default rules pay."""
SIX = ("goals", "trust", "collaboration", "innovation", "atmosphere", "learning")


def one_more_person(journey: Journey) -> None:
    """Seven people instead of six."""
    number, name, email, department = SEVENTH
    body = {"employee_no": number, "display_name": name, "email": email, "department_code": department}
    journey.people[number] = journey.admin.post("/v1/people", body | {"kind": "employee"}, expect=201)["id"]


def let_in(journey: Journey, community_id: str, numbers: list[str]) -> dict[str, str]:
    """Have these become members; their member ids by number."""
    rows = "\n".join(("employee_no", *numbers))
    job = journey[OWNER].upload("/v1/members/imports", rows.encode(), community_id=community_id)
    assert (job["state"], job["failed"]) == ("succeeded", 0), job

    def own(me: Any) -> list[str]:
        return [one["member_id"] for one in me["memberships"] if one["community"]["id"] == community_id]

    ids = {
        number: own(journey[number].until("/v1/people/me", lambda me: bool(own(me))))[0] for number in (OWNER, *numbers)
    }
    heard_of(journey.stack, ids.values())
    return ids


def a_team(journey: Journey, slug: str, size: int) -> str:
    """A team of so many that runs communities."""
    positioning = {"purpose": "skill", "statement": "让社群运转", "audience": "运营团队", "topics": ["运营"]}
    values = [{"code": "care", "name": "用心", "behaviours": ["每周回访"]}]
    charter = {"vision": "人人为师", "mission": "支持讲师", "values": values, "code_of_conduct": ["互相尊重"]}
    body: dict[str, Any] = {"slug": slug, "name": f"运营团队 {slug}", "kind": "operations_team", "time_zone": ZONE}
    body |= {"positioning": positioning, "charter": charter}
    made = journey.admin.post("/v1/communities", body | {"owner_person_id": journey.people[OWNER]}, expect=201)
    journey.admin.post(f"/v1/communities/{made['id']}/open")
    let_in(journey, made["id"], ALL[1:size])
    return str(made["id"])


def walk_satisfaction(journey: Journey, members: dict[str, str]) -> dict[str, Any]:
    """Six attend a session, five say what they think of it, and are paid together when it is over. The survey."""
    owner, starts = journey[OWNER], journey.stack.clock.now() + timedelta(minutes=30)
    draft = {
        "community_id": journey.community_id,
        "kind": "sharing_session",
        "title": "怎么讲好一门课",
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=1)).isoformat(),
    }
    session = owner.post("/v1/activities", draft, expect=201)
    path = f"/v1/activities/{session['id']}"
    owner.call("POST", f"{path}/announce", expect=200, headers={"If-Match": "*"})
    for number in ALL[1:]:
        came = {"activity_id": session["id"], "member_id": members[number]}
        owner.post("/v1/attendances/record", came, expect=201)
    later(journey, timedelta(hours=2))
    journey[OWNER].call("POST", f"{path}/complete", expect=200, headers={"If-Match": "*"})
    listed = journey[ALL[1]].until("/v1/surveys", lambda one: one["items"], about_id=session["id"])
    survey: dict[str, Any] = listed["items"][0]
    tasks = journey[ALL[1]].get("/v1/me/tasks")["items"]
    assert ("answer_survey", f"/v1/surveys/{survey['id']}") in [(one["code"], one["href"]) for one in tasks]
    scores = [{"question": code, "score": 5} for code in ("content", "lecturer", "organisation")]
    for number in ALL[1:6]:
        answers(journey[number], survey, [*scores, {"question": "remarks", "text": f"多些练习 {number}"}])
    owner = journey[OWNER]
    owner.problem("GET", f"/v1/surveys/{survey['id']}/results", 409, "survey_not_closed")
    found = closed(owner, survey)
    assert (found["asked"], found["answered"]) == (6, 5)
    assert [(one["code"], one["mean"]) for one in found["questions"]] == [(one["question"], 5.0) for one in scores]
    journey[ALL[1]].problem("GET", f"/v1/surveys/{survey['id']}/results", 403, "forbidden")
    for number in ALL[1:6]:
        of_member = {"member_id": members[number], "source_id": survey["id"]}
        paid = journey[number].until("/v1/earning-outcomes", lambda one: one["items"], **of_member)
        assert [one["paid"]["points"] for one in paid["items"]] == [ANSWERED]
    return survey


def walk_a_pulse(journey: Journey, seven: str, four: str) -> None:
    """A team of seven is asked without names; one of four looks back at the month by name."""
    today = journey.stack.clock.now().astimezone(ZoneInfo(ZONE)).date()
    begins = datetime.combine(pulse_day(today, CHINA.is_workday), time(10), tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
    later(journey, max(timedelta(hours=2), begins - journey.stack.clock.now()))
    owner = journey[OWNER]
    [pulse] = owner.until("/v1/surveys", lambda one: one["items"], community_id=seven)["items"]
    assert (pulse["origin"], pulse["anonymity"]) == ("pulse", "anonymous")
    for number in ALL:
        answers(journey[number], pulse, [{"question": code, "score": 4} for code in SIX])
    found = closed(owner, pulse)
    assert [(one["code"], one["n"], one["mean"]) for one in found["questions"]] == [(code, 7, 4.0) for code in SIX]
    [back] = owner.until("/v1/retrospectives", lambda one: one["items"], community_id=four)["items"]
    assert back["month"] == pulse["about"]["month"]
    assert owner.get("/v1/surveys", community_id=four)["items"] == []
    tasks = owner.get("/v1/me/tasks")["items"]
    assert four in [one["community"]["id"] for one in tasks if one["code"] == "write_retrospective"]


def answers(api: Api, survey: dict[str, Any], given: list[dict[str, Any]]) -> None:
    """Answer, and once more, which changes nothing."""
    path = f"/v1/surveys/{survey['id']}/answers"
    assert api.post(path, {"answers": given}, expect=201) == {"asked": True, "answered": True}
    api.post(path, {"answers": given}, expect=200)


def closed(owner: Api, survey: dict[str, Any]) -> Any:
    """What it came to, once it has closed."""
    owner.post(f"/v1/surveys/{survey['id']}/close", expect=200)
    owner.until(f"/v1/surveys/{survey['id']}", lambda one: one["status"] == "closed")
    return owner.get(f"/v1/surveys/{survey['id']}/results")


def later(journey: Journey, by: timedelta) -> None:
    """Let time go by; everybody logs in anew."""
    journey.stack.clock.advance(by)
    journey.log_in_again()
