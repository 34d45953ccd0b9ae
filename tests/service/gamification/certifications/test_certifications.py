"""Certifications are asked again by the clock: each period is a run of its own, told in time, and counted by department."""

import asyncio
from datetime import timedelta
from uuid import UUID

from chassis.ids import new_id
from services.gamification.certificates.models import CertificateTemplate
from services.gamification.certifications import service
from services.gamification.certifications.keeping import timers
from tests.service.gamification.certificates.happenings import an_activity, an_attendance, revoked
from tests.service.gamification.stage import NOON

DAY = timedelta(days=1)
ASKED = {"title_zh": "消防安全", "title_en": "Fire safety", "requires": [{"activity_kind": "workshop"}]}


async def certification(scene, **said):
    body = {"community_id": str(scene.community_id), "valid_months": 12} | ASKED | said
    answer = await scene.operator.client.post("/v1/certifications", json=body)
    assert answer.status_code == 201, answer.text
    await scene.harness.run_jobs()
    return answer.json()


async def runs(scene, member, **query):
    answer = await member.client.get("/v1/certifications/runs", params={"mine": True} | query)
    assert answer.status_code == 200, answer.text
    return sorted(answer.json()["items"], key=lambda run: run["number"])


async def attend(scene, member, at, **said):
    activity = an_activity(scene.community_id, starts_at=at, ends_at=at + timedelta(hours=2), **said)
    attendance = an_attendance(activity, member.id, at=max(at, NOON))
    await scene.harness.deliver(activity, attendance)
    return attendance


async def clock(scene, now):
    """Let the clock go on, and the worker with it."""
    scene.harness.clock.now = now
    async with scene.harness.runtime.database.transaction() as session:
        await timers.set_periodic(session, now - timedelta(hours=1))
    await scene.harness.run_timers()
    await scene.harness.run_jobs()


async def matrix(scene, one):
    answer = await scene.operator.client.get(f"/v1/certifications/{one['id']}/compliance")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_one_that_runs_out_is_renewed_and_the_first_run_stays_as_it_was(scene):
    template = await scene.template(name="上岗证", kind="certification", title_zh="上岗证")
    one = await certification(scene, template_id=template["id"])
    [first] = await runs(scene, scene.learner)
    assert (first["number"], first["status"], first["due_on"]) == (1, "open", "2024-06-05")
    await attend(scene, scene.learner, NOON + DAY)
    done, following = await runs(scene, scene.learner)
    assert (done["status"], done["completed_at"]) == ("completed", "2024-05-07T04:00:00Z")
    assert (following["status"], following["due_on"], following["opens_on"]) == ("upcoming", "2025-05-07", "2025-02-06")
    [paper] = (await scene.learner.client.get("/v1/certificates", params={"mine": True})).json()["items"]
    assert (paper["kind"], paper["subject_zh"], paper["valid_until"]) == (
        "certification",
        "消防安全",
        done["valid_until"],
    )

    await clock(scene, NOON + 367 * DAY)
    assert (await matrix(scene, one))["total"]["overdue"] >= 1
    assert (await scene.verify(paper["serial"])).json()["status"] == "expired"
    [expired] = await scene.harness.published("certificate.expired")
    assert expired.data["certificate_id"] == paper["id"]
    assert (await runs(scene, scene.learner, status="overdue"))[0]["number"] == 2

    await attend(scene, scene.learner, NOON + 367 * DAY)
    kept, renewed, third = await runs(scene, scene.learner)
    assert kept == done, "earlier periods are not written anew"
    assert (renewed["status"], third["status"], third["due_on"]) == ("completed", "upcoming", "2026-05-08")
    valid = await scene.learner.client.get("/v1/certificates", params={"mine": True, "status": "valid"})
    assert [item["object"]["id"] for item in valid.json()["items"]] == [renewed["id"]]


async def test_who_renews_early_loses_no_day(scene):
    await certification(scene)
    await attend(scene, scene.learner, NOON + DAY)
    await clock(scene, NOON + 300 * DAY)
    await attend(scene, scene.learner, NOON + 300 * DAY)
    *_, following = await runs(scene, scene.learner)
    assert (following["number"], following["due_on"]) == (3, "2026-05-07")


async def test_what_was_done_before_the_period_opens_does_not_renew(scene):
    await certification(scene)
    await attend(scene, scene.learner, NOON + DAY)
    await attend(scene, scene.learner, NOON + 100 * DAY)
    assert [run["status"] for run in await runs(scene, scene.learner)] == ["completed", "upcoming"]


async def test_members_are_told_before_it_is_due_and_who_manages_them_once_it_is_overdue(scene):
    await scene.works(scene.learner, department_code="D7")
    await certification(scene, first_due_days=100, department_codes=["D7"])
    told = []
    for day in range(0, 104, 2):
        await clock(scene, NOON + day * DAY)
    for message in await scene.harness.published("certification.due"):
        told.append(message.data["lead_days"])
        assert message.data["member_ids"] == [str(scene.learner.id)]
    assert told == [90, 60, 30, 7]
    [late] = await scene.harness.published("certification.overdue")
    assert (late.data["department_code"], late.data["member_ids"]) == ("D7", [str(scene.learner.id)])


async def test_a_worker_that_was_away_tells_only_what_is_still_so(scene):
    await certification(scene, first_due_days=100, department_codes=["D1"])
    await clock(scene, NOON + 95 * DAY)
    leads = {message.data["lead_days"] for message in await scene.harness.published("certification.due")}
    assert leads == {7}
    await clock(scene, NOON + 95 * DAY)
    assert len(await scene.harness.published("certification.due")) == 1


async def test_who_joins_later_is_asked_and_what_they_did_counts(scene):
    await certification(scene)
    late = await scene.member()
    await attend(scene, late, NOON + DAY)
    assert await runs(scene, late) == []
    await clock(scene, NOON + DAY)
    assert [run["status"] for run in await runs(scene, late)] == ["completed", "upcoming"]


async def test_a_revoked_attendance_opens_the_run_again_and_takes_the_certificate(scene):
    template = await scene.template(name="上岗证", kind="certification")
    await certification(scene, template_id=template["id"])
    attendance = await attend(scene, scene.learner, NOON + DAY)
    await scene.harness.deliver(revoked(attendance))
    [run] = await runs(scene, scene.learner)
    assert (run["number"], run["status"], run["valid_until"]) == (1, "open", None)
    [paper] = (await scene.learner.client.get("/v1/certificates", params={"mine": True})).json()["items"]
    assert (paper["status"], paper["revoked_code"]) == ("revoked", "attendance_revoked")
    await attend(scene, scene.learner, NOON + 2 * DAY)
    assert [run["status"] for run in await runs(scene, scene.learner)] == ["completed", "upcoming"]


async def test_what_is_asked_is_called_by_its_name_as_far_as_it_is_of_the_community(scene):
    series, one, elsewhere = new_id(), new_id(), new_id()
    told = [
        an_activity(scene.community_id, activity_id=one, title="新人安全课"),
        an_activity(scene.community_id, series_id=series, title="安全月第一场"),
        an_activity(scene.community_id, series_id=series, title="安全月第二场", starts_at=NOON - timedelta(hours=2)),
        an_activity(new_id(), activity_id=elsewhere, title="别人的课"),
    ]
    await scene.harness.deliver(*told)
    named = [{"activity_id": one}, {"series_id": series}, {"activity_id": elsewhere}, {"series_id": new_id()}]
    asked = [{key: str(value) for key, value in each.items()} for each in named] + [{"activity_kind": "workshop"}]
    made = await certification(scene, requires=asked)
    titles = ["新人安全课", "安全月第二场", None, None, None]
    assert [each["title"] for each in made["requires"]] == titles
    read = (await scene.learner.client.get(f"/v1/certifications/{made['id']}")).json()
    params = {"community_id": str(scene.community_id)}
    [listed] = (await scene.operator.client.get("/v1/certifications", params=params)).json()["items"]
    assert read["requires"] == listed["requires"] == made["requires"]


async def test_everything_that_is_asked_must_be_done(scene):
    requires = [{"activity_kind": "workshop"}, {"activity_kind": "contest"}]
    await certification(scene, requires=requires)
    await attend(scene, scene.learner, NOON + DAY)
    assert [run["status"] for run in await runs(scene, scene.learner)] == ["open"]
    await attend(scene, scene.learner, NOON + 2 * DAY, kind="contest")
    done, _ = await runs(scene, scene.learner)
    assert done["completed_at"] == "2024-05-08T04:00:00Z"


async def test_a_window_of_each_year_is_when_it_is_renewed(scene):
    await certification(scene, valid_months=None, window={"opens": "11-15", "closes": "01-31"})
    [first] = await runs(scene, scene.learner)
    assert (first["opens_on"], first["due_on"]) == ("2024-05-06", "2025-01-31")
    await attend(scene, scene.learner, NOON + DAY)
    _, following = await runs(scene, scene.learner)
    assert (following["opens_on"], following["due_on"]) == ("2025-11-15", "2026-01-31")


async def test_compliance_counts_each_active_member_of_whom_it_is_asked_once(scene):
    await scene.tell_department("D7", "生产部")
    two = await scene.members(2)
    for member, grade in zip(two, ("P5", "P6"), strict=True):
        await scene.works(member, department_code="D7", job_grade=grade)
    one = await certification(scene, department_codes=["D7"])
    await attend(scene, two[0], NOON + DAY)
    said = await matrix(scene, one)
    assert [
        (cell["department_name"], cell["job_grade"], cell["holding"], cell["outstanding"]) for cell in said["cells"]
    ] == [
        ("生产部", "P5", 1, 0),
        ("生产部", "P6", 0, 1),
    ]
    await clock(scene, NOON + 40 * DAY)
    assert (await matrix(scene, one))["total"] | {"department": None} == {
        "department": None,
        "department_name": None,
        "job_grade": None,
        "asked": 2,
        "holding": 1,
        "outstanding": 0,
        "overdue": 1,
    }
    await scene.leave(two[1])
    assert (await matrix(scene, one))["total"]["asked"] == 1
    other = await scene.member()
    assert await runs(scene, other) == []
    assert (await other.client.get(f"/v1/certifications/{one['id']}/compliance")).status_code == 403


async def test_what_cannot_be_asked_is_refused_with_what_is_wrong(scene):
    for said, pointer in (
        ({}, "/valid_months"),
        ({"valid_months": 12, "window": {"opens": "03-01", "closes": "05-31"}}, "/valid_months"),
        ({"window": {"opens": "02-30", "closes": "05-31"}}, "/window/opens"),
        ({"window": {"opens": "13-01", "closes": "05-31"}}, "/window/opens"),
        ({"valid_months": 12, "requires": []}, "/requires"),
        ({"valid_months": 12, "requires": [{}]}, "/requires/0"),
        ({"valid_months": 12, "requires": [{"kind": "course"}]}, "/requires/0/kind"),
        ({"valid_months": 0}, "/valid_months"),
        ({"valid_months": 12, "first_due_days": 0}, "/first_due_days"),
    ):
        body = {"community_id": str(scene.community_id)} | ASKED | said
        answer = await scene.operator.client.post("/v1/certifications", json=body)
        assert answer.status_code == 422, said
        assert answer.json()["errors"][0]["pointer"] == pointer


async def test_what_is_shown_by_no_template_of_certifications_of_the_community_is_refused(scene):
    of_another_kind = await scene.template()
    archived = await scene.template(name="旧的", kind="certification")
    path, match = f"/v1/certificates/templates/{archived['id']}", {"If-Match": '"1"'}
    assert (await scene.owner.client.patch(path, json={"archived": True}, headers=match)).status_code == 200
    elsewhere = await scene.template(name="别处", kind="certification")
    async with scene.harness.runtime.database.transaction() as session:
        (await session.get_one(CertificateTemplate, UUID(elsewhere["id"]))).community_id = new_id()
    for unfit in (of_another_kind["id"], archived["id"], elsewhere["id"], str(new_id())):
        body = {"community_id": str(scene.community_id), "valid_months": 12, "template_id": unfit} | ASKED
        refused = await scene.operator.client.post("/v1/certifications", json=body)
        assert refused.json()["code"] == "unknown_certificate_template", unfit


async def test_an_archived_one_is_asked_of_nobody_and_what_was_shown_stays(scene):
    one = await certification(scene)
    await attend(scene, scene.learner, NOON + DAY)
    path = f"/v1/certifications/{one['id']}"
    archived = await scene.operator.client.patch(path, json={"archived": True}, headers={"If-Match": '"1"'})
    assert archived.json()["archived"] is True
    await clock(scene, NOON + 400 * DAY)
    assert not await scene.harness.published("certification.overdue")
    late = await scene.member()
    await clock(scene, NOON + 401 * DAY)
    assert await runs(scene, late) == []
    assert (await runs(scene, scene.learner))[0]["status"] == "completed"


async def test_a_community_asks_for_so_many_certifications_and_no_more_however_many_are_made_at_once(
    scene, monkeypatch
):
    monkeypatch.setattr(service, "MOST_CERTIFICATIONS", 2)
    body = {"community_id": str(scene.community_id), "valid_months": 12} | ASKED
    answers = await asyncio.gather(
        *(scene.operator.client.post("/v1/certifications", json=body | {"title_zh": f"消防 {n}"}) for n in range(6))
    )
    assert sorted(one.status_code for one in answers) == [201] * 2 + [409] * 4
    path = next(one.headers["Location"] for one in answers if one.status_code == 201)
    archived = await scene.operator.client.patch(path, json={"archived": True}, headers={"If-Match": '"1"'})
    assert archived.status_code == 200
    assert (await scene.operator.client.post("/v1/certifications", json=body)).status_code == 201
    refused = await scene.operator.client.patch(path, json={"archived": False}, headers={"If-Match": '"2"'})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_certifications")


async def test_what_is_asked_of_somebody_is_called_in_their_language(scene):
    one = await certification(scene)
    assert (one["title"], (await matrix(scene, one))["title"]) == ("Fire safety", "Fire safety")
    assert [run["title"] for run in await runs(scene, scene.learner)] == ["Fire safety"]
    scene.learner.client.headers["Accept-Language"] = "zh-CN"
    assert [run["title"] for run in await runs(scene, scene.learner)] == ["消防安全"]
    assert (await scene.learner.client.get(f"/v1/certifications/{one['id']}")).json()["title"] == "消防安全"
