"""Certificates follow by themselves from being at an activity and from reaching a level, once each, in whatever order it is told."""

from datetime import timedelta
from itertools import permutations

import pytest

from chassis.ids import new_id
from chassis.testing import received
from contracts.membership import MemberJoined
from tests.service.gamification.certificates.happenings import an_activity, an_attendance, revoked
from tests.service.gamification.deeds import a_reply
from tests.service.gamification.stage import NOON

MINUTE = timedelta(minutes=1)


async def those_of(scene, member, **query):
    answer = await scene.operator.client.get("/v1/certificates", params={"member_id": str(member.id)} | query)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_who_was_at_all_of_an_activity_has_a_certificate_with_its_title_and_hours(scene):
    await scene.template(kind="activity")
    half, speaker = await scene.members(2)
    activity = an_activity(scene.community_id)
    at = an_attendance(activity, scene.learner.id, at=NOON + MINUTE)
    await scene.harness.deliver(
        activity,
        at,
        an_attendance(activity, half.id, at=NOON + MINUTE, extent="partial"),
        an_attendance(activity, speaker.id, at=NOON + MINUTE, role="speaker"),
    )
    [one] = await those_of(scene, scene.learner)
    assert (one["subject_zh"], one["hours"], one["earned_on"]) == ("消防安全", 2, "2024-05-06")
    assert (one["kind"], one["object"]) == ("activity", {"kind": "activity", "id": str(activity.data.activity_id)})
    assert one["issued_by"] is None
    assert await those_of(scene, half) == await those_of(scene, speaker) == []
    await scene.harness.deliver(at, activity, times=2)
    assert len(await scene.harness.published("certificate.issued")) == 1


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_whatever_is_told_first_the_same_certificate_is_the_end_of_it(scene, order):
    await scene.template(kind="activity")
    one = scene.learner
    activity = an_activity(scene.community_id)
    attendance = an_attendance(activity, one.id, at=NOON + MINUTE)
    told = [activity, attendance, revoked(attendance)]
    for place in order:
        await scene.harness.deliver(told[place])
    assert [item["status"] for item in await those_of(scene, one)] in ([], ["revoked"])
    again = an_attendance(activity, one.id, at=NOON + MINUTE)
    await scene.harness.deliver(again)
    assert [item["status"] for item in await those_of(scene, one, status="valid")] == ["valid"]


async def test_who_becomes_known_later_has_it_then(scene):
    await scene.template(kind="activity")
    activity = an_activity(scene.community_id)
    late = new_id()
    await scene.harness.deliver(activity, an_attendance(activity, late, at=NOON + MINUTE))
    assert not await scene.harness.published("certificate.issued")
    told = MemberJoined(
        community_id=scene.community_id,
        member_id=late,
        person_id=new_id(),
        display_name="后来",
        person_kind="employee",
        status="active",
        joined_at=NOON - timedelta(days=1),
        via="import",
    )
    await scene.harness.deliver(received(told, occurred_at=NOON))
    assert len(await scene.harness.published("certificate.issued")) == 1


async def test_a_revoked_attendance_takes_its_certificate_with_it(scene):
    await scene.template(kind="activity")
    activity = an_activity(scene.community_id)
    attendance = an_attendance(activity, scene.learner.id, at=NOON + MINUTE)
    await scene.harness.deliver(activity, attendance)
    await scene.harness.deliver(revoked(attendance), times=2)
    [one] = await those_of(scene, scene.learner)
    assert (one["status"], one["revoked_code"], one["revoked_reason"]) == ("revoked", "attendance_revoked", None)
    assert (await scene.verify(one["serial"])).json()["status"] == "revoked"
    assert len(await scene.harness.published("certificate.revoked")) == 1
    again = an_attendance(activity, scene.learner.id, at=NOON + 2 * MINUTE)
    await scene.harness.deliver(again)
    valid = await those_of(scene, scene.learner, status="valid")
    assert len(valid) == 1
    assert valid[0]["serial"] != one["serial"]


async def test_a_template_is_for_an_activity_a_series_or_a_kind_alone(scene):
    series, here = new_id(), new_id()
    for name, about in (
        ("活动", {"kind": "activity", "id": str(here)}),
        ("系列", {"kind": "series", "id": str(series)}),
        ("类型", {"kind": "activity_kind", "code": "contest"}),
    ):
        made = await scene.template(name=name, kind="activity", about=about, title_zh=name)
        assert made["about"] == {"id": None, "code": None} | about
    for said in ({"activity_id": here}, {"series_id": series}, {"kind": "contest"}, {"kind": "meeting"}):
        activity = an_activity(scene.community_id, **said)
        await scene.harness.deliver(activity, an_attendance(activity, scene.learner.id, at=NOON + MINUTE))
    assert sorted(one["title_zh"] for one in await those_of(scene, scene.learner)) == sorted(["活动", "系列", "类型"])


async def test_history_gives_nobody_a_certificate_and_none_is_issued_by_hand_for_what_follows(scene):
    template = await scene.template(kind="activity")
    activity = an_activity(scene.community_id)
    await scene.harness.deliver(activity, an_attendance(activity, scene.learner.id, at=NOON - MINUTE))
    assert await those_of(scene, scene.learner) == []
    refused = await scene.ask(template, scene.learner)
    assert (refused.status_code, refused.json()["code"]) == (409, "certificate_follows")


async def test_who_reaches_a_level_has_its_certificate_once(scene):
    await scene.template(kind="level", about={"kind": "level", "code": "learner"})
    for _ in range(2):
        body = {"trigger": "reply.posted", "points": 0, "xp": 120}
        params = {"community_id": str(scene.community_id)}
        assert (await scene.owner.client.put("/v1/earning-rules/reply", params=params, json=body)).status_code == 200
        await scene.harness.deliver(a_reply(scene.community_id, scene.learner.id, at=NOON + MINUTE))
    [one] = await those_of(scene, scene.learner)
    assert (one["kind"], one["subject_zh"], one["subject_en"]) == ("level", "学员", "Learner")
    assert one["object"]["kind"] == "level"


async def test_what_a_template_is_about_must_fit_its_kind(scene):
    body = {"community_id": str(scene.community_id), "name": "x", "title_zh": "x", "title_en": "x"}
    for said in (
        {"kind": "level"},
        {"kind": "level", "about": {"kind": "activity", "id": str(new_id())}},
        {"kind": "activity", "about": {"kind": "level", "code": "learner"}},
        {"kind": "activity", "about": {"kind": "series", "code": "x"}},
        {"kind": "activity", "about": {"kind": "activity_kind"}},
        {"kind": "other", "about": {"kind": "series", "id": str(new_id())}},
    ):
        answer = await scene.owner.client.post("/v1/certificates/templates", json=body | said)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/about"), said
