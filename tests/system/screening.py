"""Applicants on their way through a campaign: tested, met by three people who judge blind, and approved by managers, one of whom is away."""

from datetime import datetime, timedelta
from typing import Any

from tests.system.journey import OWNER, Journey
from tests.system.testing_applicants import a_campaign, a_paper, at_step, by_kind, in_the_test, lose_the_connection

APPLICANT, FIRST, SECOND, PARTIAL, INSTEAD = "00002", "00003", "00004", "00005", "00006"
RD_MANAGER, SALES_MANAGER, DEPUTY = "00006", "00004", "00003"
OF_RD, OF_SALES, UNANSWERED = "00002", "00005", "00003"


def walk_a_screening(journey: Journey) -> None:
    """Form, test, interview, acceptance: the connection is lost in the test; of three who interview one must not, and all are blind till theirs is in."""
    campaign = a_campaign(journey, ["form", "test", "interview"], {"paper_id": a_paper(journey), "minutes": 30})
    owner = journey[OWNER]
    application = in_the_test(journey, campaign["id"], APPLICANT)
    attempt = lose_the_connection(journey, application, APPLICANT)
    owner.problem("POST", f"/v1/applications/{application}/advance", 409, "test_ungraded", json={})
    text = by_kind(journey[APPLICANT].get(attempt))["short_text"]
    assert owner.call("PUT", f"{attempt}/marks/{text['id']}", expect=200, json={"marks": 150})["passed"] is True
    for number in (FIRST, SECOND, PARTIAL, INSTEAD):
        owner.call("PUT", f"/v1/campaigns/{campaign['id']}/interviewers/{journey.people[number]}", expect=200)
    assert owner.post(f"/v1/applications/{application}/advance", expect=200)["state"] == "interviewing"
    assert _test_of(journey, application) == (None, None)
    begins = journey.stack.clock.now() + timedelta(days=2)
    slot = {
        "campaign_id": campaign["id"],
        "starts_at": begins.isoformat(),
        "ends_at": (begins + timedelta(hours=1)).isoformat(),
        "place": "三楼会议室",
        "interviewer_ids": [journey.people[number] for number in (FIRST, SECOND, PARTIAL)],
    }
    interview = owner.post("/v1/interviews", slot, expect=201)
    path = f"/v1/interviews/{interview['id']}"
    assert _tasks(journey, APPLICANT)["choose_interview"]["due_at"] == interview["starts_at"]
    chosen = journey[APPLICANT].post(f"{path}/choose", expect=200)
    assert (chosen["status"], len(chosen["interviewers"])) == ("chosen", 3)
    assert "hold_interview" in _tasks(journey, PARTIAL)
    journey[PARTIAL].post(f"/v1/applications/{application}/declare-conflict", {"reason": "同组同事"}, expect=200)
    assert "hold_interview" not in _tasks(journey, PARTIAL)
    desk = owner.get("/v1/desk", community_id=journey.community_id)["items"]
    assert [queue["count"] for queue in desk if queue["code"] == "interviews_lacking"] == [1]
    people = {"interviewer_ids": [journey.people[number] for number in (FIRST, SECOND, INSTEAD)]}
    assert owner.call("PUT", f"{path}/interviewers", json=people, expect=200)["lacking"] == 0

    journey.stack.clock.advance(timedelta(days=2, minutes=1))
    journey.log_in_again()
    owner = journey[OWNER]
    owner.problem(
        "POST", f"/v1/applications/{application}/decide", 409, "scorecards_missing", json=_decision("rejected")
    )
    for place, (number, score) in enumerate(((FIRST, 5), (SECOND, 4), (INSTEAD, 3))):
        assert "write_scorecard" in _tasks(journey, number)
        here = {"application_id": application}
        assert journey[number].get("/v1/scorecards/summary", application_id=application)["mean"] is None
        scores = [{"criterion": one["code"], "score": score} for one in campaign["criteria"]]
        card = journey[number].post("/v1/scorecards", here | {"scores": scores}, expect=201)
        assert len(journey[number].get("/v1/scorecards", application_id=application)["items"]) == 1
        journey[number].post(f"/v1/scorecards/{card['id']}/hand-in", expect=200)
        assert len(journey[number].get("/v1/scorecards", application_id=application)["items"]) == place + 1
        assert "write_scorecard" not in _tasks(journey, number)
    assert owner.get("/v1/scorecards/summary", application_id=application)["mean"] == 4.0
    for number in (PARTIAL, APPLICANT):
        journey[number].get("/v1/scorecards", application_id=application, expect=404)
    assert _test_of(journey, application) == (None, None)
    _accepted(journey, application, APPLICANT)
    assert _test_of(journey, application) == ("passed", 250)


def _test_of(journey: Journey, application: str) -> tuple[str | None, int | None]:
    """What the applicant reads of their test."""
    test = journey[APPLICANT].get(f"/v1/applications/{application}")["test"]
    return test["result"], test["score"]


def walk_approvals(journey: Journey) -> None:
    """One manager answers, one is away and their deputy does, one does not: after three working days an owner does."""
    for code, manager in (("RD", RD_MANAGER), ("SALES", SALES_MANAGER)):
        journey.admin.patch(f"/v1/departments/{code}", {"manager_employee_no": manager})
    campaign = a_campaign(journey, ["form", "approval"])
    away = {
        "until": (journey.stack.clock.now() + timedelta(days=14)).isoformat(),
        "deputy_employee_no": DEPUTY,
    }
    said = journey[SALES_MANAGER].call("PUT", "/v1/people/me/absence", json=away, expect=200)
    assert said["deputy"]["display_name"] == "李娜"
    applications = {number: at_step(journey, campaign["id"], number, 2) for number in (OF_RD, OF_SALES, UNANSWERED)}

    board = journey[OWNER].get(f"/v1/campaigns/{campaign['id']}/board")
    assert [(one["state"], one["applications"]) for one in board["waiting"]] == [("approving", 3)]
    assert {one["holder"]["display_name"] for one in board["holders"]} == {"赵强", "刘洋"}
    waiting = journey[RD_MANAGER].get("/v1/people/me/approvals")["items"]
    assert {one["application_id"] for one in waiting} == {applications[OF_RD], applications[UNANSWERED]}
    journey[RD_MANAGER].post(f"/v1/applications/{applications[OF_RD]}/approve", {"note": "同意"}, expect=200)
    assert "approve_application" in _tasks(journey, DEPUTY)
    journey[DEPUTY].post(f"/v1/applications/{applications[OF_SALES]}/approve", expect=200)
    assert "approve_application" not in _tasks(journey, DEPUTY)
    path = f"/v1/applications/{applications[UNANSWERED]}"
    journey[OWNER].problem("POST", f"{path}/approve", 403, "forbidden")
    journey[OWNER].problem("POST", f"{path}/decide", 409, "approval_missing", json=_decision("accepted"))
    due = datetime.fromisoformat(journey[UNANSWERED].get(f"{path}/approval")["due_at"])
    journey.stack.clock.advance(due - journey.stack.clock.now() + timedelta(minutes=1))
    journey.log_in_again()
    told = journey[OWNER].until("/v1/notifications", lambda page: _about(page["items"], applications[UNANSWERED]))
    assert told["items"]
    journey[OWNER].post(f"{path}/approve", expect=200)
    for number, application in applications.items():
        _accepted(journey, application, number)


def _about(lines: list[dict[str, Any]], key: str) -> bool:
    return any(line["object"] is not None and line["object"]["id"] == key for line in lines)


def _accepted(journey: Journey, application: str, number: str) -> None:
    journey[OWNER].post(f"/v1/applications/{application}/decide", _decision("accepted"), expect=200)
    assert journey[number].get(f"/v1/applications/{application}")["outcome"] == "accepted"
    assert journey.membership(number)["status"] == "active"


def _decision(outcome: str) -> dict[str, str]:
    return {"outcome": outcome, "reason": "委员会决定"}


def _tasks(journey: Journey, number: str) -> dict[str, dict[str, Any]]:
    return {task["code"]: task for task in journey[number].get("/v1/me/tasks")["items"]}
