"""Scorecards: one each, blind until their own is in, and what they come to together."""

from datetime import timedelta

from services.membership.applications import forgetting
from tests.service.membership.interviewing import (
    at_interview,
    campaign_with,
    cards,
    choose,
    met,
    offer,
    summary,
    write,
)


async def test_nobody_who_is_to_write_reads_what_others_wrote_until_their_own_is_in(scene):
    campaign = await campaign_with(scene, "甲", "乙", "丙")
    application = await met(scene, "小明", campaign, "甲", "乙", "丙")
    first = await write(scene, "甲", application, 5, 4, 3)
    assert (first["status"], first["mean"]) == ("handed_in", 4.0)
    draft = await write(scene, "乙", application, 1, hand_in=False)
    assert [one["id"] for one in await cards(scene, "乙", application)] == [draft["id"]]
    await scene.see(scene.again("乙"), f"/v1/scorecards/{first['id']}", status=404)
    blind = await summary(scene, "乙", application)
    assert (blind["blind"], blind["mean"], blind["handed_in"], blind["interviewers"]) == (True, None, 1, 3)
    assert {one["mean"] for one in blind["criteria"]} == {None}
    # Whoever runs the campaign and does not interview reads what is in, and no drafts.
    assert [one["id"] for one in await cards(scene, "owner", application)] == [first["id"]]
    await scene.see(scene.again("owner"), f"/v1/scorecards/{draft['id']}", status=404)
    lacking = await scene.send(scene.again("乙"), f"/v1/scorecards/{draft['id']}/hand-in", status=422)
    assert [one["code"] for one in lacking["errors"]] == ["incomplete"] * 2
    scores = [{"criterion": one["code"], "score": 2, "note": "一般"} for one in campaign["criteria"]]
    await scene.change(scene.again("乙"), f"/v1/scorecards/{draft['id']}", {"scores": scores})
    await scene.send(scene.again("乙"), f"/v1/scorecards/{draft['id']}/hand-in")
    assert {one["id"] for one in await cards(scene, "乙", application)} == {first["id"], draft["id"]}
    told = await summary(scene, "乙", application)
    assert (told["blind"], told["mean"]) == (False, 3.0)
    assert [one["mean"] for one in told["criteria"]] == [3.5, 3.0, 2.5]
    assert [one["score"] for one in told["criteria"][0]["anchors"]] == [1, 3, 5]
    # The applicant reads none of it, nor does whoever has nothing to do with it.
    await scene.client("路人")
    for name in ("小明", "路人"):
        await summary(scene, name, application, status=404)
        await scene.see(scene.again(name), f"/v1/scorecards/{first['id']}", status=404)
    await scene.change(scene.again("乙"), f"/v1/scorecards/{draft['id']}", {"comment": "改"}, status=409)


async def test_whoever_reads_what_another_wrote_stands_in_the_audit(scene):
    campaign = await campaign_with(scene, "甲", "乙")
    application = await met(scene, "小明", campaign, "甲", "乙")
    card = await write(scene, "甲", application, 5, 4, 3)

    async def read() -> int:
        trail = await scene.audit(campaign["community_id"])
        return [one["action"] for one in trail].count("scorecards.read")

    before = await read()
    await scene.see(scene.again("甲"), f"/v1/scorecards/{card['id']}")
    await scene.see(scene.again("乙"), f"/v1/scorecards/{card['id']}", status=404)
    assert await read() == before
    await scene.see(scene.again("owner"), f"/v1/scorecards/{card['id']}")
    await cards(scene, "owner", application)
    assert await read() == before + 2


async def test_a_scorecard_that_is_begun_again_stays_as_it_is_and_a_criterion_that_nobody_knows_is_refused(scene):
    campaign = await campaign_with(scene, "甲")
    application = await met(scene, "小明", campaign, "甲")
    draft = await write(scene, "甲", application, 5, hand_in=False)
    body = {"application_id": application["id"], "scores": [{"criterion": "teamwork", "score": 1}], "comment": "改"}
    answer = await scene.again("甲").post("/v1/scorecards", json=body)
    assert (answer.status_code, answer.json()) == (200, draft)
    body["scores"][0]["criterion"] = "no_such"
    refused = await scene.send(scene.again("甲"), "/v1/scorecards", body, status=422)
    assert [(one["pointer"], one["code"]) for one in refused["errors"]] == [
        ("/scores/0/criterion", "unknown_criterion")
    ]
    assert await cards(scene, "甲", application) == [draft]


async def test_at_least_two_scorecards_are_in_before_anybody_is_decided_about_whom_somebody_met(scene):
    campaign = await campaign_with(scene, "甲", "乙")
    application = await at_interview(scene, "小明", campaign)
    assert (await scene.decide(application, "accepted", status=409))["code"] == "scorecards_missing"
    early = {"application_id": application["id"]}
    await scene.send(scene.again("甲"), "/v1/scorecards", early, status=404)
    other = await met(scene, "小红", campaign, "甲", "乙")
    for outcome in ("accepted", "waitlisted", "rejected"):
        assert (await scene.decide(other, outcome, status=409))["code"] == "scorecards_missing"
    # Whom nobody met may be rejected.
    await scene.decide(application, "rejected")
    await write(scene, "甲", other, 4, 4, 4)
    # What one alone thinks is not enough, either way.
    for outcome in ("accepted", "waitlisted", "rejected"):
        assert (await scene.decide(other, outcome, status=409))["code"] == "scorecards_missing"
    second = await write(scene, "乙", other, 5, 5, 5)
    await scene.decide(other, "accepted")
    assert (await summary(scene, "owner", other))["locked"]
    path = f"/v1/scorecards/{second['id']}"
    locked = await scene.send(scene.again("owner"), f"{path}/cancel", {"reason": "x"}, status=409)
    assert locked["code"] == "scorecards_locked"


async def test_nobody_writes_before_they_have_met_the_applicant(scene):
    campaign = await campaign_with(scene, "甲", "乙")
    application = await at_interview(scene, "小明", campaign)
    await choose(scene, "小明", await offer(scene, campaign, "甲", "乙"))
    body = {"application_id": application["id"]}
    scene.harness.clock.advance(timedelta(hours=48, seconds=-1))
    early = await scene.send(scene.again("甲"), "/v1/scorecards", body, status=409)
    assert early["code"] == "interview_not_held"
    scene.harness.clock.advance(timedelta(seconds=1))
    await scene.send(scene.again("甲"), "/v1/scorecards", body, status=201)


async def test_a_cancelled_scorecard_changes_the_mean_and_what_a_decision_lacks(scene):
    campaign = await campaign_with(scene, "甲", "乙", "丙")
    application = await met(scene, "小明", campaign, "甲", "乙", "丙")
    for name, score in (("甲", 1), ("乙", 5)):
        await write(scene, name, application, score, score, score)
    third = await write(scene, "丙", application, 3, 3, 3)
    assert (await summary(scene, "owner", application))["mean"] == 3.0
    mine = next(one for one in await cards(scene, "甲", application) if one["author"]["display_name"] == "甲")
    cancelled = await scene.send(scene.again("owner"), f"/v1/scorecards/{mine['id']}/cancel", {"reason": "误评"})
    assert (cancelled["status"], cancelled["cancel_reason"]) == ("cancelled", "误评")
    assert (await summary(scene, "owner", application))["mean"] == 4.0
    # There is one each, for ever.
    again = await scene.send(scene.again("甲"), "/v1/scorecards", {"application_id": application["id"]}, status=200)
    assert (again["id"], again["status"]) == (mine["id"], "cancelled")
    path = f"/v1/applications/{application['id']}/declare-conflict"
    await scene.send(scene.again("丙"), path, {"reason": "亲属"})
    told = await summary(scene, "owner", application)
    assert (told["mean"], told["handed_in"], told["interviewers"]) == (5.0, 1, 2)
    await scene.see(scene.again("丙"), f"/v1/scorecards/{third['id']}", status=404)
    assert (await scene.decide(application, "accepted", status=409))["code"] == "scorecards_missing"


async def test_an_owner_who_interviews_is_blind_like_everybody(scene):
    campaign = await campaign_with(scene, "甲", "owner")
    application = await met(scene, "小明", campaign, "甲", "owner")
    await write(scene, "甲", application, 1, 1, 1)
    assert await cards(scene, "owner", application) == []
    assert (await summary(scene, "owner", application))["mean"] is None
    await write(scene, "owner", application, 5, 5, 5)
    [other] = [one for one in await cards(scene, "owner", application) if one["author"]["display_name"] == "甲"]
    refused = await scene.send(
        scene.again("owner"), f"/v1/scorecards/{other['id']}/cancel", {"reason": "x"}, status=403
    )
    assert refused["code"] == "conflict_of_interest"
    # Nor do they read any more, though they run the campaign, once they must not judge.
    path = f"/v1/applications/{application['id']}/declare-conflict"
    await scene.send(scene.again("owner"), path, {"reason": "亲属"})
    assert await cards(scene, "owner", application) == []
    told = await summary(scene, "owner", application)
    assert (told["blind"], told["mean"]) == (True, None)
    await scene.see(scene.again("owner"), f"/v1/scorecards/{other['id']}", status=404)


async def test_scores_follow_the_weights_and_anchors_of_the_campaign(scene):
    criteria = [
        {"code": "sql", "name": "SQL", "weight": 3, "anchors": [{"score": 5, "text_zh": "会写窗口函数"}]},
        {"code": "talk", "name": "表达", "weight": 1},
    ]
    campaign = await campaign_with(scene, "甲", "乙", criteria=criteria)
    application = await met(scene, "小明", campaign, "甲", "乙")
    body = {"application_id": application["id"], "scores": [{"criterion": "sql", "score": 5}]}
    unknown = {"criterion": "teamwork", "score": 3}
    wrong = await scene.send(scene.again("甲"), "/v1/scorecards", body | {"scores": [unknown]}, status=422)
    assert wrong["errors"][0]["pointer"] == "/scores/0/criterion"
    twice = body | {"scores": [*body["scores"], *body["scores"]]}
    assert (await scene.send(scene.again("甲"), "/v1/scorecards", twice, status=422))["errors"][0][
        "code"
    ] == "scored_twice"
    body["scores"].append({"criterion": "talk", "score": 1})
    card = await scene.send(scene.again("甲"), "/v1/scorecards", body)
    assert card["mean"] == 4.0
    told = (await summary(scene, "owner", application))["criteria"]
    assert told[0]["anchors"] == [{"score": 5, "text_zh": "会写窗口函数", "text_en": "会写窗口函数"}]
    assert len(told[1]["anchors"]) == 3


async def test_what_was_said_goes_180_days_after_the_decision_and_counts_stay(scene):
    campaign = await campaign_with(scene, "甲", "乙", days=60)
    application = await met(scene, "小明", campaign, "甲", "乙")
    for name in ("甲", "乙"):
        await write(scene, name, application, 4, 4, 4)
    await scene.decide(application, "accepted")
    waits = await scene.apply("小红", campaign)
    draft = await scene.apply("小刚", campaign, submit=False)
    async with scene.harness.runtime.database.transaction() as session:
        await forgetting.timers.set_periodic(session, scene.harness.clock())
    before = await scene.see(scene.again("owner"), f"/v1/campaigns/{campaign['id']}/board")
    assert [(one["state"], one["applications"]) for one in before["waiting"]] == [("submitted", 1)]
    scene.harness.clock.advance(timedelta(days=170))
    await scene.harness.run_timers()
    assert len(await cards(scene, "owner", application)) == 2
    # What nobody submitted went a month after the campaign closed.
    await scene.see(scene.again("小刚"), f"/v1/applications/{draft['id']}", status=404)
    scene.harness.clock.advance(timedelta(days=11))
    await scene.harness.run_timers()
    assert await cards(scene, "owner", application) == []
    read = await scene.see(scene.again("owner"), f"/v1/applications/{application['id']}")
    assert (read["answers"], read["outcome"], read["channel"]) == ({}, "accepted", "poster")
    # Nobody has decided about this one.
    assert (await scene.see(scene.again("owner"), f"/v1/applications/{waits['id']}"))["answers"] != {}
    after = await scene.see(scene.again("owner"), f"/v1/campaigns/{campaign['id']}/board")
    assert [after[name] for name in ("by_state", "by_outcome")] == [before[name] for name in ("by_state", "by_outcome")]
