"""Approval by managers: who answers when, and what waits for it."""

from datetime import datetime, timedelta

import pytest

from services.membership.applications import forgetting

DAY = timedelta(days=1)


async def managed(scene, name, manager, *, code="rd", parent=None):
    """Somebody of a department that this manager has."""
    await scene.client(manager)
    body = {"code": code, "name": code, "manager_employee_no": await scene.number(manager), "parent_code": parent}
    await scene.send(scene.admin, "/v1/departments", body)
    await scene.client(name, department_code=code)


async def at_approval(scene, name, campaign):
    application = await scene.apply(name, campaign)
    for _ in range(2):
        application = await scene.send(scene.again("owner"), f"/v1/applications/{application['id']}/advance")
    assert application["state"] == "approving"
    return application


async def campaign_of(scene):
    return await scene.campaign(await scene.community(), steps=["form", "approval"])


def at(application, verb="approval"):
    return f"/v1/applications/{application['id']}/{verb}".rstrip("/")


async def waiting_for(scene, name):
    return [one["application_id"] for one in (await scene.see(scene.again(name), "/v1/people/me/approvals"))["items"]]


async def test_the_manager_approves_and_only_then_somebody_is_accepted(scene):
    campaign = await campaign_of(scene)
    await managed(scene, "小明", "经理")
    application = await at_approval(scene, "小明", campaign)
    assert await waiting_for(scene, "经理") == [application["id"]]
    tasks = (await scene.again("经理").get("/internal/tasks")).json()
    assert [task["code"] for task in tasks] == ["approve_application"]
    read = await scene.see(scene.again("经理"), f"/v1/applications/{application['id']}")
    assert (read["answers"]["years"], read["moves"]) == (3, None)
    assert (await scene.decide(application, "accepted", status=409))["code"] == "approval_missing"
    board = await scene.see(scene.again("owner"), f"/v1/campaigns/{campaign['id']}/board")
    assert board["oldest_waiting"]["holder"]["display_name"] == "经理"
    # Whoever runs the community does not answer instead, nor does the applicant.
    await scene.send(scene.again("owner"), at(application, "approve"), status=403)
    await scene.send(scene.again("小明"), at(application, "approve"), status=403)
    refused = await scene.send(scene.again("经理"), at(application, "refuse"), {"reason": "季度末走不开"})
    assert (refused["status"], refused["viewer"]["can"]) == ("refused", ["approve", "refuse"])
    assert (await scene.decide(application, "accepted", status=409))["code"] == "approval_refused"
    # The applicant reads whom it waits for, and nothing of the answer.
    own = await scene.see(scene.again("小明"), at(application))
    assert (own["status"], own["reason"], own["decided_by"]) == ("waiting", None, None)
    assert own["approver"]["display_name"] == "经理"
    approved = await scene.send(scene.again("经理"), at(application, "approve"), {"note": "可以"})
    assert (approved["status"], approved["reason"]) == ("approved", "可以")
    await scene.decide(application, "accepted")
    late = await scene.send(scene.again("经理"), at(application, "refuse"), {"reason": "x"}, status=409)
    assert (late["code"], late["state"]) == ("illegal_transition", "decided")
    assert await waiting_for(scene, "经理") == []


async def test_what_was_said_with_an_answer_is_forgotten_wherever_it_stands(scene):
    campaign = await campaign_of(scene)
    await managed(scene, "小明", "经理")
    application = await at_approval(scene, "小明", campaign)
    await scene.send(scene.again("经理"), at(application, "refuse"), {"reason": "季度末走不开"})
    await scene.decide(application, "rejected", reason="经理未同意")

    async def said():
        found = [await scene.see(scene.again("owner"), at(application, one)) for one in ("", "approval")]
        return [word for word in ("季度末走不开", "经理未同意") if word in str(found)]

    assert await said() == ["季度末走不开", "经理未同意"]
    async with scene.harness.runtime.database.transaction() as session:
        await forgetting.timers.set_periodic(session, scene.harness.clock())
    scene.harness.clock.advance(181 * DAY)
    await scene.harness.run_timers()
    # Why it was decided so is how it went.
    assert await said() == ["经理未同意"]


async def test_a_deputy_stands_in_while_a_manager_is_away(scene):
    campaign = await campaign_of(scene)
    await managed(scene, "小明", "经理")
    await scene.client("副手")
    application = await at_approval(scene, "小明", campaign)
    away = {
        "since": (scene.harness.clock() + DAY / 2).isoformat(),
        "until": (scene.harness.clock() + DAY).isoformat(),
        "deputy_employee_no": await scene.number("副手"),
    }
    answer = await scene.again("副手").put("/v1/people/me/absence", json=away)
    assert (answer.status_code, answer.json()["code"]) == (409, "manages_nothing")
    for number in ("nobody", await scene.number("经理")):
        answer = await scene.again("经理").put("/v1/people/me/absence", json=away | {"deputy_employee_no": number})
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_deputy")
    answer = await scene.again("经理").put("/v1/people/me/absence", json=away)
    assert answer.json()["deputy"]["display_name"] == "副手"
    await scene.send(scene.again("副手"), at(application, "approve"), status=404)
    scene.harness.clock.advance(DAY * 0.6)
    assert await waiting_for(scene, "副手") == [application["id"]]
    for name in ("经理", "副手"):
        [listed] = (await scene.see(scene.again(name), "/v1/people/me/approvals"))["items"]
        assert listed["viewer"]["can"] == ["approve", "refuse"]
        assert listed["viewer"] == (await scene.see(scene.again(name), at(application)))["viewer"]
    assert (await scene.see(scene.again("小明"), at(application)))["deputy"]["display_name"] == "副手"
    scene.harness.clock.advance(DAY * 0.6)
    assert await waiting_for(scene, "副手") == []
    await scene.send(scene.again("副手"), at(application, "approve"), status=404)
    answer = await scene.again("经理").put(
        "/v1/people/me/absence", json=away | {"since": None, "until": (scene.harness.clock() + DAY).isoformat()}
    )
    await scene.send(scene.again("副手"), at(application, "approve"))
    assert (await scene.again("经理").delete("/v1/people/me/absence")).status_code == 204
    await scene.see(scene.again("经理"), "/v1/people/me/absence", status=404)


async def test_after_three_working_days_an_owner_may_answer_and_is_told(scene):
    campaign = await campaign_of(scene)
    await managed(scene, "小明", "经理")
    await scene.role("运营", {"id": campaign["community_id"]}, "operator")
    # On a Thursday morning: a weekend lies in between.
    scene.harness.clock.advance(DAY * 2)
    application = await at_approval(scene, "小明", campaign)
    seen = await scene.see(scene.again("owner"), at(application))
    due = datetime.fromisoformat(seen["due_at"])
    assert due == scene.harness.clock() + DAY * 5
    scene.harness.clock.advance(due - scene.harness.clock() - timedelta(seconds=1))
    await scene.harness.run_timers()
    seen = await scene.see(scene.again("owner"), at(application))
    assert (seen["open_to_owners"], seen["viewer"]["can"]) == (False, [])
    await scene.send(scene.again("owner"), at(application, "approve"), status=403)
    scene.harness.clock.advance(timedelta(seconds=1))
    await scene.harness.run_timers()
    seen = await scene.see(scene.again("owner"), at(application))
    assert (seen["open_to_owners"], seen["viewer"]["can"]) == (True, ["approve", "refuse"])
    desk = (await scene.again("owner").get("/internal/desk", params={"community_id": campaign["community_id"]})).json()
    assert "approvals_passed" in str(desk)
    lines = (await scene.see(scene.again("owner"), "/v1/notifications"))["items"]
    assert "waits for an owner's approval" in str(lines)
    # Operators run the community, too, but do not answer for anybody.
    await scene.send(scene.again("运营"), at(application, "approve"), status=403)
    await scene.send(scene.again("owner"), at(application, "approve"))
    await scene.decide(application, "accepted")


@pytest.mark.parametrize("gone", [True, False])
async def test_nobody_approves_their_own_and_above_who_left_the_next_manager_is_asked(scene, gone):
    campaign = await campaign_of(scene)
    await managed(scene, "总监", "总监", code="hq")
    await managed(scene, "经理", "经理", code="rd", parent="hq")
    for name, code in (("总监", "hq"), ("经理", "rd")):
        await scene.change(scene.admin, f"/v1/people/{scene.people[name]}", {"department_code": code})
    if gone:
        await scene.client("小明", department_code="rd")
        await scene.send(scene.admin, f"/v1/people/{scene.people['经理']}/leave", {"left_on": "2026-01-01"})
    application = await at_approval(scene, "小明" if gone else "经理", campaign)
    assert await waiting_for(scene, "总监") == [application["id"]]
    # Over the director nobody is: the owners may answer at once.
    other = await at_approval(scene, "总监", campaign)
    seen = await scene.see(scene.again("owner"), at(other))
    assert (seen["approver"], seen["open_to_owners"]) == (None, True)
    await scene.send(scene.again("owner"), at(other, "approve"))
    await scene.decide(other, "accepted")
    if gone:
        await scene.send(scene.admin, f"/v1/people/{scene.people['总监']}/leave", {"left_on": "2026-01-01"})
        assert (await scene.see(scene.again("owner"), at(application)))["open_to_owners"]
