"""Interviews: slots that are offered and chosen, who interviews, and who must not."""

import asyncio
from datetime import timedelta
from uuid import UUID

import icalendar
from sqlalchemy import update
from sqlmodel import col

from chassis.database.statements import Prepared
from services.membership.applications import forgetting
from services.membership.interviews import telling
from services.membership.roster.models import Member
from tests.service.membership.interviewing import (
    HOUR,
    at_interview,
    campaign_with,
    choose,
    interviewer,
    met,
    name_interviewers,
    offer,
    write,
)


async def interviews_of(scene, name, campaign):
    return (await scene.see(scene.again(name), "/v1/interviews", campaign_id=campaign["id"]))["items"]


async def tasks_of(scene, name):
    answer = await scene.again(name).get("/internal/tasks")
    assert answer.status_code == 200, answer.text
    return {task["code"]: task for task in answer.json()}


async def test_an_applicant_chooses_a_slot_and_everybody_who_takes_part_sees_it(scene):
    campaign = await campaign_with(scene, "甲", "乙")
    application = await at_interview(scene, "小明", campaign)
    slot = await offer(scene, campaign, "甲", "乙")
    assert (slot["status"], slot["application_id"], slot["lacking"]) == ("open", None, 0)
    assert (await tasks_of(scene, "小明"))["choose_interview"]["due_at"] == slot["starts_at"]
    [seen] = await interviews_of(scene, "小明", campaign)
    assert seen["viewer"]["can"] == ["choose"]
    assert [one["display_name"] for one in seen["interviewers"]] == ["甲", "乙"]
    chosen = await choose(scene, "小明", slot)
    assert (chosen["status"], chosen["application_id"]) == ("chosen", application["id"])
    assert chosen["viewer"]["can"] == ["give_up"]
    for name, code in (("小明", "attend_interview"), ("甲", "hold_interview")):
        assert code in await tasks_of(scene, name)
    assert "choose_interview" not in await tasks_of(scene, "小明")
    seen = await scene.see(scene.again("甲"), f"/v1/interviews/{slot['id']}")
    assert seen["applicant"]["display_name"] == "小明"
    # Whoever interviews reads who applied and with which answers, and nothing that others think.
    read = await scene.see(scene.again("甲"), f"/v1/applications/{application['id']}")
    assert read["answers"]
    assert read["applicant"]["display_name"] == "小明"
    assert (read["score"], read["moves"], read["viewer"]["can"]) == (None, None, [])


async def test_what_waits_leads_an_applicant_to_every_slot_that_they_may_choose(scene):
    campaign = await campaign_with(scene, "甲", "乙")
    application = await at_interview(scene, "小明", campaign)
    other = await at_interview(scene, "小红", campaign)
    for_all, for_one = await offer(scene, campaign, "甲"), await offer(scene, campaign, "乙", hours=50)
    theirs = await offer(scene, campaign, "甲", hours=52, application_id=application["id"])
    await offer(scene, campaign, "乙", hours=54, application_id=other["id"])
    href = (await tasks_of(scene, "小明"))["choose_interview"]["href"]
    listed = (await scene.see(scene.again("小明"), href))["items"]
    assert [one["id"] for one in listed] == [for_all["id"], for_one["id"], theirs["id"]]
    assert all(one["viewer"]["can"] == ["choose"] for one in listed)
    # Others read by it what it has, and not what it could have.
    listed = (await scene.see(scene.again("owner"), href))["items"]
    assert [one["id"] for one in listed] == [theirs["id"]]
    assert (await scene.see(scene.again("小红"), href))["items"] == []


async def test_who_has_a_slot_and_asks_for_it_again_has_it_still(scene):
    campaign = await campaign_with(scene, "甲")
    await at_interview(scene, "小明", campaign)
    slot = await offer(scene, campaign, "甲")
    first = await choose(scene, "小明", slot)
    assert "choose" not in first["viewer"]["cannot"]
    assert await choose(scene, "小明", slot) == first
    news = (await scene.see(scene.again("甲"), "/v1/notifications"))["items"]
    assert [(one["template"], one["count"]) for one in news if one["template"] == "interview.held"] == [
        ("interview.held", 1)
    ]


async def test_of_two_who_choose_one_slot_at_once_one_gets_it(scene):
    campaign = await campaign_with(scene, "甲")
    names = ["小明", "小红", "小刚"]
    for name in names:
        await at_interview(scene, name, campaign)
    slot = await offer(scene, campaign, "甲")
    path = f"/v1/interviews/{slot['id']}/choose"
    answers = await asyncio.gather(*(scene.again(name).post(path) for name in names))
    assert sorted(one.status_code for one in answers) == [200, 409, 409]
    assert {one.json()["code"] for one in answers if one.status_code == 409} == {"slot_taken"}
    loser = next(name for name, one in zip(names, answers, strict=True) if one.status_code == 409)
    # What another has chosen is not theirs to read.
    await scene.see(scene.again(loser), f"/v1/interviews/{slot['id']}", status=404)
    assert await interviews_of(scene, loser, campaign) == []


async def test_nobody_interviews_twice_at_one_time(scene):
    campaign = await campaign_with(scene, "甲", "乙")
    await offer(scene, campaign, "甲")
    clash = await offer(scene, campaign, "甲", "乙", hours=48.5, status=409)
    assert (clash["code"], clash["interviewer_ids"]) == ("interviewer_busy", [str(scene.people["甲"])])
    after = await offer(scene, campaign, "甲", hours=49)
    here = {"starts_at": after["starts_at"], "ends_at": after["ends_at"]}
    other = await offer(scene, campaign, "乙", hours=60)
    await scene.send(scene.again("owner"), f"/v1/interviews/{other['id']}/move", here)
    path = f"/v1/interviews/{other['id']}/interviewers"
    answer = await scene.again("owner").put(path, json={"interviewer_ids": [str(scene.people["甲"])]})
    assert answer.json()["code"] == "interviewer_busy"
    # Two campaigns know nothing of one another, but both ask for the time of one person.
    elsewhere = await campaign_with(scene, "甲")
    assert (await offer(scene, elsewhere, "甲", status=409))["code"] == "interviewer_busy"
    at_once = [offer(scene, elsewhere, "甲", hours=100, status=None) for _ in range(2)]
    made = await asyncio.gather(*at_once, return_exceptions=True)
    assert sum(isinstance(one, AssertionError) for one in made) == 1


async def test_an_interview_is_given_up_in_time_and_offered_again(scene):
    campaign = await campaign_with(scene, "甲")
    await at_interview(scene, "小明", campaign)
    first, second = await offer(scene, campaign, "甲", hours=30), await offer(scene, campaign, "甲", hours=60)
    await choose(scene, "小明", first)
    assert (await choose(scene, "小明", second, status=409))["code"] == "already_chosen"
    given = await scene.send(scene.again("小明"), f"/v1/interviews/{first['id']}/give-up")
    assert (given["status"], given["viewer"]["can"]) == ("open", ["choose"])
    await choose(scene, "小明", first)
    scene.harness.clock.advance(7 * HOUR)
    late = await scene.send(scene.again("小明"), f"/v1/interviews/{first['id']}/give-up", status=409)
    assert late["code"] == "too_late_to_give_up"
    scene.harness.clock.advance(23 * HOUR)
    # Its time has come: nothing about it changes any more but whether the applicant came.
    seen = await scene.see(scene.again("owner"), f"/v1/interviews/{first['id']}")
    assert (seen["status"], seen["viewer"]["can"]) == ("begun", ["miss"])
    missed = await scene.send(scene.again("owner"), f"/v1/interviews/{first['id']}/miss")
    assert missed["status"] == "missed"
    await choose(scene, "小明", second)


async def test_a_slot_for_one_applicant_is_theirs_alone(scene):
    campaign = await campaign_with(scene, "甲")
    application = await at_interview(scene, "小明", campaign)
    await at_interview(scene, "小红", campaign)
    slot = await offer(scene, campaign, "甲", application_id=application["id"])
    assert await interviews_of(scene, "小红", campaign) == []
    await choose(scene, "小红", slot, status=404)
    await choose(scene, "小明", slot)


async def test_who_must_not_judge_leaves_reads_nothing_and_somebody_else_is_named(scene):
    campaign = await campaign_with(scene, "甲", "乙", "丙")
    application = await at_interview(scene, "小明", campaign)
    slot = await offer(scene, campaign, "甲", "乙")
    await choose(scene, "小明", slot)
    path = f"/v1/applications/{application['id']}/declare-conflict"
    await scene.send(scene.again("丙"), path, status=404)
    declared = await scene.send(scene.again("甲"), path, {"reason": "同门师弟"})
    assert declared["person"]["display_name"] == "甲"
    assert (await scene.send(scene.again("甲"), path))["declared_at"] == declared["declared_at"]
    await scene.see(scene.again("甲"), f"/v1/applications/{application['id']}", status=404)
    await scene.see(scene.again("甲"), f"/v1/interviews/{slot['id']}", status=404)
    community = campaign["community_id"]
    [lacking] = (await scene.see(scene.again("owner"), "/v1/interviews", community_id=community, lacking=True))["items"]
    assert (lacking["id"], lacking["lacking"]) == (slot["id"], 1)
    people = [str(scene.people[name]) for name in ("甲", "乙")]
    named = await scene.again("owner").put(
        f"/v1/interviews/{slot['id']}/interviewers", json={"interviewer_ids": people}
    )
    assert (named.status_code, named.json()["code"]) == (409, "conflict_of_interest") or named.status_code == 403
    people[0] = str(scene.people["丙"])
    named = await scene.again("owner").put(
        f"/v1/interviews/{slot['id']}/interviewers", json={"interviewer_ids": people}
    )
    assert named.json()["lacking"] == 0
    # A slot with them is not offered to this applicant any more.
    again = await offer(scene, campaign, "甲", hours=72)
    assert again["id"] not in [one["id"] for one in await interviews_of(scene, "小明", campaign)]


async def test_what_is_moved_or_cancelled_is_told_and_replaces_the_entry_in_calendars(scene):
    campaign = await campaign_with(scene, "甲")
    await at_interview(scene, "小明", campaign)
    slot = await offer(scene, campaign, "甲")
    await choose(scene, "小明", slot)
    path = f"/v1/interviews/{slot['id']}"

    async def entry():
        answer = await scene.again("小明").get(f"{path}/calendar")
        [event] = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
        return event

    before = await entry()
    assert (str(before["LOCATION"]), before["SEQUENCE"], before["STATUS"]) == ("三楼会议室", 0, "CONFIRMED")
    later = scene.harness.clock() + timedelta(hours=50)
    await scene.send(
        scene.again("owner"),
        f"{path}/move",
        {"starts_at": later.isoformat(), "ends_at": (later + HOUR).isoformat(), "place": "https://meet.example.com/1"},
    )
    moved = await entry()
    assert (moved["UID"], moved["SEQUENCE"]) == (before["UID"], 1)
    assert moved["DTSTART"].dt == later.replace(microsecond=0)
    await scene.send(scene.again("owner"), f"{path}/cancel", {"reason": "会议室被占"})
    assert ((await entry())["STATUS"], (await entry())["SEQUENCE"]) == ("CANCELLED", 2)
    for name in ("小明", "甲"):
        lines = (await scene.see(scene.again(name), "/v1/notifications"))["items"]
        assert "cancelled" in str(lines) or "取消" in str(lines), lines
    await scene.send(scene.again("owner"), f"{path}/cancel", {"reason": "again"}, status=409)


async def test_whoever_leaves_interviews_no_more_and_withdrawing_frees_the_slot(scene):
    campaign = await campaign_with(scene, "甲", "乙")
    application = await at_interview(scene, "小明", campaign)
    slot = await offer(scene, campaign, "甲", "乙")
    await choose(scene, "小明", slot)
    await scene.send(scene.admin, f"/v1/people/{scene.people['甲']}/leave", {"left_on": "2026-01-01"})
    seen = await scene.see(scene.again("owner"), f"/v1/interviews/{slot['id']}")
    assert seen["lacking"] == 1
    # Nobody is decided about while they are expected: they would read it off what happens to the interview.
    assert (await scene.decide(application, "rejected", status=409))["code"] == "interview_ahead"
    await scene.send(scene.again("小明"), f"/v1/applications/{application['id']}/withdraw")
    seen = await scene.see(scene.again("owner"), f"/v1/interviews/{slot['id']}")
    assert (seen["status"], seen["application_id"]) == ("open", None)


async def test_bad_slots_are_refused_precisely_and_change_nothing(scene):
    campaign = await campaign_with(scene, "甲")
    application = await at_interview(scene, "小明", campaign)
    now = scene.harness.clock()
    late = {"starts_at": now.isoformat(), "ends_at": (now + HOUR).isoformat()}
    assert (await offer(scene, campaign, "甲", status=422, **late))["errors"][0]["pointer"] == "/starts_at"
    far = {"starts_at": (now + 50 * HOUR).isoformat(), "ends_at": (now + 50 * HOUR).isoformat()}
    assert (await offer(scene, campaign, "甲", status=422, **far))["errors"][0]["code"] == "wrong_length"
    stranger = await offer(scene, campaign, "甲", "谁", status=422)
    assert stranger["errors"][0]["pointer"] == "/interviewer_ids/1"
    # Nobody interviews themselves, nor whom they compete with, also if they were named before they applied.
    refused = await scene.again("owner").put(interviewer(scene, campaign, "小明"))
    assert (refused.status_code, refused.json()["code"]) == (409, "applies_themselves")
    await name_interviewers(scene, campaign, "小红")
    own_id = (await at_interview(scene, "小红", campaign))["id"]
    own = await offer(scene, campaign, "小红", status=403, application_id=own_id)
    assert own["code"] == "conflict_of_interest"
    rival = await offer(scene, campaign, "甲", "小红", status=409)
    assert (rival["code"], rival["errors"][0]["pointer"]) == ("applies_themselves", "/interviewer_ids/1")
    plain = await scene.campaign({"id": campaign["community_id"]}, title="无面谈")
    assert (await offer(scene, plain, "甲", status=409))["code"] == "step_not_listed"
    assert await interviews_of(scene, "owner", campaign) == []
    nobody = await scene.again("owner").put(f"/v1/campaigns/{campaign['id']}/interviewers/{application['id']}")
    assert nobody.status_code == 404
    dropped = await scene.again("owner").delete(interviewer(scene, campaign, "小红"))
    assert dropped.status_code == 204
    named = await scene.see(scene.again("owner"), f"/v1/campaigns/{campaign['id']}/interviewers")
    assert [one["person"]["display_name"] for one in named["items"]] == ["甲"]


async def test_who_waits_for_a_time_is_told_once_in_steps_when_one_is_offered_to_all(scene, monkeypatch):
    monkeypatch.setattr(telling, "_WAITING", Prepared(telling._waiting().limit(2)))
    monkeypatch.setattr(telling, "TOGETHER", 2)
    campaign = await campaign_with(scene, "甲", "乙")
    waiting = ("小明", "小红", "小刚", "小李", "小王")
    for name in waiting:
        await at_interview(scene, name, campaign)

    async def offers(*names) -> list[int]:
        await scene.harness.run_timers()
        found = []
        for name in names:
            lines = (await scene.see(scene.again(name), "/v1/notifications"))["items"]
            found.append(sum(one["count"] for one in lines if one["template"] == "interview.offered"))
        return found

    assert await offers(*waiting) == [0] * 5
    first = await offer(scene, campaign, "甲")
    await offer(scene, campaign, "乙")
    assert await offers(*waiting, "甲") == [1] * 5 + [0]
    await choose(scene, "小明", first)
    await offer(scene, campaign, "甲", hours=60)
    assert await offers(*waiting) == [1] * 5
    # Once all times are over, new ones are news, to who has none.
    scene.harness.clock.advance(72 * HOUR)
    await offer(scene, campaign, "甲")
    assert await offers(*waiting) == [1, 2, 2, 2, 2]
    # A time that is for one, or gone before anybody was told, is nobody else's news.
    late = await campaign_with_late(scene)
    await offer(scene, late[0], "甲", hours=60, application_id=late[1]["id"])
    gone = await offer(scene, late[0], "乙", hours=60)
    await scene.send(scene.again("owner"), f"/v1/interviews/{gone['id']}/cancel", {"reason": "取消"})
    assert await offers("小丁", "小戊") == [1, 0]


async def campaign_with_late(scene):
    """Another campaign, and the first of two applications that wait in it."""
    [community] = (await scene.see(scene.again("owner"), "/v1/communities"))["items"]
    campaign = await scene.campaign(community, steps=["form", "interview"], title="秋季招募")
    await name_interviewers(scene, campaign, "甲", "乙")
    first, _ = [await at_interview(scene, name, campaign) for name in ("小丁", "小戊")]
    return campaign, first


async def test_an_interviewer_who_was_suspended_reads_no_interviews(scene):
    campaign = await campaign_with(scene, "甲", "乙")
    member = await scene.member("甲", {"id": campaign["community_id"]})
    application = await met(scene, "小明", campaign, "甲", "乙")
    await write(scene, "甲", application, 3, 3, 3)

    async def everywhere():
        return (await scene.see(scene.again("甲"), "/v1/interviews", mine=True))["items"]

    [seen] = await interviews_of(scene, "甲", campaign)
    assert seen["status"] == "begun"
    assert [one["id"] for one in await everywhere()] == [seen["id"]]
    async with scene.harness.runtime.database.transaction() as session:
        until = scene.harness.clock() + timedelta(days=7)
        theirs = update(Member).where(col(Member.id) == UUID(member["id"]))
        await session.execute(theirs.values(status="suspended", status_until=until))
    assert await everywhere() == []
    listed = await scene.again("甲").get("/v1/interviews", params={"campaign_id": campaign["id"]})
    assert listed.status_code in (403, 404) or listed.json()["items"] == []
    assert (await scene.again("甲").get(f"/v1/interviews/{seen['id']}")).status_code in (403, 404)
    assert await interviews_of(scene, "小明", campaign) != []


async def test_what_was_said_of_a_slot_for_one_is_forgotten_with_their_application(scene):
    campaign = await campaign_with(scene, "面谈人")
    application = await at_interview(scene, "小明", campaign)
    slot = await offer(scene, campaign, "面谈人", application_id=application["id"])
    path, owner = f"/v1/interviews/{slot['id']}", scene.again("owner")
    cancelled = await scene.send(owner, f"{path}/cancel", {"reason": "面谈人病了"})
    assert (cancelled["place"], cancelled["cancel_reason"]) == ("三楼会议室", "面谈人病了")
    await scene.decide(application, "rejected")
    async with scene.harness.runtime.database.transaction() as session:
        await forgetting.timers.set_periodic(session, scene.harness.clock())
    scene.harness.clock.advance(timedelta(days=181))
    await scene.harness.run_timers()
    read = await scene.see(owner, path)
    assert (read["status"], read["place"], read["cancel_reason"]) == ("cancelled", None, None)
