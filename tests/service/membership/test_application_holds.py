"""Legal holds: what was said in an application outlasts its time until an administrator lifts the hold, and both stand in the audit."""

from services.membership.applications import forgetting
from tests.service.membership.testing import BY_MACHINE

HOLDS = "/v1/applications/holds"


async def rejected(testing, name):
    application = await testing.applicant(name)
    attempt = await testing.begin(name, application)
    await testing.save(name, attempt, *BY_MACHINE)
    await testing.hand_in(name, attempt)
    await testing.scene.decide(application, "rejected")
    return application


async def test_what_is_held_is_not_forgotten_before_the_hold_is_lifted(testing):
    scene = testing.scene
    await testing.opened(*BY_MACHINE)
    held, other = [await rejected(testing, name) for name in ("小明", "小红")]
    async with scene.harness.runtime.database.transaction() as session:
        await forgetting.timers.set_periodic(session, scene.harness.clock())
    body = {"application_id": held["id"], "reason": "劳动仲裁 2026-7"}
    hold = await scene.send(scene.admin, HOLDS, body, status=201)
    again = await scene.send(scene.admin, HOLDS, body | {"reason": "另一个原因"}, status=200)
    assert (again["id"], again["reason"]) == (hold["id"], "劳动仲裁 2026-7")
    assert (await testing.seen(held))["held_since"] == hold["held_at"]
    assert (await testing.seen(other))["held_since"] is None
    assert "劳动仲裁" not in str(await testing.seen(held))
    await testing.pass_time(days=181)
    assert ((await testing.seen(held))["answers"], (await testing.seen(other))["answers"]) == (held["answers"], {})
    left = await scene.see(scene.again("owner"), "/v1/test-attempts", campaign_id=testing.campaign["id"])
    assert [one["application_id"] for one in left["items"]] == [held["id"]]
    refused = await scene.send(scene.admin, HOLDS, body | {"application_id": other["id"]}, status=409)
    assert refused["state"] == "forgotten"

    lifted = await scene.send(scene.admin, f"{HOLDS}/{hold['id']}/lift", {"reason": "案件已结"})
    assert (lifted["lift_reason"], lifted["lifted_by"]["kind"]) == ("案件已结", "person")
    assert (await scene.send(scene.admin, f"{HOLDS}/{hold['id']}/lift", {"reason": "再次"}, status=409))[
        "state"
    ] == "lifted"
    assert (await testing.seen(held))["held_since"] is None
    await testing.pass_time(hours=1)
    assert (await testing.seen(held))["answers"] == {}
    trail = {
        one["action"]: one["changes"]["reason"]
        for one in await scene.audit(testing.community["id"])
        if "hold" in one["action"]
    }
    assert trail == {
        "application.hold": [None, "劳动仲裁 2026-7"],
        "application.lift_hold": ["劳动仲裁 2026-7", "案件已结"],
    }
    for lifted_or_not, count in ((True, 1), (False, 0)):
        listed = await scene.see(scene.admin, HOLDS, lifted=lifted_or_not, application_id=held["id"])
        assert len(listed["items"]) == count


async def test_only_administrators_hold_and_nobody_a_draft(testing):
    scene = testing.scene
    await testing.opened(*BY_MACHINE)
    application = await testing.applicant("小明")
    hold = await scene.send(scene.admin, HOLDS, {"application_id": application["id"], "reason": "证据"}, status=201)
    for name in ("owner", "小明"):
        for method, path, body in (
            ("post", HOLDS, {"application_id": application["id"], "reason": "证据"}),
            ("get", HOLDS, None),
            ("get", f"{HOLDS}/{hold['id']}", None),
            ("post", f"{HOLDS}/{hold['id']}/lift", {"reason": "证据"}),
        ):
            answer = await scene.again(name).request(method, path, json=body)
            assert answer.status_code == 403, answer.text
    assert "held_since" not in {key for key, value in (await testing.seen(application, by="小明")).items() if value}
    draft = await scene.apply("小红", testing.campaign, submit=False)
    await scene.send(scene.admin, HOLDS, {"application_id": draft["id"], "reason": "证据"}, status=404)
