"""The step `test` of a campaign: an applicant takes it by the server's clock, and reads nothing of what it came to before a release."""

from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from chassis.ids import new_id
from chassis.problems import Problem
from services.membership.applications import forgetting
from services.membership.screening_tests.models import GivenAnswer
from tests.service.membership.testing import BY_MACHINE, SECRET, at_once, given, paper


async def test_an_applicant_takes_a_test_and_the_best_attempt_counts(testing):
    await testing.opened(*BY_MACHINE, attempts=2, pass_percent=60)
    application = await testing.applicant("小明")
    first = await testing.begin("小明", application, status=201)
    assert [len(one["questions"]) for one in first["sections"]] == [6]
    assert first["ends_at"] == (await testing.save("小明", first, "q-single"))["ends_at"]
    assert (await testing.hand_in("小明", first))["state"] == "handed_in"
    seen = await testing.seen(application)
    assert (seen["state"], seen["test"]["result"], seen["test"]["score"], seen["test"]["full"]) == (
        "testing", None, 100, 600,
    )  # fmt: skip
    second = await testing.begin("小明", application, status=201)
    assert second["number"] == 2
    await testing.save("小明", second, *BY_MACHINE)
    await testing.hand_in("小明", second)
    seen = await testing.seen(application)
    assert (seen["test"]["result"], seen["test"]["score"], seen["test"]["attempts_begun"]) == ("passed", 600, 2)
    assert (await testing.begin("小明", application, status=409))["code"] == "attempts_used"
    board = await testing.scene.see(testing.scene.again("owner"), f"/v1/campaigns/{testing.campaign['id']}/board")
    assert board["by_test"] == {"passed": 1, "failed": 0, "open": 0}
    await testing.scene.decide(application, "accepted")
    assert (await testing.seen(application, by="小明"))["test"]["score"] == 600


async def test_what_was_saved_is_there_again_after_a_lost_connection_and_the_last_client_holds_the_attempt(testing):
    await testing.opened(*BY_MACHINE)
    application = await testing.applicant("小明")
    attempt = await testing.begin("小明", application)
    await testing.save("小明", attempt, "q-single", "q-match", sequence=3)
    await testing.put("小明", attempt, [given(attempt, "q-single", sequence=2, wrong=True)])
    read = await testing.scene.see(testing.scene.again("小明"), f"/v1/test-attempts/{attempt['id']}")
    answers = {one["id"]: one["answer"] for section in read["sections"] for one in section["questions"]}
    for key in ("q-single", "q-match"):
        mine = given(attempt, key)
        assert answers[key]["sequence"] == 3
        assert [answers[key][part] for part in ("choices", "pairs")] == [
            mine.get(part, []) for part in ("choices", "pairs")
        ]
    assert answers["q-true"] is None
    phone = str(new_id())
    again = await testing.begin("小明", application, status=200, client_id=phone)
    assert (again["id"], again["client_id"]) == (attempt["id"], phone)
    assert (attempt["sequence"], again["sequence"]) == (0, 3)
    assert (await testing.save("小明", attempt, "q-true", status=409))["code"] == "taken_over"
    assert (await testing.hand_in("小明", attempt, status=409))["code"] == "taken_over"
    await testing.save("小明", attempt, "q-true", client_id=phone)


async def test_the_server_hands_in_at_the_end_and_takes_nothing_after_it(testing):
    await testing.opened(*BY_MACHINE, minutes=30)
    application = await testing.applicant("小明")
    attempt = await testing.begin("小明", application)
    await testing.save("小明", attempt, *BY_MACHINE)
    testing.scene.harness.clock.advance(timedelta(minutes=30))
    # No worker has run.
    assert (await testing.save("小明", attempt, "q-true", sequence=9, status=409))["code"] == "attempt_over"
    read = await testing.scene.see(testing.scene.again("小明"), f"/v1/test-attempts/{attempt['id']}")
    assert (read["state"], read["handed_in_at"]) == ("handed_in", attempt["ends_at"])
    await testing.pass_time(hours=14)
    seen = await testing.scene.see(
        testing.scene.again("owner"), "/v1/test-attempts", campaign_id=testing.campaign["id"]
    )
    [one] = seen["items"]
    assert (one["handed_in_at"], one["handed_in_by"], one["passed"]) == (attempt["ends_at"], "clock", True)
    assert (await testing.hand_in("小明", attempt))["state"] == "handed_in"


async def test_of_four_clients_that_begin_at_once_one_attempt_comes(testing):
    await testing.opened(*BY_MACHINE, attempts=3)
    application = await testing.applicant("小明")
    client = testing.scene.again("小明")
    bodies = [{"application_id": application["id"], "client_id": str(new_id())} for _ in range(4)]
    answers = await at_once(*(client.post("/v1/test-attempts", json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert (await testing.seen(application))["test"]["attempts_begun"] == 1


async def test_nobody_reads_a_solution_or_a_result_before_its_time(testing):
    await testing.opened(attempts=2)
    application = await testing.applicant("小明")
    client, path = testing.scene.again("小明"), "/v1/test-attempts"
    attempt = await testing.begin("小明", application)
    texts = [str(attempt)]
    for key in attempt["sections"][0]["questions"]:
        texts.append(str(await testing.save("小明", attempt, key["id"])))
    texts += [str(await testing.hand_in("小明", attempt)), str(await testing.begin("小明", application))]
    for where in (f"{path}/{attempt['id']}", f"/v1/applications/{application['id']}", "/v1/applications?mine=true"):
        texts.append(str(await testing.scene.see(client, where)))
    for text in texts:
        assert SECRET not in text
        assert "'right'" not in text
        assert "weight" not in text
        assert "'score': 6" not in text
        assert "passed" not in text
    assert (await testing.seen(application))["test"]["score"] == 600
    await testing.scene.client("别人")
    for name in ("别人", "owner"):
        status = 404 if name == "别人" else 403
        await testing.scene.see(testing.scene.again(name), f"{path}/{attempt['id']}", status=status)
    other = testing.scene.again("别人")
    for method, below in (("put", "/answers"), ("post", "/hand-in"), ("get", "/answers"), ("post", "/reopen")):
        body = {"client_id": str(new_id()), "answers": [given(attempt, "q-single")]} if method == "put" else None
        body = {"client_id": str(new_id())} if below == "/hand-in" else body
        answer = await other.request(method, f"{path}/{attempt['id']}{below}", json=body)
        assert answer.status_code == 404, answer.text


async def test_a_campaign_with_a_test_opens_once_its_paper_is_there(testing):
    scene, events = testing.scene, testing.events
    testing.community = await scene.community()
    campaign = await scene.campaign(testing.community, steps=["form", "test"], opened=False)
    path = f"/v1/campaigns/{campaign['id']}"
    assert (await scene.send(scene.again("owner"), f"{path}/open", status=409))["missing"] == ["test"]
    foreign = paper(*BY_MACHINE)
    events.has(foreign, str(new_id()))
    for other in (foreign, paper(*BY_MACHINE)):
        await scene.change(scene.again("owner"), path, {"test": {"paper_id": other.id, "paper_version": 1}})
        assert (await scene.send(scene.again("owner"), f"{path}/open", status=409))["missing"] == ["paper"]
        await scene.harness.run_jobs()
        seen = await scene.see(scene.again("owner"), path)
        assert (seen["test"]["paper_state"], seen["viewer"]["cannot"]["open"]) == ("refused", "campaign_incomplete")
    events.has(testing.paper, testing.community["id"], fingerprint="0" * 64)
    await scene.change(scene.again("owner"), path, {"test": testing.settings()})
    await scene.harness.run_jobs()
    assert (await scene.see(scene.again("owner"), path))["test"]["paper_state"] == "refused"
    events.has(testing.paper, testing.community["id"])
    events.down = True
    await scene.change(scene.again("owner"), path, {"test": testing.settings(closes_at="2026-09-01T00:00:00Z")})
    with pytest.raises(Problem):
        await scene.harness.run_jobs()
    assert (await scene.see(scene.again("owner"), path))["test"]["paper_state"] == "fetching"
    events.down = False
    await scene.harness.run_jobs()
    await scene.send(scene.again("owner"), f"{path}/open")
    refused = await scene.change(scene.again("owner"), path, {"test": None}, status=409)
    assert refused["code"] == "campaign_running"
    await scene.client("路人")
    seen = (await scene.see(scene.again("路人"), "/v1/campaigns", community_id=testing.community["id"]))["items"]
    assert {one["test"]["paper_id"] for one in seen} <= {None}


async def test_who_fails_for_good_is_knocked_out_and_may_ask_for_one_review(testing):
    closing = testing.scene.harness.clock() + timedelta(hours=1)
    await testing.opened(*BY_MACHINE, knock_out=True, pass_percent=50, attempts=2, closes_at=closing.isoformat())
    application = await testing.applicant("小明")
    for state in ("testing", "decided"):
        attempt = await testing.begin("小明", application)
        await testing.save("小明", attempt, "q-single", "q-true")
        await testing.hand_in("小明", attempt)
        await testing.scene.harness.run_timers()
        assert (await testing.seen(application, by="小明"))["state"] == state
    seen = await testing.seen(application, by="小明")
    assert (seen["outcome"], seen["failed_requirements"], seen["test"]["score"]) == ("rejected", ["step.test"], 200)
    assert seen["unmet"][0]["text_zh"] == "通过测试"
    told = await testing.scene.told("application.decided")
    assert told[-1]["failed_requirements"] == ["step.test"]
    await testing.scene.send(testing.scene.again("小明"), f"/v1/applications/{application['id']}/request-review")
    await testing.scene.send(testing.scene.again("owner"), f"/v1/applications/{application['id']}/advance")
    # Nor does the window that closes knock them out again.
    await testing.pass_time(hours=1)
    assert (await testing.seen(application))["state"] == "testing"
    await testing.scene.decide(application, "accepted")


async def test_who_never_begins_has_failed_when_the_window_closes(testing):
    closing = testing.scene.harness.clock() + timedelta(days=3)
    await testing.opened(*BY_MACHINE, knock_out=True, closes_at=closing.isoformat())
    gone, late = await testing.applicant("小明"), await testing.applicant("小红")
    assert (await testing.extra(late, 60))["closes_at"] == told_as(closing + timedelta(hours=1))
    await testing.pass_time(days=2)
    inbox = await testing.scene.see(testing.scene.again("小明"), "/v1/notifications")
    assert [one["template"] for one in inbox["items"]] == ["reminder.test"]
    [task] = await testing.tasks("小明")
    assert (task["code"], task["due_at"], task["href"]) == (
        "take_test", told_as(closing), f"/v1/applications/{gone['id']}",
    )  # fmt: skip
    testing.scene.harness.clock.advance(timedelta(days=1))
    assert await testing.tasks("小明") == []
    assert (await testing.begin("小明", gone, status=409))["code"] == "window_closed"
    await testing.begin("小红", late, status=201)
    await testing.scene.harness.run_timers()
    seen = await testing.seen(gone)
    assert (seen["state"], seen["test"]["result"], seen["decided_at"]) == ("decided", "failed", told_as(closing))
    await testing.pass_time(hours=1)
    assert (await testing.seen(late))["state"] == "decided"


async def test_a_paper_is_not_there_before_its_time(testing):
    opening = testing.scene.harness.clock() + timedelta(days=3)
    await testing.opened(*BY_MACHINE, opens_at=opening.isoformat())
    application = await testing.applicant("小明")
    assert (await testing.begin("小明", application, status=409))["code"] == "not_open_yet"
    body = {"application_id": application["id"], "client_id": str(new_id()), "started_at": opening.isoformat()}
    await testing.scene.send(testing.scene.again("小明"), "/v1/test-attempts", body, status=422)
    assert await testing.tasks("小明") == []
    assert await testing.told("小明") == []
    await testing.pass_time(days=3)
    assert [one["text"] for one in await testing.told("小明")] == [
        "Your application to “春季招募” goes on: take the test"
    ]
    await testing.begin("小明", application, status=201)


async def test_no_clock_but_the_servers_counts_whatever_a_client_says(testing):
    await testing.opened("q-single", minutes=30)
    application = await testing.applicant("小明")
    attempt = await testing.begin("小明", application)
    began, client = testing.scene.harness.clock(), testing.scene.again("小明")
    path, held = f"/v1/test-attempts/{attempt['id']}", {"client_id": testing.client_of("小明")}
    right = given(attempt, "q-single", sequence=2)
    for moment in (began - timedelta(days=1), began + timedelta(days=1)):
        said, stamp = moment.isoformat(), format_datetime(moment, usegmt=True)
        forged = {"Date": stamp, "If-Unmodified-Since": stamp, "X-Request-Start": stamp, "X-Qunxue-Time": said}
        client.headers.update(forged)
        for name in ("received_at", "started_at", "ends_at", "server_time", "client_time", "now"):
            for body in (held | {"answers": [right], name: said}, held | {"answers": [right | {name: said}]}):
                assert (await client.put(f"{path}/answers", json=body)).status_code == 422
            assert (await client.post(f"{path}/hand-in", json=held | {name: said})).status_code == 422
        read = (await client.get(path, params={"now": said})).json()
        assert (read.get("state"), read.get("ends_at"), read.get("server_time")) in (
            ("running", attempt["ends_at"], told_as(began)),
            (None, None, None),
        )
        taken = await client.put(f"{path}/answers", json=held | {"answers": [right]})
        assert (taken.json()["server_time"], taken.json()["ends_at"]) == (told_as(began), attempt["ends_at"])
    testing.scene.harness.clock.advance(timedelta(minutes=30))
    # What a device has kept to send later, with the greatest number there is, comes too late all the same.
    late = held | {"answers": [given(attempt, "q-single", sequence=2**53 - 1, wrong=True)]}
    for moment in (began, began + timedelta(minutes=29, seconds=59)):
        client.headers["Date"] = format_datetime(moment, usegmt=True)
        refused = await client.put(f"{path}/answers", json=late)
        assert (refused.status_code, refused.json()["code"]) == (409, "attempt_over")
    assert (await testing.hand_in("小明", attempt))["state"] == "handed_in"
    seen = await testing.seen(application)
    assert seen["test"]["score"] == 100


async def test_extra_time_moves_both_limits_and_a_reopened_attempt_goes_on_with_what_was_left(testing):
    began = testing.scene.harness.clock()
    await testing.opened(*BY_MACHINE, minutes=30, closes_at=(began + timedelta(minutes=20)).isoformat())
    application = await testing.applicant("小明")
    attempt = await testing.begin("小明", application)
    assert attempt["ends_at"] == told_as(began + timedelta(minutes=20))
    given_more = await testing.extra(application, 10)
    assert given_more["ends_at"] == told_as(began + timedelta(minutes=30))
    assert (await testing.extra(application, 10))["ends_at"] == given_more["ends_at"]
    assert (await testing.extra(application, 5, status=422))["errors"][0]["code"] == "less_than_given"
    testing.scene.harness.clock.advance(timedelta(minutes=25))
    await testing.save("小明", attempt, "q-single")
    await testing.pass_time(minutes=10)
    path = f"/v1/test-attempts/{attempt['id']}/reopen"
    owner = testing.scene.again("owner")
    assert (await testing.scene.send(owner, path, status=409))["code"] == "no_time_left"
    await testing.extra(application, 25)
    assert (await testing.save("小明", attempt, "q-true", status=409))["code"] == "attempt_over"
    reopened = await testing.scene.send(owner, path)
    assert reopened["ends_at"] == told_as(testing.scene.harness.clock() + timedelta(minutes=15))
    await testing.pass_time(minutes=14)
    await testing.save("小明", attempt, *BY_MACHINE[1:])
    assert (await testing.scene.send(owner, path, status=409))["state"] == "running"
    await testing.pass_time(minutes=1)
    seen = await testing.seen(application)
    assert (seen["test"]["result"], seen["test"]["score"]) == ("passed", 600)
    trail = [one["action"] for one in await testing.scene.audit(testing.community["id"])]
    assert [trail.count(one) for one in ("application.extend", "attempt.reopen")] == [2, 1]
    await testing.scene.send(testing.scene.again("小明"), path, status=404)


async def test_who_has_more_time_or_an_attempt_again_is_told_until_when(testing):
    began = testing.scene.harness.clock()
    closing = began + timedelta(hours=1)
    await testing.opened(*BY_MACHINE, minutes=30, closes_at=closing.isoformat())
    application = await testing.applicant("小明")

    async def newest() -> tuple[str, str, str]:
        inbox = (await testing.scene.see(testing.scene.again("小明"), "/v1/notifications"))["items"]
        return inbox[0]["template"], inbox[0]["href"], inbox[0]["until"]

    await testing.extra(application, 10)
    here = f"/v1/applications/{application['id']}"
    assert await newest() == ("test.extended", here, told_as(closing + timedelta(minutes=10)))
    attempt = await testing.begin("小明", application)
    there = f"/v1/test-attempts/{attempt['id']}"
    testing.scene.harness.clock.advance(timedelta(minutes=1))
    for _ in range(2):
        given_more = await testing.extra(application, 20)
        assert await newest() == ("test.extended", there, given_more["ends_at"])
    mailed = [one["count"] for one in await testing.told("小明")]
    testing.scene.harness.clock.advance(timedelta(minutes=1))
    await testing.hand_in("小明", attempt)
    # Nothing runs, and no attempt is left: with more time alone there is nothing to do yet.
    await testing.extra(application, 30)
    assert await newest() == ("test.extended", there, given_more["ends_at"])
    reopened = await testing.scene.send(testing.scene.again("owner"), f"{there}/reopen")
    assert await newest() == ("test.reopened", there, reopened["ends_at"])
    assert [one["count"] for one in await testing.told("小明")] == mailed == [1, 1]
    assert "春季招募" in (await testing.told("小明"))[0]["text"]


async def test_an_attempt_that_is_left_is_offered_in_other_words(testing):
    closing = testing.scene.harness.clock() + timedelta(days=2)
    await testing.opened(*BY_MACHINE, attempts=2, closes_at=closing.isoformat())
    application = await testing.applicant("小明")
    said = []
    for _ in range(2):
        [task] = await testing.tasks("小明")
        said.append((task["code"], task["title"], task["due_at"]))
        attempt = await testing.begin("小明", application)
        assert [one["title"] for one in await testing.tasks("小明")] == ["Take the test: 春季招募"]
        await testing.hand_in("小明", attempt)
    assert said == [
        ("take_test", "Take the test: 春季招募", told_as(closing)),
        ("take_test", "You may take the test again: 春季招募", told_as(closing)),
    ]
    assert await testing.tasks("小明") == []


async def test_people_grade_short_texts_without_a_name_and_lecturers_where_they_are_named(testing):
    community = testing.community = await testing.scene.community()
    await testing.scene.role("讲师", community, "lecturer")
    await testing.scene.role("别的讲师", community, "lecturer")
    members = await testing.scene.see(
        testing.scene.again("owner"), "/v1/members", community_id=community["id"], q="讲师"
    )
    named = next(one["id"] for one in members["items"] if one["display_name"] == "讲师")
    await testing.opened("q-single", "q-text", pass_percent=80, grader_ids=[named], community=community)
    application = await testing.applicant("小明")
    attempt = await testing.begin("小明", application)
    await testing.save("小明", attempt, "q-single", "q-text")
    path = f"/v1/test-attempts/{attempt['id']}"
    lecturer = testing.scene.again("讲师")
    early = await lecturer.put(f"{path}/marks/q-text", json={"marks": 60})
    assert early.json()["code"] == "nothing_to_grade"
    await testing.hand_in("小明", attempt)
    assert (await testing.seen(application))["test"]["result"] is None
    where = {"campaign_id": testing.campaign["id"], "to_grade": True}
    [listed] = (await testing.scene.see(lecturer, "/v1/test-attempts", **where))["items"]
    assert (listed["score"], listed["passed"], listed["ungraded"]) == (100, None, 1)
    alone = {"application_id": application["id"]}
    assert (await testing.scene.see(lecturer, "/v1/test-attempts", **alone))["items"] == [listed]
    await testing.scene.see(testing.scene.again("别的讲师"), "/v1/test-attempts", status=404, **alone)
    read = await testing.scene.see(lecturer, f"{path}/answers")
    assert "小明" not in str(read)
    by_id = {one["question_id"]: one for one in read["answers"]}
    assert (by_id["q-text"]["marks"], by_id["q-text"]["rubric"]) == (None, SECRET)
    assert (by_id["q-single"]["choices"], by_id["q-single"]["marks"]) == (["表"], 100)
    assert (await testing.scene.again("别的讲师").get(f"{path}/answers")).status_code == 404
    too_many = await lecturer.put(f"{path}/marks/q-text", json={"marks": 101})
    assert too_many.status_code == 422
    assert (await lecturer.put(f"{path}/marks/q-single", json={"marks": 1})).json()["code"] == "nothing_to_grade"
    for marks, result in ((60, "passed"), (59, "failed")):
        assert (await lecturer.put(f"{path}/marks/q-text", json={"marks": marks})).status_code == 200
        assert (await testing.seen(application))["test"]["result"] == result
    assert (await testing.scene.see(lecturer, "/v1/test-attempts", **where))["items"] == []


async def test_what_was_given_for_a_text_goes_with_it_when_another_takes_its_place(testing):
    await testing.opened("q-single", "q-text")
    application = await testing.applicant("小明")
    attempt = await testing.begin("小明", application)
    await testing.save("小明", attempt, "q-single", "q-text")
    await testing.hand_in("小明", attempt)
    path = f"/v1/test-attempts/{attempt['id']}"
    owner = testing.scene.again("owner")

    async def marks_and_waiting():
        answers = {one["question_id"]: one for one in (await testing.scene.see(owner, f"{path}/answers"))["answers"]}
        waiting = await testing.scene.see(owner, "/v1/test-attempts", campaign_id=testing.campaign["id"], to_grade=True)
        return answers["q-text"]["marks"], len(waiting["items"])

    assert (await owner.put(f"{path}/marks/q-text", json={"marks": 90})).status_code == 200
    await testing.scene.send(owner, f"{path}/reopen")
    await testing.save("小明", attempt, "q-text", sequence=2)
    await testing.hand_in("小明", attempt)
    assert await marks_and_waiting() == (90, 0)
    await testing.scene.send(owner, f"{path}/reopen")
    other = {"question_id": "q-text", "sequence": 3, "texts": ["不知道"]}
    await testing.put("小明", attempt, [other])
    await testing.hand_in("小明", attempt)
    assert await marks_and_waiting() == (None, 1)
    assert (await testing.seen(application))["test"]["result"] is None


async def test_nobody_moves_on_before_the_test_is_handed_in_and_graded(testing):
    closing = testing.scene.harness.clock() + timedelta(hours=2)
    await testing.opened(
        "q-single",
        "q-text",
        steps=["form", "test", "interview"],
        attempts=2,
        pass_percent=80,
        minutes=30,
        closes_at=closing.isoformat(),
    )
    application, idle = await testing.applicant("小明"), await testing.applicant("小红")
    attempt = await testing.begin("小明", application)
    assert await lacking(testing, application) == "test_missing"
    testing.scene.harness.clock.advance(timedelta(minutes=30))
    # No worker has run: it is over by the clock, and not graded.
    assert await lacking(testing, application) == "test_ungraded"
    await testing.scene.harness.run_timers()
    assert await lacking(testing, application) is None
    attempt = await testing.begin("小明", application)
    assert await lacking(testing, application) == "test_missing"
    await testing.save("小明", attempt, "q-text")
    await testing.hand_in("小明", attempt)
    assert await lacking(testing, application) == "test_ungraded"
    path = f"/v1/test-attempts/{attempt['id']}/marks/q-text"
    assert (await testing.scene.again("owner").put(path, json={"marks": 0})).status_code == 200
    assert (await testing.seen(application))["test"]["result"] == "failed"
    assert await lacking(testing, application) is None
    await testing.scene.decide(application, "rejected")
    assert await lacking(testing, idle) == "test_missing"
    testing.scene.harness.clock.advance(timedelta(hours=2))
    assert await lacking(testing, idle) is None


async def lacking(testing: Any, application: Any) -> Any:
    """What keeps operators from moving an application on: its viewer says what the command would."""
    code = (await testing.seen(application))["viewer"]["cannot"].get("advance")
    if code is not None:
        path = f"/v1/applications/{application['id']}/advance"
        refused = await testing.scene.send(testing.scene.again("owner"), path, status=409)
        assert refused["code"] == code
    return code


async def test_answers_that_do_not_fit_their_question_are_refused_and_nothing_is_kept(testing):
    await testing.opened()
    application = await testing.applicant("小明")
    attempt = await testing.begin("小明", application)
    fits = given(attempt, "q-true")
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"question_id": "q-none"}, "/answers/1/question_id", "unknown_question"),
        ({"question_id": "q-single", "choices": ["Z"]}, "/answers/1/choices", "unknown_letter"),
        ({"question_id": "q-single", "choices": ["A", "B"]}, "/answers/1/choices", "too_many_parts"),
        ({"question_id": "q-order", "choices": ["A", "A"]}, "/answers/1/choices", "twice"),
        ({"question_id": "q-blank", "choices": ["A"]}, "/answers/1/choices", "not_this_kind"),
        ({"question_id": "q-blank", "texts": ["长" * 501]}, "/answers/1/texts", "too_long"),
        ({"question_id": "q-match", "pairs": [{"stem": "9", "choice": "A"}]}, "/answers/1/pairs", "unknown_letter"),
    ]
    for answer, pointer, code in wrong:
        said = await testing.put("小明", attempt, [fits, {"sequence": 1} | answer], status=422)
        assert [(one["pointer"], one["code"]) for one in said["errors"]] == [(pointer, code)]
    read = await testing.scene.see(testing.scene.again("小明"), f"/v1/test-attempts/{attempt['id']}")
    assert {str(one["answer"]) for one in read["sections"][0]["questions"]} == {"None"}


async def test_attempts_go_180_days_after_the_end_and_what_they_came_to_stays(testing):
    await testing.opened(*BY_MACHINE)
    kept, gone, listed = [await testing.applicant(name) for name in ("小明", "小红", "小刚")]
    for name, application in (("小明", kept), ("小红", gone), ("小刚", listed)):
        attempt = await testing.begin(name, application)
        await testing.save(name, attempt, *BY_MACHINE)
        await testing.hand_in(name, attempt)
    await testing.scene.send(testing.scene.again("小红"), f"/v1/applications/{gone['id']}/withdraw")
    # Whoever waits on the list is not done yet.
    await testing.scene.decide(listed, "waitlisted")
    async with testing.scene.harness.runtime.database.transaction() as session:
        await forgetting.timers.set_periodic(session, testing.scene.harness.clock())
    owner, where = testing.scene.again("owner"), {"campaign_id": testing.campaign["id"]}
    await testing.pass_time(days=179)
    assert len((await testing.scene.see(owner, "/v1/test-attempts", **where))["items"]) == 3
    await testing.pass_time(days=1)
    left = (await testing.scene.see(owner, "/v1/test-attempts", **where))["items"]
    assert [one["application_id"] for one in left] == [listed["id"], kept["id"]]
    seen = (await testing.seen(gone))["test"]
    assert (seen["attempts_begun"], seen["attempt_id"], seen["score"]) == (1, None, 600)
    async with testing.scene.harness.runtime.database.reading() as session:
        answers = await session.execute(select(func.count()).select_from(GivenAnswer))
        assert answers.scalar_one() == 2 * len(BY_MACHINE)


def told_as(moment):
    return moment.isoformat().replace("+00:00", "Z")
