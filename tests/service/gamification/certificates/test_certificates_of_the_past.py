"""Who was there, or had come so far, before there was the template has a certificate on request: once, as of then."""

import asyncio
from datetime import timedelta

import pytest

from services.gamification.certificates import granting
from tests.service.gamification.certificates.happenings import an_activity, an_attendance, revoked
from tests.service.gamification.deeds import a_reply
from tests.service.gamification.stage import NOON

MINUTE = timedelta(minutes=1)
LONG_AGO = NOON - timedelta(days=100)


async def grant(scene, template, **said):
    started = await scene.operator.client.post("/v1/certificates/grants", json={"template_id": template["id"]} | said)
    assert started.status_code == 202, started.text
    await scene.harness.run_jobs()
    job = (await scene.operator.client.get(started.headers["Location"])).json()
    assert job["state"] == "succeeded", job
    return job["result"]["issued"]


async def those_of(scene, member, **query):
    answer = await scene.operator.client.get("/v1/certificates", params={"member_id": str(member.id)} | query)
    return answer.json()["items"]


def long_ago(scene, **said):
    return an_activity(scene.community_id, starts_at=LONG_AGO, ends_at=LONG_AGO + timedelta(hours=2), **said)


async def test_past_attendees_have_one_with_the_hours_and_the_day_of_then(scene, monkeypatch):
    monkeypatch.setattr(granting, "FIRST_CHUNK", 1)
    monkeypatch.setattr(granting, "MOST", 1)
    others = await scene.members(4)
    activity = long_ago(scene)
    was_there = [an_attendance(activity, one.id, at=LONG_AGO, hours=1.5) for one in (scene.learner, others[0])]
    part, undone = (
        an_attendance(activity, others[1].id, at=LONG_AGO, extent="partial"),
        an_attendance(activity, others[2].id, at=LONG_AGO),
    )
    await scene.harness.deliver(activity, *was_there, part, undone, revoked(undone))
    await scene.leave(others[0])
    template = await scene.template(kind="activity", about={"kind": "activity_kind", "code": "workshop"})
    other = long_ago(scene, kind="contest")
    await scene.harness.deliver(other, an_attendance(other, others[3].id, at=LONG_AGO))

    assert await grant(scene, template, dry_run=True) == 2
    assert not await scene.harness.published("certificate.issued")
    assert await grant(scene, template) == 2
    [one] = await those_of(scene, scene.learner)
    assert (one["hours"], one["earned_on"], one["issued_by"]) == (1.5, LONG_AGO.date().isoformat(), None)
    assert len(await those_of(scene, others[0])) == 1
    assert [await those_of(scene, each) for each in others[1:]] == [[], [], []]
    assert await grant(scene, template) == await grant(scene, template, dry_run=True) == 0
    assert len(await scene.harness.published("certificate.issued")) == 2


async def test_who_had_one_that_was_revoked_has_none_again_but_who_was_recorded_anew_has(scene):
    template = await scene.template(kind="activity")
    activity = an_activity(scene.community_id)
    other = await scene.member()
    void = an_attendance(activity, other.id, at=NOON + MINUTE)
    await scene.harness.deliver(activity, an_attendance(activity, scene.learner.id, at=NOON + MINUTE), void)
    [one] = await those_of(scene, scene.learner)
    assert (await scene.revoke(one)).status_code == 200
    await scene.harness.deliver(revoked(void), an_attendance(activity, other.id, at=NOON - MINUTE))
    assert await grant(scene, template) == 1
    assert [item["status"] for item in await those_of(scene, scene.learner)] == ["revoked"]
    assert [item["status"] for item in await those_of(scene, other)] == ["valid", "revoked"]


async def test_what_would_have_run_out_by_now_is_not_issued(scene):
    activity = long_ago(scene)
    await scene.harness.deliver(activity, an_attendance(activity, scene.learner.id, at=LONG_AGO))
    brief = await scene.template(name="短", kind="activity", valid_months=3)
    lasting = await scene.template(name="长", kind="activity", valid_months=4)
    assert (await grant(scene, brief), await grant(scene, lasting)) == (0, 1)
    [one] = await those_of(scene, scene.learner)
    assert one["last_day"] is not None
    assert one["status"] == "valid"


async def test_who_came_to_a_level_before_has_its_certificate_as_of_then(scene):
    body = {"trigger": "reply.posted", "points": 0, "xp": 600}
    params = {"community_id": str(scene.community_id)}
    assert (await scene.owner.client.put("/v1/earning-rules/reply", params=params, json=body)).status_code == 200
    await scene.harness.deliver(a_reply(scene.community_id, scene.learner.id, at=NOON + MINUTE))
    about = {"kind": "level", "code": "learner"}
    template = await scene.template(kind="level", about=about)
    high = await scene.template(name="高", kind="level", about={"kind": "level", "code": "expert"})
    assert (await grant(scene, template), await grant(scene, high)) == (1, 0)
    [one] = await those_of(scene, scene.learner)
    assert (one["earned_on"], one["object"]["kind"]) == (NOON.date().isoformat(), "level")
    assert await grant(scene, template) == 0


@pytest.mark.parametrize(("kind", "state"), [("other", "by_hand"), ("certification", "certification")])
async def test_what_follows_from_nothing_that_is_over_is_granted_to_nobody(scene, kind, state):
    template = await scene.template(kind=kind)
    answer = await scene.operator.client.post("/v1/certificates/grants", json={"template_id": template["id"]})
    assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (409, "illegal_transition", state)


async def test_members_grant_nothing_and_an_archived_template_neither(scene):
    template = await scene.template(kind="activity")
    body = {"template_id": template["id"]}
    assert (await scene.learner.client.post("/v1/certificates/grants", json=body)).status_code == 403
    path = f"/v1/certificates/templates/{template['id']}"
    await scene.owner.client.patch(path, json={"archived": True}, headers={"If-Match": '"1"'})
    refused = await scene.operator.client.post("/v1/certificates/grants", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "certificate_template_archived")


async def test_who_asks_several_times_at_once_follows_one_job_until_it_is_done(scene):
    template = await scene.template(kind="activity")

    async def job(**said):
        body = {"template_id": template["id"]} | said
        started = await scene.operator.client.post("/v1/certificates/grants", json=body)
        assert started.status_code == 202, started.text
        return started.headers["Location"]

    asked = set(await asyncio.gather(*(job() for _ in range(5))))
    tried = await job(dry_run=True)
    assert (len(asked), tried in asked) == (1, False)
    await scene.harness.run_jobs()
    assert await job() not in asked
