"""Applicants who take a test: one loses the connection half-way, the clock hands in for one, who goes on with extra time and passes."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.system.api import Api
from tests.system.journey import ACCEPTED, FORM, OWNER, WAITLISTED, Journey

MINUTES = 10
SINGLE, SHORT = "一节课最先要讲清什么？", "怎样让同事愿意提问？"
RIGHT = "目标"
MARKS = {"single": 100, "short_text": 200}


def walk_more_time(journey: Journey) -> None:
    """The clock hands in; one applicant has more time, of which both limits know: theirs goes on while the test is closed to everybody else."""
    opened = journey.stack.clock.now()
    closes_at = opened + timedelta(minutes=MINUTES)
    test = {"paper_id": a_paper(journey), "minutes": MINUTES, "pass_percent": 80, "closes_at": closes_at.isoformat()}
    campaign = a_campaign(journey, ["form", "test"], test)["id"]
    application, others = in_the_test(journey, campaign, ACCEPTED), in_the_test(journey, campaign, WAITLISTED)
    applicant = journey[ACCEPTED]
    assert "take_test" in [one["code"] for one in applicant.until("/v1/me/tasks", _whole)["items"]]
    device = str(uuid4())
    attempt = applicant.post("/v1/test-attempts", {"application_id": application, "client_id": device}, expect=201)
    path = f"/v1/test-attempts/{attempt['id']}"
    # It takes as long as an attempt does, but for the window, which was open for a moment before.
    assert datetime.fromisoformat(attempt["ends_at"]) == closes_at
    asked = by_kind(attempt)
    save(applicant, path, device, asked["single"], 1)
    _pass_time(journey, timedelta(minutes=MINUTES))
    applicant, owner = journey[ACCEPTED], journey[OWNER]
    _save_late(applicant, path, device, asked["single"])
    _handed_in_by_the_clock(journey, campaign, attempt)
    owner.problem("POST", f"{path}/reopen", 409, "no_time_left")
    more = owner.call("PUT", f"/v1/applications/{application}/extra-time", expect=200, json={"minutes": MINUTES})
    assert datetime.fromisoformat(more["closes_at"]) == closes_at + timedelta(minutes=MINUTES)
    reopened = owner.post(f"{path}/reopen", expect=200)
    assert datetime.fromisoformat(reopened["ends_at"]) > closes_at + timedelta(minutes=MINUTES - 1)
    body = {"application_id": others, "client_id": str(uuid4())}
    journey[WAITLISTED].problem("POST", "/v1/test-attempts", 409, "window_closed", json=body)
    _pass_time(journey, timedelta(minutes=MINUTES - 2))
    applicant, owner = journey[ACCEPTED], journey[OWNER]
    save(applicant, path, device, asked["short_text"], 2)
    _pass_time(journey, timedelta(minutes=3))
    applicant, owner = journey[ACCEPTED], journey[OWNER]
    _save_late(applicant, path, device, asked["single"])
    _handed_in_by_the_clock(journey, campaign, reopened)
    assert applicant.get(f"/v1/applications/{application}")["test"]["score"] is None
    assert owner.get("/v1/test-attempts", to_grade=True, campaign_id=campaign)["items"][0]["ungraded"] == 1
    marks = f"{path}/marks/{asked['short_text']['id']}"
    assert owner.call("PUT", marks, expect=200, json={"marks": 150})["passed"] is True
    assert owner.get(f"/v1/campaigns/{campaign}/board")["by_test"]["passed"] == 1
    owner.post(f"/v1/applications/{application}/decide", {"outcome": "accepted", "reason": "测试通过"}, expect=200)
    told = applicant.get(f"/v1/applications/{application}")["test"]
    assert (told["result"], told["score"], told["full"]) == ("passed", 250, 300)


def lose_the_connection(journey: Journey, application: str, number: str) -> str:
    """Of somebody who takes the test: their telephone is gone half-way, and on another device is what they saved. Returns the attempt's path."""
    applicant, owner = journey[number], journey[OWNER]
    phone, laptop = str(uuid4()), str(uuid4())
    attempt = applicant.post("/v1/test-attempts", {"application_id": application, "client_id": phone}, expect=201)
    path = f"/v1/test-attempts/{attempt['id']}"
    asked = by_kind(attempt)
    assert {kind: one["marks"] for kind, one in asked.items()} == MARKS
    save(applicant, path, phone, asked["single"], 1)
    again = applicant.post("/v1/test-attempts", {"application_id": application, "client_id": laptop}, expect=200)
    assert (again["id"], again["ends_at"]) == (attempt["id"], attempt["ends_at"])
    kept = {kind: one["answer"] for kind, one in by_kind(again).items()}
    assert (kept["single"]["choices"], kept["single"]["sequence"]) == (_right(asked["single"])["choices"], 1)
    assert kept["short_text"] is None
    late = {"client_id": phone, "answers": [{"question_id": asked["single"]["id"], "sequence": 9}]}
    applicant.problem("PUT", f"{path}/answers", 409, "taken_over", json=late)
    applicant.problem("POST", f"{path}/hand-in", 409, "taken_over", json={"client_id": phone})
    owner.problem("POST", f"/v1/applications/{application}/advance", 409, "test_missing", json={})
    save(applicant, path, laptop, asked["short_text"], 2)
    applicant.post(f"{path}/hand-in", {"client_id": laptop}, expect=200)
    return path


def a_paper(journey: Journey) -> str:
    """A question that machines grade, and one that people do."""
    owner, here = journey[OWNER], {"community_id": journey.community_id}
    bank = owner.post("/v1/question-banks", here | {"title": "讲师题库"}, expect=201)
    single = {
        "kind": "single",
        "text": SINGLE,
        "choices": [{"text": RIGHT, "weight": 10_000_000}, {"text": "讲台"}, {"text": "投影"}],
        "marks": MARKS["single"],
    }
    short = {"kind": "short_text", "text": SHORT, "rubric": "先答后评", "marks": MARKS["short_text"]}
    asked = [owner.post(f"/v1/question-banks/{bank['id']}/questions", one, expect=201)["id"] for one in (single, short)]
    sections = [{"title": "授课", "questions": [{"question_id": one} for one in asked]}]
    paper = owner.post("/v1/papers", here | {"title": "讲师测试", "sections": sections}, expect=201)
    owner.post(f"/v1/papers/{paper['id']}/publish", expect=201, headers={"If-Match": '"1"'})
    return str(paper["id"])


def a_campaign(journey: Journey, steps: list[str], test: dict[str, Any] | None = None) -> dict[str, Any]:
    """An open campaign with these steps; its paper is there."""
    owner = journey[OWNER]
    body: dict[str, Any] = {
        "community_id": journey.community_id,
        "title": "讲师招募",
        "quota": 5,
        "closes_at": (journey.stack.clock.now() + timedelta(days=30)).isoformat(),
        "channels": [{"code": "poster", "name": "海报", "kind": "poster"}],
        "form": FORM,
        "steps": steps,
    }
    campaign: dict[str, Any] = owner.post("/v1/campaigns", body | _with_test(test), expect=201)
    path = f"/v1/campaigns/{campaign['id']}"
    if test is not None:
        owner.until(path, lambda one: one["test"]["paper_state"] == "there")
    owner.post(f"{path}/open", expect=200)
    return campaign


def _with_test(test: dict[str, Any] | None) -> dict[str, Any]:
    return {} if test is None else {"test": {"paper_version": 1} | test}


def at_step(journey: Journey, campaign_id: str, number: str, steps: int) -> str:
    """Somebody's application that has come so many steps on."""
    answers = {"motivation": "我想把做项目的经验讲给新同事听", "hours": 5}
    body = {"campaign_id": campaign_id, "channel": "poster", "answers": answers}
    key = str(journey[number].post("/v1/applications", body, expect=201)["id"])
    for _ in range(steps):
        journey[OWNER].post(f"/v1/applications/{key}/advance", expect=200)
    return key


def in_the_test(journey: Journey, campaign_id: str, number: str) -> str:
    """Somebody's application at the test."""
    key = at_step(journey, campaign_id, number, 2)
    assert journey[OWNER].get(f"/v1/applications/{key}")["state"] == "testing"
    return key


def by_kind(attempt: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The questions of a sheet: there is one of each kind."""
    return {one["kind"]: one for section in attempt["sections"] for one in section["questions"]}


def save(api: Api, path: str, client_id: str, asked: dict[str, Any], sequence: int) -> None:
    """The right answer, as somebody gives it."""
    answer = {"question_id": asked["id"], "sequence": sequence} | _right(asked)
    api.call("PUT", f"{path}/answers", expect=200, json={"client_id": client_id, "answers": [answer]})


def _right(asked: dict[str, Any]) -> dict[str, list[str]]:
    letters = {one["text"]: one["letter"] for one in asked["choices"]}
    return {"choices": [letters[RIGHT]]} if letters else {"texts": ["先感谢，再回答"]}


def _save_late(api: Api, path: str, client_id: str, asked: dict[str, Any]) -> None:
    late = {"client_id": client_id, "answers": [{"question_id": asked["id"], "sequence": 9} | _right(asked)]}
    api.problem("PUT", f"{path}/answers", 409, "attempt_over", json=late)


def _handed_in_by_the_clock(journey: Journey, campaign_id: str, attempt: dict[str, Any]) -> None:
    """A worker has done it, as of when its time was over."""
    found = journey[OWNER].until(
        "/v1/test-attempts", lambda page: page["items"][0]["score"] is not None, campaign_id=campaign_id
    )
    [one] = found["items"]
    assert (one["handed_in_by"], one["handed_in_at"]) == ("clock", attempt["ends_at"])


def _pass_time(journey: Journey, by: timedelta) -> None:
    journey.stack.clock.advance(by)
    journey.log_in_again()


def _whole(page: dict[str, Any]) -> bool:
    return page["missing"] == []
