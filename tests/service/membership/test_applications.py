import asyncio
import threading
from datetime import datetime, timedelta
from functools import wraps

import pytest

from chassis.forms import answers as reading
from services.membership.applications import service
from tests.service.membership.scene import ANSWERS, DAY, FORM


@pytest.fixture
async def campaign(scene):
    return await scene.campaign(await scene.community())


async def act(scene, name, application, action, body=None, *, status=200):
    return await scene.send(scene.again(name), f"/v1/applications/{application['id']}/{action}", body, status=status)


async def own(scene, name, application):
    return await scene.see(scene.again(name), f"/v1/applications/{application['id']}")


async def staffs(scene, application):
    return await scene.see(scene.again("owner"), f"/v1/applications/{application['id']}")


async def states(scene, campaign):
    listed = await scene.see(scene.again("owner"), "/v1/applications", campaign_id=campaign["id"], limit=100)
    return {item["applicant"]["display_name"]: item["outcome"] or item["state"] for item in listed["items"]}


async def test_who_is_accepted_is_a_member_with_his_channel_for_ever(scene, campaign):
    application = await scene.apply("小明", campaign, channel="im")
    assert application["state"] == "submitted"
    await scene.decide(application, "accepted")
    seen = await own(scene, "小明", application)
    assert (seen["state"], seen["outcome"]) == ("decided", "accepted")
    member = await scene.see(scene.again("小明"), f"/v1/members/{seen['member_id']}")
    assert (member["via"], member["channel"], member["roles"]) == ("application", "im", [])
    joined = (await scene.told("member.joined"))[-1]
    assert (joined["campaign_id"], joined["application_id"]) == (campaign["id"], application["id"])
    decided = await scene.told("application.decided")
    assert [(told["outcome"], told["from"], told["channel"]) for told in decided] == [("accepted", "submitted", "im")]


async def test_no_answer_leaves_the_service_in_a_message(scene, campaign):
    await scene.decide(await scene.apply("小明", campaign), "accepted")
    for published in await scene.harness.published("application."):
        assert "answers" not in published.data
        assert "委员会决定" not in str(published.data)
        assert published.partition_key == str(scene.people["小明"])


async def test_the_token_of_a_link_names_the_channel(scene, campaign):
    body = {"token": campaign["channels"][1]["token"], "answers": ANSWERS}
    assert (await scene.send(await scene.client("小明"), "/v1/applications", body))["channel"] == "im"


async def test_an_application_names_a_channel_of_the_campaign(scene, campaign):
    assert (await scene.apply("小明", campaign, channel="fax", status=422))["code"] == "unknown_channel"
    both = {"token": campaign["channels"][0]["token"], "campaign_id": campaign["id"], "channel": "im"}
    await scene.send(scene.again("小明"), "/v1/applications", both, status=422)


@pytest.mark.parametrize(
    ("answers", "pointer", "code"),
    [
        ({"motive": "想学"}, "/answers/years", "required"),
        ({"motive": "想学", "years": "three"}, "/answers/years", "type"),
        ({"motive": "想学", "years": 3, "shoe": 42}, "/answers/shoe", "unknown_field"),
        ({"motive": "x", "years": 3}, "/answers/motive", "minLength"),
    ],
)
async def test_answers_that_do_not_fit_are_pointed_at_and_leave_nothing(scene, campaign, answers, pointer, code):
    refused = await scene.apply("小明", campaign, answers=answers, status=422)
    assert refused["code"] == "answers_invalid"
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [(pointer, code)]
    assert (await scene.see(scene.again("小明"), "/v1/applications", mine=True))["items"] == []


async def test_who_fails_what_knocks_out_is_rejected_at_once(scene, campaign):
    application = await scene.apply("新人", campaign, answers=ANSWERS | {"years": 1})
    assert (application["state"], application["outcome"]) == ("decided", "rejected")
    assert application["failed_requirements"] == ["senior"]
    assert application["unmet"] == [
        {"code": "senior", "text_zh": "“years”不低于 2", "text_en": '"years" is at least 2'},
    ]
    decided = await scene.told("application.decided")
    assert (decided[0]["outcome"], decided[0]["failed_requirements"]) == ("rejected", ["senior"])


async def test_who_was_knocked_out_gets_one_look_by_a_human(scene, campaign):
    application = await scene.apply("新人", campaign, answers=ANSWERS | {"years": 1})
    assert "request_review" in application["viewer"]["can"]
    assert (await act(scene, "新人", application, "request-review"))["state"] == "in_review"
    assert (await staffs(scene, application))["state"] == "screening"
    await scene.decide(application, "rejected")
    again = await act(scene, "新人", application, "request-review", status=409)
    assert again["code"] == "review_already_requested"
    previous = [told.get("previous_outcome") for told in await scene.told("application.decided")]
    assert previous == [None, "rejected"]


async def test_a_draft_is_saved_not_counted(scene, campaign):
    draft = await scene.apply("小明", campaign, answers={"motive": ""}, submit=False)
    assert draft["state"] == "draft"
    await scene.see(scene.again("owner"), f"/v1/applications/{draft['id']}", status=404)
    assert await states(scene, campaign) == {}
    assert await scene.told("application.") == []
    await scene.change(scene.again("小明"), f"/v1/applications/{draft['id']}", {"answers": ANSWERS})
    assert (await act(scene, "小明", draft, "submit", {}))["state"] == "submitted"
    assert [told["from"] for told in await scene.told("application.submitted")] == ["draft"]


async def test_saving_one_answer_of_a_draft_keeps_the_others(scene, campaign):
    saved = {"motive": "想学", "years": 3, "past": {"team": "研发", "role": "开发"}, "skills": ["sql"]}
    draft = await scene.apply("小明", campaign, answers=saved, submit=False)
    patch = {"years": 4, "motive": None, "past": {"role": "测试"}, "skills": ["python"]}
    changed = await scene.change(scene.again("小明"), f"/v1/applications/{draft['id']}", {"answers": patch})
    assert changed["answers"] == {"years": 4, "past": {"team": "研发", "role": "测试"}, "skills": ["python"]}


async def test_answers_stay_with_the_version_of_the_form_they_were_given_to(scene, campaign):
    draft = await scene.apply("小明", campaign, submit=False)
    newer = FORM | {"required": ["motive", "years", "team"], "properties": FORM["properties"] | {"team": {}}}
    await scene.send(scene.again("owner"), f"/v1/campaigns/{campaign['id']}/forms", {"form": newer}, status=201)
    assert (await act(scene, "小明", draft, "submit", {}))["form_version"] == 1
    assert (await scene.apply("小红", campaign, status=422))["code"] == "answers_invalid"
    assert (await scene.apply("小红", campaign, answers=ANSWERS | {"team": "hr"}))["form_version"] == 2
    assert (await scene.apply("小刚", campaign, form_version=3, status=422))["code"] == "invalid"


async def test_a_returned_one_comes_back_to_screening(scene, campaign):
    application = await scene.apply("小明", campaign)
    await act(scene, "owner", application, "return", {"what": "请写得更具体"})
    seen = await own(scene, "小明", application)
    assert (seen["state"], seen["returned"]["what"]) == ("returned", "请写得更具体")
    back = await act(scene, "小明", application, "resubmit", {"answers": ANSWERS | {"motive": "更具体的动机"}})
    assert (back["state"], back["returned"]) == ("in_review", None)
    assert (await staffs(scene, application))["state"] == "screening"
    moved = [(told["from"], told["to"]) for told in await scene.told("application.")]
    assert moved == [("draft", "submitted"), ("submitted", "returned"), ("returned", "screening")]


async def test_a_returned_one_comes_back_in_time_only(scene, campaign):
    application = await scene.apply("小明", campaign)
    until = (scene.harness.clock() + DAY).isoformat()
    await act(scene, "owner", application, "return", {"what": "补充", "until": until})
    scene.harness.clock.advance(DAY)
    assert (await act(scene, "小明", application, "resubmit", {}, status=409))["code"] == "return_expired"
    await scene.decide(application, "rejected")


async def test_the_applicant_reads_in_review_until_the_release(scene, campaign):
    application = await scene.apply("小明", campaign)
    before = await own(scene, "小明", application)
    release_at = scene.harness.clock() + DAY
    await scene.decide(application, "accepted", release_at=release_at.isoformat())
    seen = await own(scene, "小明", application)
    assert (seen["state"], seen["outcome"], seen["release_at"], seen["member_id"]) == ("in_review", None, None, None)
    assert seen["viewer"]["can"] == before["viewer"]["can"] == ["withdraw"]
    assert await scene.told("application.decided") == []
    scene.harness.clock.advance(2 * DAY)
    assert (await own(scene, "小明", application))["outcome"] == "accepted"
    await scene.harness.run_timers()
    published = await scene.harness.published("application.decided")
    assert [message.occurred_at for message in published] == [release_at]
    joined = (await scene.harness.published("member.joined"))[-1]
    assert (joined.occurred_at, joined.data["joined_at"][:19]) == (release_at, release_at.isoformat()[:19])


async def test_a_list_does_not_tell_an_applicant_more_than_the_thing_itself(scene, campaign):
    application = await scene.apply("小明", campaign)
    await scene.decide(application, "rejected", release_at=(scene.harness.clock() + DAY).isoformat())
    listed = (await scene.see(scene.again("小明"), "/v1/applications", mine=True))["items"]
    assert [(item["state"], item["outcome"], item["reason"]) for item in listed] == [("in_review", None, None)]
    answer = await scene.again("小明").get("/v1/applications", params={"mine": True, "state": "decided"})
    assert answer.status_code == 422


async def test_a_decision_is_changed_before_its_release_without_a_trace_outside(scene, campaign):
    application = await scene.apply("小明", campaign)
    later = (scene.harness.clock() + DAY).isoformat()
    for outcome in ("accepted", "rejected", "accepted", "waitlisted"):
        await scene.decide(application, outcome, release_at=later)
    scene.harness.clock.advance(2 * DAY)
    await scene.harness.run_timers()
    assert [told["outcome"] for told in await scene.told("application.decided")] == ["waitlisted"]
    board = await scene.see(scene.again("owner"), f"/v1/campaigns/{campaign['id']}/board")
    assert board["seats_taken"] == 0


async def test_after_its_release_only_the_waitlisted_are_decided_again(scene, campaign):
    first, second = await scene.apply("一", campaign), await scene.apply("二", campaign)
    await scene.decide(first, "rejected")
    assert (await scene.decide(first, "accepted", status=409))["code"] == "illegal_transition"
    await scene.decide(second, "waitlisted")
    await scene.decide(second, "accepted")
    assert [told.get("previous_outcome") for told in await scene.told("application.decided")] == [
        None,
        None,
        "waitlisted",
    ]


async def test_who_waits_reads_so_until_the_next_release(scene, campaign):
    application = await scene.apply("小明", campaign)
    await scene.decide(application, "waitlisted")
    await scene.decide(application, "accepted", release_at=(scene.harness.clock() + DAY).isoformat())
    seen = await own(scene, "小明", application)
    assert (seen["state"], seen["outcome"]) == ("decided", "waitlisted")


async def test_nobody_is_accepted_beyond_the_quota(scene, campaign):
    applications = [await scene.apply(name, campaign) for name in ("一", "二", "三")]
    later = (scene.harness.clock() + DAY).isoformat()
    for application in applications[:2]:
        await scene.decide(application, "accepted", release_at=later)
    assert (await scene.decide(applications[2], "accepted", status=409))["code"] == "quota_full"
    await scene.decide(applications[0], "rejected", release_at=later)
    await scene.decide(applications[2], "accepted", release_at=later)


async def test_the_quota_holds_when_many_are_accepted_at_the_same_moment(scene):
    campaign = await scene.campaign(await scene.community(), quota=3)
    applications = [await scene.apply(f"人{n}", campaign) for n in range(8)]
    owner = scene.again("owner")
    body = {"outcome": "accepted", "reason": "同时"}
    answers = await asyncio.gather(
        *(owner.post(f"/v1/applications/{one['id']}/decide", json=body) for one in applications)
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [409] * 5
    assert len([told for told in await scene.told("member.joined") if told["via"] == "application"]) == 3
    board = await scene.see(owner, f"/v1/campaigns/{campaign['id']}/board")
    assert (board["seats_left"], board["by_outcome"]["accepted"]) == (0, 3)


async def test_one_person_applies_once_though_at_the_same_moment(scene, campaign):
    client = await scene.client("急人")
    body = {"campaign_id": campaign["id"], "channel": "im", "answers": ANSWERS}
    answers = await asyncio.gather(*(client.post("/v1/applications", json=body) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 4
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"already_applied"}


async def test_a_freed_seat_goes_to_who_has_waited_longest(scene):
    campaign = await scene.campaign(await scene.community(), quota=1)
    first, second, third = [await scene.apply(name, campaign) for name in ("一", "二", "三")]
    await scene.decide(first, "accepted")
    await scene.decide(third, "waitlisted")
    scene.harness.clock.advance(timedelta(minutes=1))
    await scene.decide(second, "waitlisted")
    declined = await act(scene, "一", first, "decline")
    assert declined["state"] == "withdrawn"
    assert await states(scene, campaign) == {"一": "accepted", "二": "waitlisted", "三": "accepted"}
    assert (await own(scene, "三", third))["outcome"] == "accepted"
    joined = [told["display_name"] for told in await scene.told("member.joined") if told["via"] == "application"]
    assert joined == ["一", "三"]
    assert [told["status"] for told in await scene.told("member.left")] == ["left"]


async def test_a_seat_freed_before_the_release_moves_on_in_silence(scene):
    campaign = await scene.campaign(await scene.community(), quota=1)
    first, second = await scene.apply("一", campaign), await scene.apply("二", campaign)
    later = (scene.harness.clock() + DAY).isoformat()
    await scene.decide(first, "accepted", release_at=later)
    await scene.decide(second, "waitlisted", release_at=later)
    await act(scene, "一", first, "withdraw")
    assert (await own(scene, "二", second))["state"] == "in_review"
    scene.harness.clock.advance(DAY)
    await scene.harness.run_timers()
    assert [told["outcome"] for told in await scene.told("application.decided")] == ["accepted"]


async def test_one_put_on_the_waitlist_by_hand_is_not_promoted_by_the_seat_he_frees(scene):
    campaign = await scene.campaign(await scene.community(), quota=1)
    application = await scene.apply("一", campaign)
    later = (scene.harness.clock() + DAY).isoformat()
    await scene.decide(application, "accepted", release_at=later)
    assert (await scene.decide(application, "waitlisted", release_at=later))["outcome"] == "waitlisted"


async def test_nobody_moves_up_once_the_campaign_is_archived(scene):
    campaign = await scene.campaign(await scene.community(), quota=1)
    first, second = await scene.apply("一", campaign), await scene.apply("二", campaign)
    await scene.decide(first, "accepted")
    await scene.decide(second, "waitlisted")
    for action in ("close", "archive"):
        await scene.send(scene.again("owner"), f"/v1/campaigns/{campaign['id']}/{action}")
    await act(scene, "一", first, "decline")
    assert (await own(scene, "二", second))["outcome"] == "waitlisted"
    assert (await scene.decide(second, "accepted", status=409))["code"] == "campaign_closed"


async def test_one_declines_for_seven_days(scene, campaign):
    application = await scene.apply("小明", campaign)
    await scene.decide(application, "accepted")
    scene.harness.clock.advance(7 * DAY)
    assert (await act(scene, "小明", application, "decline", status=409))["code"] == "decline_period_over"


async def test_one_withdraws_and_may_apply_again(scene, campaign):
    application = await scene.apply("小明", campaign)
    assert (await scene.apply("小明", campaign, status=409))["code"] == "already_applied"
    await act(scene, "小明", application, "withdraw")
    refused = await act(scene, "小明", application, "withdraw", status=409)
    assert (refused["code"], refused["state"]) == ("illegal_transition", "withdrawn")
    await scene.apply("小明", campaign)


async def test_a_refusal_names_the_state_that_the_applicant_reads(scene, campaign):
    application = await scene.apply("小明", campaign)
    later = (scene.harness.clock() + DAY).isoformat()
    await scene.decide(application, "accepted", release_at=later)
    assert (await act(scene, "小明", application, "request-review", status=409))["state"] == "in_review"


async def test_a_draft_is_submitted_without_a_body(scene, campaign):
    drafted = await scene.apply("小明", campaign, submit=False)
    answer = await scene.again("小明").post(f"/v1/applications/{drafted['id']}/submit")
    assert (answer.status_code, answer.json()["state"]) == (200, "submitted")


async def test_who_was_rejected_waits_thirty_days(scene):
    campaign = await scene.campaign(await scene.community(), days=60)
    application = await scene.apply("小明", campaign)
    await scene.decide(application, "rejected")
    refused = await scene.apply("小明", campaign, status=409)
    assert (refused["code"], refused["until"][-1]) == ("cool_off", "Z")
    assert datetime.fromisoformat(refused["until"]) == scene.harness.clock() + 30 * DAY
    scene.harness.clock.advance(30 * DAY)
    scene.again("小明")
    await scene.apply("小明", campaign)


@pytest.mark.parametrize(("after", "code"), [(-1, "campaign_not_open"), (31, "campaign_closed")])
async def test_a_campaign_takes_applications_while_it_is_open_only(scene, after, code):
    opens = scene.harness.clock() + DAY
    campaign = await scene.campaign(await scene.community(), opens_at=opens.isoformat(), days=30)
    scene.harness.clock.advance(max(after, 0) * DAY)
    await scene.client("小明")
    scene.again("小明")
    assert (await scene.apply("小明", campaign, status=409))["code"] == code


async def test_a_draft_that_comes_too_late_stays_a_draft(scene, campaign):
    draft = await scene.apply("小明", campaign, submit=False)
    await scene.send(scene.again("owner"), f"/v1/campaigns/{campaign['id']}/close")
    assert (await act(scene, "小明", draft, "submit", {}, status=409))["code"] == "campaign_closed"
    assert (await own(scene, "小明", draft))["viewer"]["cannot"]["submit"] == "campaign_closed"


async def test_a_campaign_for_employees_takes_no_others(scene, campaign):
    client = await scene.client("外部讲师", kind="external")
    body = {"token": campaign["channels"][0]["token"], "answers": ANSWERS}
    assert (await scene.send(client, "/v1/applications", body, status=403))["code"] == "not_in_audience"


async def test_a_member_does_not_apply(scene, campaign):
    await scene.member("成员", {"id": campaign["community_id"]})
    assert (await scene.apply("成员", campaign, status=403))["code"] == "forbidden"


async def test_nobody_decides_about_himself(scene, campaign):
    application = await scene.apply("运营", campaign)
    await scene.role("运营", {"id": campaign["community_id"]}, "operator")
    assert (await scene.decide(application, "accepted", by="运营", status=403))["code"] == "conflict_of_interest"
    viewer = (await own(scene, "运营", application))["viewer"]
    assert viewer["cannot"]["decide"] == "conflict_of_interest"


async def test_a_batch_is_decided_one_by_one_and_released_together(scene, campaign):
    applications = [await scene.apply(name, campaign) for name in ("一", "二", "三")]
    release_at = scene.harness.clock() + DAY
    body = {
        "action": "decide",
        "ids": [one["id"] for one in applications],
        "outcome": "accepted",
        "reason": "一起",
        "release_at": release_at.isoformat(),
    }
    answer = await scene.send(scene.again("owner"), "/v1/applications/batch", body)
    assert [(item["status"], (item["problem"] or {}).get("code")) for item in answer["items"]] == [
        (200, None),
        (200, None),
        (409, "quota_full"),
    ]
    scene.harness.clock.advance(2 * DAY)
    await scene.harness.run_timers()
    released = await scene.harness.published("application.decided")
    assert {message.occurred_at for message in released} == {release_at}


async def test_a_batch_gives_nobody_a_right_he_lacks(scene, campaign):
    application = await scene.apply("小明", campaign)
    body = {"action": "advance", "ids": [application["id"]]}
    answer = await scene.send(scene.again("小明"), "/v1/applications/batch", body)
    assert [item["status"] for item in answer["items"]] == [403]


async def test_an_import_that_was_faster_keeps_its_membership(scene, campaign):
    application = await scene.apply("小明", campaign)
    await scene.decide(application, "accepted", release_at=(scene.harness.clock() + DAY).isoformat())
    member = await scene.member("小明", {"id": campaign["community_id"]})
    scene.harness.clock.advance(DAY)
    await scene.harness.run_timers()
    assert (await own(scene, "小明", application))["member_id"] == member["id"]
    assert len([told for told in await scene.told("member.joined") if told["display_name"] == "小明"]) == 1


async def test_who_leaves_the_company_leaves_his_seat(scene):
    campaign = await scene.campaign(await scene.community(), quota=1)
    first, second = await scene.apply("一", campaign), await scene.apply("二", campaign)
    await scene.decide(first, "accepted", release_at=(scene.harness.clock() + DAY).isoformat())
    await scene.decide(second, "waitlisted")
    await scene.send(scene.admin, f"/v1/people/{scene.people['一']}/leave", {})
    assert await states(scene, campaign) == {"一": "accepted", "二": "accepted"}
    assert (await staffs(scene, first))["state"] == "withdrawn"


async def test_reading_and_deciding_leave_a_trace_without_answers(scene, campaign):
    application = await scene.apply("小明", campaign)
    await staffs(scene, application)
    await scene.decide(application, "accepted")
    trail = [entry for entry in await scene.audit(campaign["community_id"]) if entry["object_kind"] == "application"]
    assert [entry["action"] for entry in trail] == ["application.read", "application.decide"]
    assert trail[1]["changes"]["outcome"] == [None, "accepted"]
    assert "想学数据分析" not in str(trail)


async def test_what_the_view_promises_the_commands_keep(scene, campaign):
    bodies = {"decide": {"outcome": "rejected", "reason": "x"}, "return": {"what": "x"}, "submit": {}, "resubmit": {}}
    application = await scene.apply("小明", campaign)
    for name in ("小明", "owner"):
        viewer = (await own(scene, name, application))["viewer"]
        for action, code in viewer["cannot"].items():
            if action == "edit":
                continue
            path, expected = action.replace("_", "-"), 403 if code == "forbidden" else 409
            refused = await act(scene, name, application, path, bodies.get(action), status=expected)
            assert (action, refused["code"]) == (action, code)


# --- what is dear to read --------------------------------------------------------------------------------------------

DEAR_FORM = {"type": "object", "properties": {"years": {}, "a": {"allOf": [{"uniqueItems": True}] * 900}}}


def dear_answers(items):
    return {"years": 3, "a": [{"x": number} for number in range(items)]}


async def test_answers_that_take_too_much_work_to_read_are_refused_and_leave_nothing(scene):
    campaign = await scene.campaign(await scene.community(), form=DEAR_FORM)
    assert (await scene.apply("小明", campaign, answers=dear_answers(199), status=422))["code"] == "too_costly"
    assert (await scene.see(scene.again("小明"), "/v1/applications", mine=True))["items"] == []
    assert (await scene.apply("小明", campaign, answers=dear_answers(3)))["state"] == "submitted"


async def test_dear_answers_are_read_in_a_thread_and_while_no_transaction_is_open(scene, monkeypatch):
    campaign = await scene.campaign(await scene.community(), form=DEAR_FORM)
    genuine, seen = reading.errors_in, []

    @wraps(genuine)
    def watched(form, answers):
        # A transaction in hand is told by the one writer of SQLite, or by a connection that is out of the pool.
        database = scene.harness.runtime.database
        lock = database._writer_lock
        busy = lock.locked() if lock is not None else database.writer.pool.checkedout() > 0
        in_thread = threading.current_thread() is not threading.main_thread()
        errors = genuine(form, answers)
        seen.append((in_thread, busy))
        return errors

    monkeypatch.setattr(service, "errors_in", watched)
    assert (await scene.apply("小明", campaign, answers=dear_answers(20)))["state"] == "submitted"
    assert seen == [(True, False)]


async def test_who_may_not_apply_has_nothing_read(scene, monkeypatch):
    campaign = await scene.campaign(await scene.community(), form=DEAR_FORM)
    await scene.apply("小明", campaign, answers=dear_answers(3))
    monkeypatch.setattr(service, "errors_in", None)
    assert (await scene.apply("小明", campaign, answers=dear_answers(199), status=409))["code"] == "already_applied"
