"""An applicant through form and test: the connection is lost half-way, the clock hands in, and with extra time they go on and pass."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.system.api import Api
from tests.system.journey import ACCEPTED, FORM, OWNER, Journey

MINUTES = 10
SINGLE, SHORT = "一节课最先要讲清什么？", "怎样让同事愿意提问？"
RIGHT = "目标"
MARKS = {"single": 100, "short_text": 200}


def walk_a_test(journey: Journey) -> None:
    """The owner writes questions and a paper, screens by them, and gives one applicant more time."""
    campaign = _campaign(journey, _paper(journey))
    application = _in_the_test(journey, campaign)
    applicant = journey[ACCEPTED]
    assert "take_test" in [one["code"] for one in applicant.until("/v1/me/tasks", _whole)["items"]]
    phone, laptop = str(uuid4()), str(uuid4())
    attempt = applicant.post("/v1/test-attempts", {"application_id": application, "client_id": phone}, expect=201)
    path = f"/v1/test-attempts/{attempt['id']}"
    by_kind = {one["kind"]: one for section in attempt["sections"] for one in section["questions"]}
    assert {kind: one["marks"] for kind, one in by_kind.items()} == MARKS
    _save(applicant, path, phone, by_kind["single"], 1)
    # The telephone has no connection any more.
    again = applicant.post("/v1/test-attempts", {"application_id": application, "client_id": laptop}, expect=200)
    assert (again["id"], again["ends_at"]) == (attempt["id"], attempt["ends_at"])
    kept = {one["kind"]: one["answer"] for section in again["sections"] for one in section["questions"]}
    assert (kept["single"]["sequence"], kept["short_text"]) == (1, None)
    late = {"client_id": phone, "answers": [{"question_id": by_kind["single"]["id"], "sequence": 9}]}
    applicant.problem("PUT", f"{path}/answers", 409, "taken_over", json=late)
    journey.stack.clock.advance(timedelta(minutes=MINUTES))
    journey.log_in_again()
    applicant, owner = journey[ACCEPTED], journey[OWNER]
    late["client_id"] = laptop
    applicant.problem("PUT", f"{path}/answers", 409, "attempt_over", json=late)
    owner.until("/v1/test-attempts", lambda page: page["items"][0]["handed_in_by"] == "clock", campaign_id=campaign)
    owner.problem("POST", f"{path}/reopen", 409, "no_time_left")
    owner.call("PUT", f"/v1/applications/{application}/extra-time", expect=200, json={"minutes": MINUTES})
    reopened = owner.post(f"{path}/reopen", expect=200)
    assert reopened["ends_at"] > attempt["ends_at"]
    _save(applicant, path, laptop, by_kind["short_text"], 2)
    applicant.post(f"{path}/hand-in", {"client_id": laptop}, expect=200)
    assert applicant.get(f"/v1/applications/{application}")["test"]["score"] is None
    assert owner.get("/v1/test-attempts", to_grade=True, campaign_id=campaign)["items"][0]["ungraded"] == 1
    marks = f"{path}/marks/{by_kind['short_text']['id']}"
    assert owner.call("PUT", marks, expect=200, json={"marks": 150})["passed"] is True
    assert owner.get(f"/v1/campaigns/{campaign}/board")["by_test"]["passed"] == 1
    owner.post(f"/v1/applications/{application}/decide", {"outcome": "accepted", "reason": "测试通过"}, expect=200)
    told = applicant.get(f"/v1/applications/{application}")["test"]
    assert (told["result"], told["score"], told["full"]) == ("passed", 250, 300)


def _paper(journey: Journey) -> str:
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


def _campaign(journey: Journey, paper_id: str) -> str:
    owner = journey[OWNER]
    body: dict[str, Any] = {
        "community_id": journey.community_id,
        "title": "讲师招募",
        "quota": 1,
        "closes_at": (journey.stack.clock.now() + timedelta(days=14)).isoformat(),
        "channels": [{"code": "poster", "name": "海报", "kind": "poster"}],
        "form": FORM,
        "steps": ["form", "test"],
        "test": {"paper_id": paper_id, "paper_version": 1, "minutes": MINUTES, "pass_percent": 80},
    }
    campaign = owner.post("/v1/campaigns", body, expect=201)
    path = f"/v1/campaigns/{campaign['id']}"
    owner.until(path, lambda one: one["test"]["paper_state"] == "there")
    owner.post(f"{path}/open", expect=200)
    return str(campaign["id"])


def _in_the_test(journey: Journey, campaign_id: str) -> str:
    answers = {"motivation": "我想把做项目的经验讲给新同事听", "hours": 5}
    body = {"campaign_id": campaign_id, "channel": "poster", "answers": answers}
    application = journey[ACCEPTED].post("/v1/applications", body, expect=201)["id"]
    for state in ("screening", "testing"):
        assert journey[OWNER].post(f"/v1/applications/{application}/advance", expect=200)["state"] == state
    return str(application)


def _save(api: Api, path: str, client_id: str, asked: dict[str, Any], sequence: int) -> None:
    letters = {one["text"]: one["letter"] for one in asked["choices"]}
    given = {"choices": [letters[RIGHT]]} if letters else {"texts": ["先感谢，再回答"]}
    answer = {"question_id": asked["id"], "sequence": sequence} | given
    api.call("PUT", f"{path}/answers", expect=200, json={"client_id": client_id, "answers": [answer]})


def _whole(page: dict[str, Any]) -> bool:
    return page["missing"] == []
