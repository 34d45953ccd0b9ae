"""The privacy notice: in versions, agreed to at activation and at application, kept with version and time."""

import pytest
from sqlalchemy import select
from sqlmodel import col

from services.membership.privacy.models import PrivacyAgreement
from tests.service.membership.conftest import PASSWORD
from tests.service.membership.scene import ANSWERS, DAY

NOTICE = {"text_zh": "我们保存姓名、工号和报名材料。", "text_en": "We keep names, numbers and applications."}


async def agreements(harness):
    async with harness.runtime.database.reading() as session:
        found = await session.execute(select(PrivacyAgreement).order_by(col(PrivacyAgreement.at)))
        return [(one.person_id, one.version, one.occasion, one.application_id, one.at) for one in found.scalars()]


async def test_everybody_reads_the_present_version_and_any_other(scene):
    visitor = scene.harness.anonymous()
    await scene.see(visitor, "/v1/privacy-notices/current", status=404)
    await scene.send(scene.admin, "/v1/privacy-notices", NOTICE, status=201)
    again = await scene.send(scene.admin, "/v1/privacy-notices", NOTICE, status=200)
    assert again["version"] == 1, "what says the same makes no version"
    await scene.send(scene.admin, "/v1/privacy-notices", NOTICE | {"text_en": "We keep less."}, status=201)
    current = await scene.see(visitor, "/v1/privacy-notices/current")
    assert (current["version"], current["text_en"]) == (2, "We keep less.")
    assert (await scene.see(visitor, "/v1/privacy-notices/1"))["text_zh"] == NOTICE["text_zh"]
    await scene.see(visitor, "/v1/privacy-notices/3", status=404)


async def test_only_an_administrator_publishes_it_and_leaves_a_trace(scene):
    await scene.client("路人")
    await scene.send(scene.again("路人"), "/v1/privacy-notices", NOTICE, status=403)
    await scene.send(scene.admin, "/v1/privacy-notices", NOTICE, status=201)
    audit = await scene.see(scene.admin, "/internal/audit", action="privacy_notice.publish")
    assert [entry["changes"] for entry in audit["items"]] == [{"version": [0, 1]}]


async def test_whoever_applies_agrees_to_the_present_version(scene):
    campaign = await scene.campaign(await scene.community())
    await scene.apply("以前的", campaign)
    await scene.send(scene.admin, "/v1/privacy-notices", NOTICE, status=201)
    for named in ({}, {"privacy_notice_version": 2}):
        refused = await scene.apply("小明", campaign, status=422, **named)
        assert (refused["code"], refused["version"]) == ("privacy_notice_not_agreed", 1)
    made = await scene.apply("小明", campaign, privacy_notice_version=1, submit=False)
    person_id = scene.people["小明"]
    kept = [(person_id, 1, "application", made["id"], scene.harness.clock())]
    assert [(*one[:3], str(one[3]), one[4]) for one in await agreements(scene.harness)] == kept
    assert (await scene.see(scene.again("小明"), "/v1/people/me"))["privacy_notice_version"] == 1
    assert (await scene.see(scene.again("以前的"), "/v1/people/me"))["privacy_notice_version"] is None


async def test_a_refused_application_leaves_nothing(scene):
    campaign = await scene.campaign(await scene.community())
    await scene.send(scene.admin, "/v1/privacy-notices", NOTICE, status=201)
    await scene.apply("小明", campaign, status=422)
    listed = await scene.see(scene.again("小明"), "/v1/applications", mine=True)
    assert listed["items"] == []


@pytest.mark.parametrize("version", [None, 1])
async def test_whoever_activates_their_account_agrees_before_they_have_a_password(membership, version):
    zhang = await membership.person("张伟", employee_no="a7")
    code = (await membership.admin.post(f"/v1/people/{zhang['id']}/activation")).json()["code"]
    await membership.admin.post("/v1/privacy-notices", json=NOTICE)
    body = {"code": code, "password": PASSWORD, "privacy_notice_version": version}
    answer = await membership.anonymous.post("/v1/activations", json=body)
    if version is None:
        assert (answer.status_code, answer.json()["code"]) == (422, "privacy_notice_not_agreed")
        assert (await membership.log_in("a7")).status_code == 401
        assert await agreements(membership.harness) == []
    else:
        assert answer.status_code == 201
        kept = await agreements(membership.harness)
        assert [(str(one[0]), *one[1:4]) for one in kept] == [(zhang["id"], 1, "activation", None)]
    body["privacy_notice_version"] = 1
    again = await membership.anonymous.post("/v1/activations", json=body)
    assert again.status_code == (201 if version is None else 422), "a refusal does not use up the code"


async def test_a_draft_from_before_a_new_version_is_handed_in_as_it_was_begun(scene):
    campaign = await scene.campaign(await scene.community())
    draft = await scene.apply("小明", campaign, submit=False)
    await scene.send(scene.admin, "/v1/privacy-notices", NOTICE, status=201)
    scene.harness.clock.advance(DAY)
    path = f"/v1/applications/{draft['id']}/submit"
    assert (await scene.send(scene.again("小明"), path, {"answers": ANSWERS}))["state"] == "submitted"
