"""Cases: one for each deed, worked by who is no party to it, decided once, and forgotten when it is too old."""

import asyncio
from uuid import UUID

import pytest

from chassis.ids import new_id
from chassis.testing import received
from contracts.content import ContentFlagged, ContentReported, FlaggedObject
from services.membership.cases import service
from tests.service.membership.penalising import decided, penalise
from tests.service.membership.scene import DAY

THING = {"kind": "discussion", "id": str(new_id())}
WORDS = "在讨论区辱骂他人"


@pytest.fixture
async def community(scene):
    made = await scene.community()
    for name in ("版主", "另一版主"):
        await scene.role(name, made, "moderator")
    await scene.role("运营", made, "operator")
    return made


@pytest.fixture
async def member(scene, community):
    await scene.member("举报人", community)
    await scene.member("另一位", community)
    return await scene.member("成员", community)


async def report(scene, member, *, by="举报人", status=None, thing=THING, **fields):
    body = {"community_id": member["community_id"], "member_id": member["id"], "category": "speech", "words": WORDS}
    return await scene.send(scene.again(by), "/v1/conduct-reports", body | {"object": thing} | fields, status=status)


async def queue(scene, community, *, by="版主"):
    return (await scene.see(scene.again(by), "/v1/cases", community_id=community["id"]))["items"]


async def waiting(scene, community):
    path = f"/v1/cases?community_id={community['id']}&status=open"
    return (await scene.see(scene.again("版主"), path))["items"]


async def act(scene, case, verb, body=None, *, by="版主", status=200, version="*"):
    path = f"/v1/cases/{case['id']}/{verb}"
    return await scene.send(scene.again(by), path, body, status=status, headers={"If-Match": version})


async def confirmed(scene, case, *, by="版主", rule="serious", status=200, **fields):
    await act(scene, case, "claim", by=by)
    return await act(scene, case, "confirm", {"rule": rule, "reason": "属实"} | fields, by=by, status=status)


async def test_reports_of_one_thing_are_one_case_and_tell_nobody_who_reported(scene, community, member):
    made = await report(scene, member)
    assert "case" not in str(made)
    assert (await report(scene, member, status=200))["id"] == made["id"]
    await report(scene, member, by="另一位", category="advertising")
    (case,) = await queue(scene, community)
    assert (case["reports"], case["status"], case["category"]) == (2, "open", "speech")
    told = await scene.told("case.")
    assert len(told) == 1
    assert set(told[0]) == {"community_id", "case_id", "object"}
    reports = await scene.see(scene.again("版主"), f"/v1/cases/{case['id']}/reports")
    assert [one["reporter"]["display_name"] for one in reports["items"]] == ["举报人", "另一位"]
    await scene.see(scene.again("成员"), f"/v1/cases/{case['id']}", status=403)
    assert await scene.see(scene.again("成员"), "/v1/cases", community_id=community["id"], status=403)


@pytest.mark.parametrize("thing", [THING, None])
async def test_what_somebody_says_otherwise_of_what_they_reported_is_refused_and_not_lost(
    scene, community, member, thing
):
    made = await report(scene, member, thing=thing)
    later = {"happened_at": (scene.harness.clock() + DAY / 24).isoformat()}
    scene.harness.clock.advance(DAY / 2)
    for other in ({"words": "又在评论区辱骂他人"}, {"category": "advertising"}, later):
        refused = await report(scene, member, thing=thing, status=409, **other)
        assert (refused["code"], refused["report_id"]) == ("already_reported", made["id"])
    assert await report(scene, member, thing=thing, status=200) == made
    (case,) = await queue(scene, community)
    reports = await scene.see(scene.again("版主"), f"/v1/cases/{case['id']}/reports")
    assert [(one["category"], one["words"]) for one in reports["items"]] == [("speech", WORDS)]


async def test_two_moderators_on_one_case_the_second_is_told_what_there_is(scene, community, member):
    await report(scene, member)
    (case,) = await queue(scene, community)
    seen = await scene.again("版主").get(f"/v1/cases/{case['id']}")
    etag = seen.headers["ETag"]
    answers = await asyncio.gather(
        *(
            scene.again(name).post(f"/v1/cases/{case['id']}/claim", headers={"If-Match": etag})
            for name in ("版主", "另一版主")
        )
    )
    assert sorted(one.status_code for one in answers) == [200, 412]
    (late,) = [one for one in answers if one.status_code == 412]
    (first,) = [one for one in answers if one.status_code == 200]
    assert late.json()["current"] == first.headers["ETag"]
    assert (await scene.again("版主").post(f"/v1/cases/{case['id']}/claim")).status_code in (428, 409)


async def test_confirming_brings_the_penalty_that_the_ladder_says(scene, community, member):
    await report(scene, member)
    (case,) = await queue(scene, community)
    done = await confirmed(scene, case, words="请注意言辞")
    assert (done["status"], done["rule"]) == ("confirmed", {"code": "serious", "version": 0, "rule_set_id": None})
    penalty = await scene.see(scene.again("成员"), f"/v1/penalties/{done['penalty_id']}")
    assert (penalty["sanction"], penalty["fine"], penalty["words"]) == ("mute", 30, "请注意言辞")
    assert penalty["objects"] == [THING]
    assert (await act(scene, case, "dismiss", {"reason": "误判"}, status=409))["code"] == "illegal_transition"
    refused = await report(scene, member, by="另一位", new_evidence=True, status=409)
    assert refused["code"] == "case_decided"
    trail = [entry["action"] for entry in await scene.audit(community["id"])]
    assert trail[-2:] == ["case.claim", "case.confirm"]


async def test_the_rule_is_that_of_the_version_in_force_at_the_deed(scene, community, member):
    rule = {"code": "abuse", "category": "speech", "title": "不辱骂", "text": "尊重他人。", "severity": "minor"}
    for severity in ("minor", "grave"):
        body = {"community_id": community["id"], "rules": [rule | {"severity": severity}]}
        made = await scene.send(scene.again("owner"), "/v1/rule-sets", body)
        await scene.send(scene.again("owner"), f"/v1/rule-sets/{made['id']}/publish")
        if severity == "minor":
            await report(scene, member)
            then = made["id"]
        scene.harness.clock.advance(DAY)
    (case,) = await queue(scene, community)
    # A screen reads there which rules it may confirm, and the member what they broke.
    assert (await scene.see(scene.again("版主"), f"/v1/cases/{case['id']}"))["rule_set_id"] == then
    done = await confirmed(scene, case, rule="abuse")
    assert done["rule"] == {"code": "abuse", "version": 1, "rule_set_id": then}
    penalty = await scene.see(scene.again("owner"), f"/v1/penalties/{done['penalty_id']}")
    assert penalty["rule"] == done["rule"]
    assert (penalty["severity"], penalty["violation_points"]) == ("minor", 1)


@pytest.mark.parametrize(("fields", "code"), [({"rule": "none"}, "unknown_rule"), ({"fine": 31}, "invalid")])
async def test_a_wrong_decision_changes_nothing(scene, community, member, fields, code):
    await report(scene, member)
    (case,) = await queue(scene, community)
    assert (await confirmed(scene, case, status=422, **fields))["code"] == code
    (still,) = await queue(scene, community)
    assert still["status"] == "claimed"
    assert await scene.told("penalty.") == []


@pytest.mark.parametrize("party", ["reporter", "target"])
async def test_no_party_works_the_case_nor_reads_it(scene, community, member, party):
    target = member if party == "reporter" else (await queue_member(scene, community, "版主"))
    await report(scene, target, by="版主" if party == "reporter" else "举报人")
    assert await queue(scene, community) == []
    (case,) = await queue(scene, community, by="另一版主")
    assert (await act(scene, case, "claim", status=403))["code"] == "conflict_of_interest"
    await scene.see(scene.again("版主"), f"/v1/cases/{case['id']}", status=403)
    await scene.see(scene.again("版主"), f"/v1/cases/{case['id']}/reports", status=403)
    await act(scene, case, "claim", by="另一版主")


@pytest.mark.parametrize("party", ["版主", "举报人"])
async def test_the_desk_tells_no_party_that_there_is_a_case(scene, community, member, party):
    about = await queue_member(scene, community, "版主")
    by = "另一版主" if party == "举报人" else "举报人"
    await report(scene, about, by=by)
    told = {"版主": 0, "另一版主": int(party == "版主"), "运营": 1}
    for name, count in told.items():
        desk = await scene.see(scene.again(name), "/internal/desk", community_id=community["id"])
        (cases,) = [one for one in desk if one["code"] == "cases_open"]
        assert (name, cases["count"], cases["oldest_at"] is None) == (name, count, count == 0)


async def test_who_has_used_up_their_reports_is_told_when_they_may_report_again(scene, community, member, monkeypatch):
    monkeypatch.setattr(service, "A_DAY", 2)
    clock = scene.harness.clock
    await report(scene, member)
    clock.advance(DAY / 4)
    others = [await queue_member(scene, community, name) for name in ("另一位", "运营", "版主")]
    body = {"community_id": community["id"], "category": "speech", "words": WORDS}
    by = scene.again("举报人")
    asked = [by.post("/v1/conduct-reports", json=body | {"member_id": one["id"]}) for one in others]
    answers = await asyncio.gather(*asked)
    assert sorted(one.status_code for one in answers) == [201, 429, 429]
    refused = next(one for one in answers if one.status_code == 429)
    assert (refused.json()["code"], refused.headers["Retry-After"]) == ("reports_used_up", str(18 * 3600))
    clock.advance(3 * DAY / 4)
    await report(scene, others[0], thing=THING, status=201)


async def queue_member(scene, community, name):
    found = await scene.see(scene.again("owner"), "/v1/members", community_id=community["id"], q=name)
    return found["items"][0]


@pytest.mark.parametrize("path", ["/v1/conduct-reports", "/v1/appeals"])
async def test_what_is_of_a_kind_that_nobody_has_is_refused_in_the_readers_language(scene, community, member, path):
    body = {"object": {"kind": "banana", "id": str(new_id())}, "words": WORDS}
    if path == "/v1/conduct-reports":
        body |= {"community_id": community["id"], "member_id": member["id"], "category": "speech"}
    for language, said in (("en", "reply"), ("zh-CN", "可选：")):
        refused = await scene.send(scene.again("举报人"), path, body, status=422, headers={"Accept-Language": language})
        (error,) = refused["errors"]
        assert (error["pointer"], error["code"], said in error["detail"]) == ("/object/kind", "literal_error", True)
    assert await queue(scene, community) == []


async def test_a_dismissed_case_opens_again_on_new_evidence_by_somebody_else(scene, community, member):
    await report(scene, member)
    (case,) = await queue(scene, community)
    await act(scene, case, "claim")
    await act(scene, case, "dismiss", {"reason": "看不出违规"})
    assert (await report(scene, member, new_evidence=True, status=409))["code"] == "case_decided"
    assert (await report(scene, member, by="另一位", status=409))["code"] == "case_decided"
    await report(scene, member, by="另一位", new_evidence=True)
    (again,) = await queue(scene, community)
    assert (again["id"], again["status"], again["claimed_by"]) == (case["id"], "open", None)


async def test_a_reporter_who_was_wrong_comes_later_in_the_queue_and_is_heard_all_the_same(scene, community, member):
    for _ in range(2):
        await report(scene, member, thing={"kind": "reply", "id": str(new_id())})
        (case,) = await waiting(scene, community)
        await act(scene, case, "claim")
        await act(scene, case, "dismiss", {"reason": "无据"})
    await report(scene, member, thing={"kind": "reply", "id": str(new_id())})
    scene.harness.clock.advance(DAY)
    await report(scene, member, by="另一位", thing={"kind": "article", "id": str(new_id())})
    kinds = [one["object"]["kind"] for one in await waiting(scene, community)]
    assert kinds == ["article", "reply"]


async def test_without_a_thing_it_is_one_case_until_it_is_decided(scene, community, member):
    await report(scene, member, thing=None)
    await report(scene, member, by="另一位", thing=None)
    (case,) = await queue(scene, community)
    await confirmed(scene, case, rule="minor")
    await report(scene, member, thing=None)
    assert len(await queue(scene, community)) == 2


async def test_what_is_too_old_is_no_case_and_what_reporters_wrote_is_forgotten(scene, community, member):
    long_ago = (scene.harness.clock() - 180 * DAY).isoformat()
    assert (await report(scene, member, happened_at=long_ago, status=409))["code"] == "deed_too_old"
    await report(scene, member)
    (case,) = await queue(scene, community)
    await act(scene, case, "claim")
    scene.harness.clock.advance(180 * DAY)
    refused = await act(scene, case, "confirm", {"rule": "minor", "reason": "属实"}, status=409)
    assert refused["code"] == "deed_too_old"
    await scene.harness.run_timers()
    (old,) = await queue(scene, community)
    assert old["status"] == "dismissed"
    reports = await scene.see(scene.again("版主"), f"/v1/cases/{case['id']}/reports")
    assert [one["words"] for one in reports["items"]] == [None]


async def test_about_an_owner_only_a_reviewer_decides_whom_an_administrator_appoints(scene, community, member):
    owner = await queue_member(scene, community, "owner")
    await report(scene, owner)
    assert await queue(scene, community) == await queue(scene, community, by="运营") == []
    (case,) = (await scene.see(scene.admin, "/v1/cases/without-reviewer"))["items"]
    assert (await act(scene, case, "claim", by="运营", status=403))["code"] == "conflict_of_interest"
    outsider = await scene.client("外部评审")
    body = {"person_id": str(scene.people["外部评审"])}
    await scene.see(outsider, f"/v1/cases/{case['id']}", status=403)
    inside = {"person_id": str(scene.people["版主"])}
    refused = await scene.send(scene.admin, f"/v1/cases/{case['id']}/appoint-reviewer", inside, status=403)
    assert refused["code"] == "conflict_of_interest"
    await scene.send(scene.admin, f"/v1/cases/{case['id']}/appoint-reviewer", body)
    assert [one["id"] for one in await queue(scene, community, by="外部评审")] == [case["id"]]
    await act(scene, case, "claim", by="外部评审")
    # Who is appointed again keeps what they claimed.
    await scene.send(scene.admin, f"/v1/cases/{case['id']}/appoint-reviewer", body)
    done = await act(scene, case, "confirm", {"rule": "serious", "reason": "属实"}, by="外部评审")
    assert done["status"] == "confirmed"
    # Nobody who may not decide there takes it back either.
    path = f"/v1/penalties/{done['penalty_id']}"
    assert (await scene.see(scene.again("运营"), path))["viewer"]["cannot"]["lift"] == "conflict_of_interest"
    lift = {"reason": "给所有者面子"}
    refused = await scene.send(scene.again("运营"), f"{path}/lift", lift, status=403, headers={"If-Match": "*"})
    assert refused["code"] == "conflict_of_interest"
    assert (await scene.see(scene.again("owner"), path))["undone"] is False
    # Owners read the trail of their community, also whom it is about.
    assert [one["action"] for one in await scene.audit(community["id"]) if one["action"].startswith("case.")] == []
    # This case, and no other.
    await report(scene, member, by="另一位")
    (other,) = await queue(scene, community)
    await scene.see(outsider, f"/v1/cases/{other['id']}", status=403)


async def test_who_runs_the_community_meanwhile_is_left_to_a_reviewer(scene, community, member):
    await report(scene, member)
    (case,) = await queue(scene, community)
    await act(scene, case, "claim")
    await scene.send(scene.again("owner"), "/v1/role-grants", {"member_id": member["id"], "role": "operator"})
    assert await queue(scene, community) == []
    decision = {"rule": "serious", "reason": "属实"}
    assert (await act(scene, case, "confirm", decision, status=403))["code"] == "conflict_of_interest"
    await scene.client("外部评审")
    body = {"person_id": str(scene.people["外部评审"])}
    await scene.send(scene.admin, f"/v1/cases/{case['id']}/appoint-reviewer", body)
    await act(scene, case, "claim", by="外部评审")
    await act(scene, case, "confirm", decision, by="外部评审")


async def test_whose_expulsion_is_lifted_runs_the_community_again_and_only_a_reviewer_decides(scene, community, member):
    await scene.send(scene.again("owner"), "/v1/role-grants", {"member_id": member["id"], "role": "operator"})
    await penalise(scene, member, "grave")
    penalty = await penalise(scene, member, "grave", by="版主")
    await decided(scene, penalty, "expel")
    # Reported while they are nobody there.
    await report(scene, member)
    (case,) = await queue(scene, community)
    await act(scene, case, "claim")
    scene.harness.clock.advance(DAY)
    await decided(scene, penalty, "lift", reason="看错了人")
    assert await queue(scene, community) == []
    assert (await act(scene, case, "dismiss", {"reason": "放过"}, status=403))["code"] == "conflict_of_interest"
    (left,) = (await scene.see(scene.admin, "/v1/cases/without-reviewer"))["items"]
    assert left["id"] == case["id"]


async def grants_of(scene, community, name):
    found = await scene.see(scene.again("owner"), "/v1/role-grants", community_id=community["id"])
    return [one["id"] for one in found["items"] if one["member"]["display_name"] == name]


@pytest.mark.parametrize("how", ["revoked", "left"])
async def test_what_a_moderator_had_claimed_is_open_again_when_they_are_none_any_more(scene, community, member, how):
    await report(scene, member)
    (case,) = await queue(scene, community)
    await act(scene, case, "claim")
    if how == "left":
        moderator = await queue_member(scene, community, "版主")
        await scene.send(scene.again("版主"), f"/v1/members/{moderator['id']}/leave")
    else:
        (grant,) = await grants_of(scene, community, "版主")
        await scene.send(scene.again("owner"), f"/v1/role-grants/{grant}/revoke")
    (again,) = await queue(scene, community, by="owner")
    assert (again["id"], again["status"], again["claimed_by"]) == (case["id"], "open", None)
    desk = await scene.see(scene.again("owner"), "/internal/desk", community_id=community["id"])
    assert [one["count"] for one in desk if one["code"] == "cases_open"] == [1]
    await act(scene, again, "claim", by="owner")


async def test_where_all_who_might_decide_are_parties_a_reviewer_does(scene, community, member):
    for name in ("owner", "运营"):
        await report(scene, member, by=name)
    await report(scene, member, by="owner", thing=None)
    for name in ("版主", "另一版主"):
        assert (await scene.see(scene.admin, "/v1/cases/without-reviewer"))["items"] == []
        (grant,) = await grants_of(scene, community, name)
        await scene.send(scene.again("owner"), f"/v1/role-grants/{grant}/revoke")
    (left,) = (await scene.see(scene.admin, "/v1/cases/without-reviewer"))["items"]
    # The other one the operator decides about, who is no party to it.
    (theirs,) = await queue(scene, community, by="运营")
    assert left["id"] != theirs["id"]


async def test_who_says_that_it_was_long_ago_keeps_nobody_from_being_heard(scene, community, member):
    clock = scene.harness.clock
    soon_too_old = (clock() - 180 * DAY + DAY / 24).isoformat()
    await report(scene, member, happened_at=soon_too_old)
    clock.advance(DAY)
    await scene.harness.run_timers()
    assert (await report(scene, member, by="另一位", status=409))["code"] == "case_decided"
    truly = (clock() - 2 * DAY).isoformat()
    # Whoever said that it was long ago does not say otherwise afterwards.
    assert (await report(scene, member, happened_at=truly, status=409))["code"] == "case_decided"
    await report(scene, member, by="另一位", happened_at=truly, status=201)
    (case,) = await queue(scene, community)
    assert (case["status"], case["reports"], case["deed_at"]) == ("open", 2, truly.replace("+00:00", "Z"))
    clock.advance(DAY)
    await scene.harness.run_timers()
    assert (await confirmed(scene, case))["status"] == "confirmed"


async def test_who_reported_it_is_no_second_person(scene, community, member):
    await report(scene, member, by="运营")
    (case,) = await queue(scene, community)
    done = await confirmed(scene, case, rule="grave")
    path = f"/v1/penalties/{done['penalty_id']}"
    for verb in ("suspend", "forgo"):
        refused = await scene.send(scene.again("运营"), f"{path}/{verb}", status=403, headers={"If-Match": "*"})
        assert refused["code"] == "conflict_of_interest"
    assert (await scene.see(scene.again("运营"), path))["viewer"]["cannot"]["suspend"] == "conflict_of_interest"
    await scene.send(scene.again("owner"), f"{path}/suspend", headers={"If-Match": "*"})


async def test_nobody_reports_themselves_nor_who_is_no_member_nor_without_end(scene, community, member):
    assert (await report(scene, member, by="成员", status=403))["code"] == "conflict_of_interest"
    elsewhere = {"id": str(new_id()), "community_id": community["id"]}
    assert (await report(scene, elsewhere, status=422))["code"] == "unknown_member"
    for _ in range(20):
        await report(scene, member, thing={"kind": "reply", "id": str(new_id())})
    refused = await report(scene, member, thing={"kind": "reply", "id": str(new_id())}, status=429)
    assert refused["code"] == "reports_used_up"


async def test_what_content_tells_of_a_thing_is_the_same_case(scene, community, member):
    thing = FlaggedObject(
        service="content",
        kind="discussion",
        id=UUID(THING["id"]),
        root_id=UUID(THING["id"]),
        author_ids=(UUID(member["id"]),),
    )
    here = UUID(community["id"])
    reported = ContentReported(community_id=here, object=thing, category="abuse", count=3)
    flagged = ContentFlagged(community_id=here, object=thing, action="hold", rule_category="ads", by="scanner")
    fewer, now = reported.model_copy(update={"count": 2}), scene.harness.clock()
    for version, message in ((3, reported), (1, flagged), (2, fewer)):
        await scene.harness.deliver(received(message, occurred_at=now, version=version), times=2)
    await report(scene, member)
    (case,) = await queue(scene, community)
    assert (case["reports"], case["found"], case["category"]) == (4, True, "speech")
    assert case["object"] == THING
