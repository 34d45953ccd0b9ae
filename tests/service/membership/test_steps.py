"""The steps of a campaign: in their order, and one at a time."""

import asyncio
from datetime import timedelta

import pytest

from chassis.admission import EACH
from tests.service.membership.interviewing import choose, name_interviewers, offer, write


async def advance(scene, application, *, status=200):
    return await scene.send(scene.again("owner"), f"/v1/applications/{application['id']}/advance", status=status)


async def take(testing, name, application):
    attempt = await testing.begin(name, application)
    await testing.hand_in(name, attempt)


async def test_steps_are_gone_through_in_the_order_of_the_campaign(testing):
    scene = testing.scene
    campaign = await testing.opened(steps=["form", "test", "interview", "approval"])
    await name_interviewers(scene, campaign, "甲", "乙")
    application = await scene.apply("小明", campaign)
    assert (await scene.decide(application, "accepted", status=409))["code"] == "steps_remaining"
    reached = [(await advance(scene, application))["state"] for _ in range(2)]
    assert reached == ["screening", "testing"]
    assert (await advance(scene, application, status=409))["code"] == "test_missing"
    await take(testing, "小明", application)
    assert (await advance(scene, application))["state"] == "interviewing"
    assert (await advance(scene, application, status=409))["code"] == "scorecards_missing"
    await choose(scene, "小明", await offer(scene, campaign, "甲", "乙"))
    scene.harness.clock.advance(timedelta(days=2))
    for name in ("甲", "乙"):
        await write(scene, name, application, 3, 4, 5)
    assert (await advance(scene, application))["state"] == "approving"
    assert (await advance(scene, application, status=409))["code"] == "illegal_transition"
    path = f"/v1/applications/{application['id']}/return"
    assert (await scene.send(scene.again("owner"), path, {"what": "x"}, status=409))["state"] == "approving"
    await scene.send(scene.again("owner"), f"/v1/applications/{application['id']}/approve")
    await scene.decide(application, "accepted")


@pytest.mark.parametrize("batch", [False, True])
async def test_of_requests_to_advance_sent_at_once_one_does(testing, batch):
    scene = testing.scene
    campaign = await testing.opened(steps=["form", "test", "interview", "approval"])
    application = await scene.apply("小明", campaign)
    path, body = f"/v1/applications/{application['id']}/advance", None
    if batch:
        path, body = "/v1/applications/batch", {"action": "advance", "ids": [application["id"]]}
        # One caller's batches come one after the other.
        await scene.role("副手", {"id": campaign["community_id"]}, "operator")
    # More than are at work at once: the others go to work when the first has ended.
    clients = [scene.again("owner"), *(scene.again("副手" if batch else "owner") for _ in range(2 * EACH))]
    answers = await asyncio.gather(*(client.post(path, json=body) for client in clients))
    statuses = [answer.json()["items"][0]["status"] if batch else answer.status_code for answer in answers]
    assert sorted(statuses) == [200] + [409] * 2 * EACH
    assert (await scene.see(scene.again("owner"), f"/v1/applications/{application['id']}"))["state"] == "screening"
    assert (await advance(scene, application))["state"] == "testing"
