"""Applications that wait: for their applicants as tasks, for those who decide on the desk."""

import pytest

from tests.service.membership.scene import DAY


@pytest.fixture
async def campaign(scene):
    return await scene.campaign(await scene.community())


async def returned(scene, name, campaign, *, days):
    application = await scene.apply(name, campaign)
    until = scene.harness.clock() + days * DAY
    body = {"what": "补充", "until": until.isoformat()}
    await scene.send(scene.again("owner"), f"/v1/applications/{application['id']}/return", body)
    return application, until


async def queue(scene, campaign, client=None):
    query = {"community_id": campaign["community_id"]}
    queues = await scene.see(client or scene.again("owner"), "/internal/desk", **query)
    return next(found for found in queues if found["code"] == "applications_to_decide")


async def test_a_returned_application_is_its_applicants_task_while_it_can_be_completed(scene, campaign):
    application, until = await returned(scene, "小明", campaign, days=2)
    await returned(scene, "小红", campaign, days=2)
    (task,) = await scene.see(scene.again("小明"), "/internal/tasks")
    assert (task["code"], task["title"]) == ("complete_application", "Complete your application: 春季招募")
    assert task["community"] == {"id": campaign["community_id"], "name": "数据社群"}
    assert task["due_at"] == until.isoformat().replace("+00:00", "Z")
    assert (await scene.see(scene.again("小明"), task["href"]))["id"] == application["id"] == task["object"]["id"]
    scene.harness.clock.advance(2 * DAY)
    assert await scene.see(scene.again("小明"), "/internal/tasks") == []


async def test_a_completed_application_is_nobodys_task(scene, campaign):
    application, _ = await returned(scene, "小明", campaign, days=2)
    await scene.send(scene.again("小明"), f"/v1/applications/{application['id']}/resubmit", {})
    assert await scene.see(scene.again("小明"), "/internal/tasks") == []


async def test_nothing_waits_for_who_is_suspended(scene, campaign):
    await returned(scene, "小明", campaign, days=2)
    await scene.send(scene.admin, f"/v1/people/{scene.people['小明']}/suspend")
    refused = await scene.see(scene.again("小明"), "/internal/tasks", status=401)
    assert refused["code"] == "session_revoked"


async def test_the_desk_counts_what_waits_for_a_decision_and_since_when(scene, campaign):
    assert ((await queue(scene, campaign))["count"], (await queue(scene, campaign))["oldest_at"]) == (0, None)
    assert (await queue(scene, campaign))["title"] == "Applications that wait for the next step"
    first = await scene.apply("小明", campaign)
    began = scene.harness.clock()
    scene.harness.clock.advance(DAY)
    await scene.apply("小红", campaign)
    found = await queue(scene, campaign)
    assert (found["count"], found["oldest_at"]) == (2, began.isoformat().replace("+00:00", "Z"))
    await scene.decide(await scene.apply("小刚", campaign), "accepted")
    listed = (await scene.again("owner").get(found["href"])).json()["items"]
    assert {one["applicant"]["display_name"] for one in listed} == {"小明", "小红"}
    refused = await scene.see(scene.again("小明"), found["href"], status=422)
    assert refused["errors"][0]["pointer"] == "#/query/waiting"
    await scene.decide(first, "rejected")
    assert (await queue(scene, campaign))["count"] == 1


async def test_nobody_decides_in_an_archived_campaign_any_more(scene, campaign):
    await scene.apply("小明", campaign)
    for step in ("close", "archive"):
        await scene.send(scene.again("owner"), f"/v1/campaigns/{campaign['id']}/{step}")
    assert (await queue(scene, campaign))["count"] == 0


async def test_a_moderator_decides_about_no_application_and_sees_the_queue_of_cases_alone(scene, campaign):
    community = {"id": campaign["community_id"]}
    await scene.role("版主", community, "moderator")
    queues = await scene.see(scene.again("版主"), "/internal/desk", community_id=community["id"])
    assert [one["code"] for one in queues] == ["cases_open"]
