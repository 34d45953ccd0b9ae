"""Certificates say what was so when they were issued, and anybody with a serial can verify them."""

import asyncio
from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from chassis.ids import new_id
from chassis.testing import received
from contracts.membership import CohortSnapshot, CohortUpdated
from services.gamification.certificates import service
from services.gamification.certificates.ending import erase
from services.gamification.certificates.models import CohortName
from services.gamification.definition import definition
from tests.service.gamification.certificates.scene import TEMPLATE
from tests.service.gamification.stage import NOON

RARE = "𠮷田㐂子"
DAY = timedelta(days=1)


async def test_a_certificate_keeps_what_was_so_when_it_was_issued(scene):
    await scene.rename(scene.learner, RARE)
    template = await scene.template(valid_months=12)
    issued = await scene.issue(template, scene.learner, hours=16, earned_on="2024-05-05")
    await scene.rename(scene.learner, "另一个名字")
    await scene.change(name="另一个社群")
    changed = await scene.owner.client.patch(
        f"/v1/certificates/templates/{template['id']}", json={"title_zh": "别的证书"}, headers={"If-Match": '"1"'}
    )
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    said = (await scene.learner.client.get(f"/v1/certificates/{issued['id']}")).json()
    assert (said["name"], said["community_name"], said["title_zh"]) == (RARE, "读书会", "结业证书")
    assert (said["hours"], said["earned_on"], said["template_version"], said["status"]) == (
        16,
        "2024-05-05",
        1,
        "valid",
    )
    assert said["valid_until"] == "2025-05-04T16:00:00Z", "when the last day is over in Shanghai"
    [told] = await scene.harness.published("certificate.issued")
    assert (told.data["member_id"], told.data["person_id"]) == (str(scene.learner.id), str(scene.learner.person_id))
    assert told.data["serial"] == said["serial"].replace("-", "")


async def test_a_certificate_says_what_the_cohort_was_called_when_it_was_issued(scene):
    cohort = new_id()
    await scene.tell_cohort(cohort, "第三期 <春>")
    one = await scene.member(cohort_id=cohort)
    template = await scene.template()
    issued = await scene.issue(template, one)
    await scene.tell_cohort(cohort, "另一期")
    said = (await one.client.get(f"/v1/certificates/{issued['id']}")).json()
    assert (said["cohort_id"], said["cohort_name"]) == (str(cohort), "第三期 <春>")
    assert (await scene.verify(issued["serial"])).json()["cohort_name"] == "第三期 <春>"
    page = await scene.verify(issued["serial"], Accept="text/html", **{"Accept-Language": "zh-CN"})
    assert "<dt>期次</dt><dd>第三期 &lt;春&gt;</dd>" in page.text
    without = await scene.issue(template, scene.learner)
    assert without["cohort_name"] is None
    page = await scene.verify(without["serial"], Accept="text/html", **{"Accept-Language": "zh-CN"})
    assert "期次" not in page.text


async def test_what_membership_no_longer_tells_of_is_no_cohorts_name(scene):
    gone, there = new_id(), new_id()
    first, second = (
        CohortUpdated(community_id=scene.community_id, cohort_id=one, code="c", name="旧名") for one in (gone, there)
    )
    await scene.harness.deliver(received(first, occurred_at=NOON, version=2), received(second, occurred_at=NOON))
    again = CohortSnapshot(**second.model_dump() | {"name": "再说一次"})
    old = CohortUpdated(**first.model_dump() | {"name": "更旧的名"})
    await scene.harness.deliver(received(again, occurred_at=NOON + DAY), received(old, occurred_at=NOON + DAY))
    async with scene.harness.runtime.database.transaction() as session:
        names = {one.id: one.name for one in (await session.execute(select(CohortName))).scalars()}
        assert names == {gone: "旧名", there: "再说一次"}, "the newest version is what is so"
        [forget] = definition.handlers.forgetting("qunxue.membership", "cohort")
        await forget(session, NOON + DAY)
        assert list((await session.execute(select(col(CohortName.id)))).scalars()) == [there]


async def test_anybody_verifies_a_serial_however_it_is_typed_and_learns_no_more_than_it_says(scene):
    issued = await scene.issue(await scene.template(), scene.learner)
    found = await scene.verify(issued["serial"].lower().replace("-", ""))
    assert found.status_code == 200
    assert found.headers["Cache-Control"] == "no-store"
    said = found.json()
    assert (said["status"], said["name"], said["serial"]) == ("valid", issued["name"], issued["serial"])
    known = {"member_id", "person_id", "employee_no", "member", "issued_by", "revoked_reason", "id", "community_id"}
    assert not known & said.keys()
    for held in (scene.learner.employee_no, scene.learner.id, scene.learner.person_id):
        assert str(held) not in found.text.replace(issued["name"], "")


async def test_a_browser_gets_a_page_in_its_language_with_a_picture_that_leads_back(scene):
    await scene.rename(scene.learner, "<b>王</b>")
    issued = await scene.issue(await scene.template(), scene.learner)
    for language, words in (("zh-CN", "证书有效"), ("en", "This certificate is valid")):
        page = await scene.verify(issued["serial"], Accept="text/html", **{"Accept-Language": language})
        assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert words in page.text
        assert "&lt;b&gt;王&lt;/b&gt;" in page.text
        assert "<script" not in page.text
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "noindex" in page.headers["X-Robots-Tag"]
    qr = f"/v1/certificates/serials/{issued['serial']}/qr"
    assert f'src="{qr}"' in page.text
    picture = await scene.harness.anonymous().get(qr)
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/svg+xml")


async def test_a_serial_that_nobody_has_is_not_found_and_serials_do_not_count(scene):
    template = await scene.template()
    serials = []
    for member in await scene.members(5):
        serials.append((await scene.issue(template, member))["serial"])
    assert len({serial[:5] for serial in serials}) == len({serial[-5:] for serial in serials}) == 5
    first = serials[0].replace("-", "")
    for wrong in (first[:-1] + ("0" if first[-1] != "0" else "1"), "U" * 20, "0" * 20, "啊" * 20):
        answer = await scene.verify(wrong)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_one_who_left_keeps_and_reads_their_certificate(scene):
    issued = await scene.issue(await scene.template(), scene.learner)
    await scene.leave(scene.learner)
    assert (await scene.verify(issued["serial"])).json()["status"] == "valid"
    own = await scene.learner.client.get("/v1/certificates", params={"mine": True})
    assert [one["id"] for one in own.json()["items"]] == [issued["id"]]
    assert (await scene.learner.client.get(f"/v1/certificates/{issued['id']}")).status_code == 200
    other = await scene.member()
    assert (await other.client.get(f"/v1/certificates/{issued['id']}")).status_code == 404


async def test_revoking_says_why_to_who_may_know_and_to_anybody_that_it_was_revoked(scene):
    issued = await scene.issue(await scene.template(), scene.learner)
    revoked = await scene.revoke(issued)
    assert (revoked.status_code, revoked.json()["status"]) == (200, "revoked")
    assert (revoked.json()["revoked_code"], revoked.json()["revoked_reason"]) == ("by_hand", "名单有误")
    assert (await scene.revoke(issued)).json()["code"] == "certificate_revoked"
    seen = await scene.verify(issued["serial"])
    assert seen.json()["status"] == "revoked"
    assert "名单有误" not in seen.text
    [told] = await scene.harness.published("certificate.revoked")
    assert (told.version, "reason" in told.data) == (2, False)
    again = await scene.issue({"id": issued["template_id"]}, scene.learner)
    assert again["serial"] != issued["serial"], "what was revoked stays revoked"
    assert (await scene.verify(issued["serial"])).json()["status"] == "revoked"


async def test_nobody_issues_to_themselves_or_revokes_their_own(scene):
    template = await scene.template()
    own = await scene.ask(template, scene.operator)
    assert (own.status_code, own.json()["code"]) == (403, "conflict_of_interest")
    given = await scene.issue(template, scene.operator, by=scene.owner)
    refused = await scene.revoke(given)
    assert (refused.status_code, refused.json()["code"]) == (403, "conflict_of_interest")
    assert (await scene.revoke(given, by=scene.owner)).status_code == 200


async def test_a_member_has_one_by_a_template_until_it_expires(scene):
    template = await scene.template(valid_months=1)
    first = await scene.issue(template, scene.learner)
    assert (await scene.ask(template, scene.learner)).json()["code"] == "already_exists"
    scene.harness.clock.now = NOON + 31 * DAY
    assert (await scene.verify(first["serial"])).json()["status"] == "expired", "before any worker told it"
    second = await scene.issue(template, scene.learner)
    await scene.harness.run_timers()
    [told] = await scene.harness.published("certificate.expired")
    assert (str(told.data["certificate_id"]), told.version) == (first["id"], 2)
    assert told.occurred_at.isoformat() == "2024-06-05T16:00:00+00:00", "when it was over, not when it was noticed"
    listed = await scene.operator.client.get(
        "/v1/certificates", params={"community_id": str(scene.community_id), "status": "valid"}
    )
    assert [one["id"] for one in listed.json()["items"]] == [second["id"]]


async def test_the_clock_ends_a_certificate_without_a_request(scene):
    issued = await scene.issue(await scene.template(valid_months=1), scene.learner)
    scene.harness.clock.now = NOON + 40 * DAY
    await scene.harness.run_timers()
    await scene.harness.run_timers()
    [told] = await scene.harness.published("certificate.expired")
    assert str(told.data["certificate_id"]) == issued["id"]
    assert (await scene.revoke(issued)).json()["status"] == "revoked", "one that expired can be revoked"


async def test_two_at_once_issue_one(scene):
    template = await scene.template()
    answers = await asyncio.gather(*(scene.ask(template, scene.learner, by=by) for by in (scene.operator, scene.owner)))
    assert sorted(one.status_code for one in answers) == [201, 409]
    assert len(await scene.harness.published("certificate.issued")) == 1


async def test_what_cannot_be_issued_is_refused_and_changes_nothing(scene):
    template = await scene.template()
    stranger = await scene.ask(template, scene.learner, member_id=str(scene.community_id))
    assert (stranger.status_code, stranger.json()["code"]) == (422, "unknown_member")
    for said, pointer in (
        ({"subject_zh": None}, "/subject"),
        ({"earned_on": "2024-05-07"}, "/earned_on"),
        ({"hours": 0}, "/hours"),
        ({"hours": -1}, "/hours"),
        ({"subject_zh": " \u200b "}, "/subject_zh"),
        ({"subject_zh": "长" * 201}, "/subject_zh"),
        ({"serial": "0" * 20}, "/serial"),
    ):
        answer = await scene.ask(template, scene.learner, **said)
        assert answer.status_code == 422, said
        assert answer.json()["errors"][0]["pointer"] == pointer
    path = f"/v1/certificates/templates/{template['id']}"
    archived = await scene.owner.client.patch(path, json={"archived": True}, headers={"If-Match": '"1"'})
    assert archived.json()["archived"] is True
    assert (await scene.ask(template, scene.learner)).json()["code"] == "certificate_template_archived"
    stale = await scene.owner.client.patch(path, json={"name": "新"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    same = await scene.owner.client.post(
        "/v1/certificates/templates",
        json={"community_id": str(scene.community_id), "name": "结业", "title_zh": "a", "title_en": "a"},
    )
    assert (same.status_code, same.json()["code"]) == (409, "already_exists")
    assert not await scene.harness.published("certificate")


async def test_who_is_erased_is_named_on_no_certificate_and_it_can_still_be_verified(scene):
    issued = await scene.issue(await scene.template(), scene.learner)
    async with scene.harness.runtime.database.transaction() as session:
        await erase(session, scene.learner.person_id, NOON)
    said = await scene.verify(issued["serial"])
    assert (said.json()["status"], said.json()["name"]) == ("valid", None)
    page = await scene.verify(issued["serial"], Accept="text/html", **{"Accept-Language": "en"})
    assert "no longer shown" in page.text
    assert issued["name"] not in page.text


async def test_a_community_has_so_many_templates_in_use_and_no_more_however_many_ask_at_once(scene, monkeypatch):
    monkeypatch.setattr(service, "MOST_TEMPLATES", 3)
    body = {"community_id": str(scene.community_id)} | TEMPLATE
    path = "/v1/certificates/templates"
    answers = await asyncio.gather(
        *(scene.owner.client.post(path, json=body | {"name": f"结业 {n}"}) for n in range(8))
    )
    assert sorted(one.status_code for one in answers) == [201] * 3 + [409] * 5
    made = next(one.json() for one in answers if one.status_code == 201)
    archived = await scene.owner.client.patch(
        f"{path}/{made['id']}", json={"archived": True}, headers={"If-Match": '"1"'}
    )
    assert archived.status_code == 200
    assert (await scene.owner.client.post(path, json=body)).status_code == 201
    again = {"json": {"archived": False}, "headers": {"If-Match": '"2"'}}
    refused = await scene.owner.client.patch(f"{path}/{made['id']}", **again)
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_certificate_templates")


async def test_a_certificate_reads_in_the_readers_language_with_its_last_day_and_what_may_be_done_with_it(scene):
    template = await scene.template(valid_months=12)
    issued = await scene.issue(template, scene.learner, subject_en="Induction", earned_on="2024-05-01")
    assert (issued["title"], issued["subject"]) == ("Certificate of completion", "Induction")
    assert (issued["last_day"], issued["valid_until"]) == ("2025-04-30", "2025-04-30T16:00:00Z")
    assert issued["viewer"] == {"can": ["revoke"], "cannot": {}}
    scene.learner.client.headers["Accept-Language"] = "zh-CN"
    [own] = (await scene.learner.client.get("/v1/certificates", params={"mine": True})).json()["items"]
    assert (own["title"], own["subject"]) == ("结业证书", "新员工训练")
    path = f"/v1/certificates/{issued['id']}"
    assert (await scene.learner.client.get(path)).json()["viewer"] == {"can": [], "cannot": {"revoke": "forbidden"}}
    theirs = await scene.issue(template, scene.operator, by=scene.owner)
    seen = (await scene.operator.client.get(f"/v1/certificates/{theirs['id']}")).json()
    assert seen["viewer"] == {"can": [], "cannot": {"revoke": "conflict_of_interest"}}
    assert (await scene.revoke(issued)).json()["viewer"] == {"can": [], "cannot": {}}
    await scene.leave(scene.learner)
    assert (await scene.learner.client.get(path)).json()["viewer"] == {"can": [], "cannot": {}}
