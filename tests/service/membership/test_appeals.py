"""Appeals: who may, until when, who decides, what is taken back, and how far the services are with it."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from chassis.ids import new_id
from chassis.testing import received
from contracts.conduct import GamificationApplied, Left
from services.membership.roster.queries import last_short_mute
from tests.service.membership.penalising import decided, penalise
from tests.service.membership.scene import DAY

WORDS = "那条消息是转发通知，不是广告。"


@pytest.fixture
async def community(scene):
    made = await scene.community()
    await scene.role("版主", made, "moderator")
    await scene.role("运营", made, "operator")
    return made


@pytest.fixture
async def member(scene, community):
    return await scene.member("成员", community)


async def appeal(scene, thing, *, by="成员", kind="penalty", status=201):
    body = {"object": {"kind": kind, "id": str(thing)}, "words": WORDS}
    return await scene.send(scene.again(by), "/v1/appeals", body, status=status)


async def act(scene, made, verb, *, by="owner", status=200, match="*", **body):
    where = f"/v1/appeals/{made['id']}/{verb}"
    return await scene.send(scene.again(by), where, body, status=status, headers={"If-Match": match})


async def read(scene, made, *, by="成员", status=200):
    return await scene.see(scene.again(by), f"/v1/appeals/{made['id']}", status=status)


async def told(scene, part):
    return [(one.type.split(".")[-2], one.data) for one in await scene.harness.published(part)]


def applied(scene, penalty, member, revision, *, version=1, left=(), **undone):
    event = GamificationApplied(
        community_id=UUID(member["community_id"]),
        penalty_id=UUID(penalty),
        member_id=UUID(member["id"]),
        revision=revision,
        undone=undone,
        left=left,
    )
    return received(event, occurred_at=scene.harness.clock(), version=version)


async def test_granted_everything_is_taken_back_and_the_member_reads_how_far_the_services_are(scene, member):
    penalty = await penalise(scene, member, "serious", fine=30)
    made = await appeal(scene, penalty)
    assert (made["status"], made["object"], made["words"]) == ("open", {"kind": "penalty", "id": penalty}, WORDS)
    # What a service has done of the penalty itself is nothing that is taken back.
    await scene.harness.deliver(applied(scene, penalty, member, 1, points_taken=30))
    undecided = await read(scene, made)
    assert (undecided["progress"], undecided["finished"]) == ([], None)
    decided_ = await act(scene, made, "decide", outcome="granted", reason="确为通知，撤销处罚。")
    assert (decided_["status"], decided_["revision"], decided_["finished"]) == ("granted", 2, False)
    shown = await scene.see(scene.again("成员"), f"/v1/penalties/{penalty}")
    assert (shown["undone"], shown["fine"], shown["sanction"], shown["violation_points"]) == (True, 0, None, 0)
    assert (await scene.see(scene.again("owner"), f"/v1/members/{member['id']}"))["status"] == "active"
    assert [kind for kind, _ in await told(scene, ".penalty.")] == ["imposed", "lifted"]
    assert [(kind, data.get("revision")) for kind, data in await told(scene, "appeal.")] == [
        ("lodged", None),
        ("granted", 2),
    ]
    redemption = new_id()
    left = (Left(kind="redemption", id=redemption, code="stays_refunded"),)
    # The answer to an earlier revision comes last, and says nothing of the present one.
    await scene.harness.deliver(applied(scene, penalty, member, 2, version=2, left=left, points_given_back=30))
    await scene.harness.deliver(applied(scene, penalty, member, 1, points_taken=30))
    seen = await read(scene, made)
    own, rewards = (
        next(one for one in seen["progress"] if one["service"] == name) for name in ("membership", "gamification")
    )
    assert (own["answered"], own["undone"]) == (True, {"sanctions": 1})
    assert (rewards["answered"], rewards["undone"]) == (True, {"points_given_back": 30})
    assert [(one["id"], one["code"]) for one in rewards["left"]] == [(str(redemption), "stays_refunded")]
    assert rewards["left"][0]["text"].startswith("It was cancelled")
    others = [one["answered"] for one in seen["progress"] if one["service"] not in ("membership", "gamification")]
    assert seen["finished"] is all(others)


async def test_reduced_the_difference_is_taken_back_alone(scene, member):
    penalty = await penalise(scene, member, "serious", fine=30)
    made = await appeal(scene, penalty)
    until = scene.harness.clock() + timedelta(hours=12)
    for wrong, pointer in (
        ({"fine": 31}, "/fine"),
        ({"sanction": "suspend"}, "/sanction"),
        ({"until": (scene.harness.clock() + 9 * DAY).isoformat()}, "/until"),
        ({}, "#"),
    ):
        refused = await act(scene, made, "decide", outcome="reduced", reason="减轻", status=422, **wrong)
        assert [one["pointer"] for one in refused["errors"]] == [pointer]
    refused = await act(scene, made, "decide", outcome="granted", reason="撤销", fine=1, status=422)
    assert refused["errors"][0]["code"] == "only_reduced"
    stood = await scene.see(scene.again("成员"), f"/v1/penalties/{penalty}")
    assert (await read(scene, made))["changed"] is None
    await act(scene, made, "decide", outcome="reduced", reason="减轻", fine=15, until=until.isoformat())
    shown = await scene.see(scene.again("成员"), f"/v1/penalties/{penalty}")
    assert (shown["fine"], shown["undone"], shown["revision"]) == (15, False, 2)
    assert datetime.fromisoformat(shown["until"]) == until
    for reader in ("成员", "owner"):
        assert (await read(scene, made, by=reader))["changed"] == {
            "before": {"fine": 30, "sanction": "mute", "until": stood["until"]},
            "after": {"fine": 15, "sanction": "mute", "until": shown["until"]},
        }
    scene.harness.clock.advance(DAY)
    await scene.harness.run_timers()
    assert (await scene.see(scene.again("owner"), f"/v1/members/{member['id']}"))["status"] == "active"


async def test_somebody_else_decides_than_who_imposed_it_and_whom_it_is_about(scene, community, member):
    penalty = await penalise(scene, member, "serious", by="运营")
    assert (await scene.see(scene.again("成员"), f"/v1/penalties/{penalty}"))["appeal_id"] is None
    made = await appeal(scene, penalty)
    (own,) = (await scene.see(scene.again("成员"), f"/v1/members/{member['id']}/standing"))["penalties"]
    (seen,) = (await scene.see(scene.again("owner"), "/v1/penalties", community_id=community["id"]))["items"]
    assert own["appeal_id"] == seen["appeal_id"] == made["id"]
    decision = {"outcome": "denied", "reason": "证据充分。"}
    assert (await act(scene, made, "decide", by="运营", status=403, **decision))["code"] == "conflict_of_interest"
    assert (await act(scene, made, "decide", by="成员", status=403, **decision))["code"] == "forbidden"
    # A moderator does not even read it.
    assert (await act(scene, made, "decide", by="版主", status=404, **decision))["code"] == "not_found"
    viewer = (await read(scene, made, by="运营"))["viewer"]
    assert viewer["cannot"]["decide"] == "conflict_of_interest"
    refused = await scene.send(
        scene.admin,
        f"/v1/appeals/{made['id']}/appoint",
        {"person_id": str(scene.people["owner"])},
        status=409,
        headers={"If-Match": "*"},
    )
    assert refused["code"] == "others_may_decide"
    await act(scene, made, "decide", **decision)
    seen = await read(scene, made)
    assert (seen["reason"], seen["progress"], seen["finished"]) == ("证据充分。", [], None)


async def test_a_moderator_reads_the_penalty_that_they_imposed_and_not_that_it_is_appealed_against(scene, member):
    penalty = await penalise(scene, member, "serious", by="版主")
    made = await appeal(scene, penalty)
    assert (await scene.see(scene.again("版主"), f"/v1/penalties/{penalty}"))["appeal_id"] is None
    assert (await scene.see(scene.again("运营"), f"/v1/penalties/{penalty}"))["appeal_id"] == made["id"]


async def test_who_reported_a_deed_or_worked_its_case_decides_no_appeal_about_it(scene, community, member):
    await scene.role("另一运营", community, "operator")
    body = {"community_id": community["id"], "member_id": member["id"], "category": "speech", "words": "辱骂他人"}
    await scene.send(scene.again("运营"), "/v1/conduct-reports", body)
    (case,) = (await scene.see(scene.again("版主"), "/v1/cases", community_id=community["id"]))["items"]
    any_version = {"headers": {"If-Match": "*"}}
    for verb, said in (("claim", None), ("confirm", {"rule": "serious", "reason": "属实"})):
        case = await scene.send(scene.again("owner"), f"/v1/cases/{case['id']}/{verb}", said, **any_version)
    made = await appeal(scene, case["penalty_id"])
    decision = {"outcome": "denied", "reason": "维持。"}
    for party in ("运营", "owner"):
        assert (await act(scene, made, "decide", by=party, status=403, **decision))["code"] == "conflict_of_interest"
    assert made["for_reviewer"] is False
    await act(scene, made, "decide", by="另一运营", **decision)


async def test_two_who_decide_at_once_and_a_second_decision_are_refused(scene, member):
    penalty = await penalise(scene, member, "serious")
    made = await appeal(scene, penalty)
    await act(scene, made, "decide", match='"1"', outcome="denied", reason="维持。")
    stale = await act(scene, made, "decide", by="运营", status=412, match='"1"', outcome="granted", reason="撤销。")
    assert stale["code"] == "precondition_failed"
    again = await act(scene, made, "decide", by="运营", status=409, outcome="granted", reason="撤销。")
    assert (again["code"], again["state"]) == ("illegal_transition", "denied")
    assert not (await scene.see(scene.again("成员"), f"/v1/penalties/{penalty}"))["undone"]


async def test_what_was_taken_back_meanwhile_leaves_nothing_to_decide(scene, community, member):
    penalty, other = [await penalise(scene, member, "minor") for _ in range(2)]
    made = await appeal(scene, penalty)
    queue = f"/v1/appeals?community_id={community['id']}&status=open"
    assert len((await scene.see(scene.again("owner"), queue))["items"]) == 1
    for one in (penalty, other):
        await decided(scene, one, "lift", by="版主", reason="误判")
    assert (await scene.see(scene.again("owner"), queue))["items"] == []
    refused = await act(scene, made, "decide", status=409, outcome="denied", reason="维持。")
    assert (refused["code"], refused["state"]) == ("illegal_transition", "lifted")
    nothing = await appeal(scene, other, status=409)
    assert (nothing["code"], "until" in nothing) == ("nothing_to_appeal", False)


async def test_there_is_one_appeal_within_fourteen_days_and_of_ones_own_alone(scene, community, member):
    penalty, late = [await penalise(scene, member, "minor") for _ in range(2)]
    await scene.member("旁人", community)
    assert (await appeal(scene, penalty, by="旁人", status=404))["code"] == "not_found"
    made = await appeal(scene, penalty)
    assert (await read(scene, made, by="旁人", status=404))["code"] == "not_found"
    assert (await appeal(scene, penalty, status=409))["code"] == "already_appealed"
    scene.harness.clock.advance(14 * DAY)
    over = await appeal(scene, late, status=409)
    own = await scene.see(scene.again("成员"), f"/v1/penalties/{late}")
    assert (over["code"], over["until"]) == ("too_late_to_appeal", own["appeal_until"])
    await appeal(scene, new_id(), status=404)


async def test_one_question_is_put_to_the_member_and_both_are_told(scene, member):
    penalty = await penalise(scene, member, "serious")
    made = await appeal(scene, penalty)
    await act(scene, made, "ask", by="运营", question="原文链接在哪里？")
    asked = await scene.see(scene.again("成员"), "/v1/notifications")
    assert ("appeal.asked", f"/v1/appeals/{made['id']}") in [(one["template"], one["href"]) for one in asked["items"]]
    assert (await act(scene, made, "ask", status=409, question="还有吗？"))["code"] == "already_asked"
    assert (await act(scene, made, "answer", by="运营", status=403, answer="没有"))["code"] == "forbidden"
    await act(scene, made, "answer", by="成员", answer="在公告栏。")
    assert (await act(scene, made, "answer", by="成员", status=409, answer="补充"))["code"] == "illegal_transition"
    answered = await scene.see(scene.again("运营"), "/v1/notifications")
    assert "appeal.answered" in [one["template"] for one in answered["items"]]
    seen = await read(scene, made, by="owner")
    assert (seen["question"], seen["answer"]) == ("原文链接在哪里？", "在公告栏。")
    actions = [one["action"] for one in await scene.audit(member["community_id"])]
    assert {"appeal.create", "appeal.ask", "appeal.answer"} <= set(actions)


async def test_undecided_after_five_working_days_the_sanction_rests_and_goes_on_when_it_is_denied(scene, member):
    penalty = await penalise(scene, member, "grave")
    made = await appeal(scene, penalty)
    due = datetime.fromisoformat(made["due_at"])
    assert due - scene.harness.clock() == 7 * DAY
    # The second person's word comes later: so the sanction lasts longer than those five working days.
    scene.harness.clock.advance(2 * DAY)
    await decided(scene, penalty, "suspend", by="运营")
    rest = 2 * DAY
    until = (await scene.see(scene.again("成员"), f"/v1/penalties/{penalty}"))["until"]
    scene.harness.clock.advance(5 * DAY + timedelta(hours=1))
    await scene.harness.run_timers()
    assert (await scene.see(scene.again("owner"), f"/v1/members/{member['id']}"))["status"] == "active"
    assert datetime.fromisoformat((await read(scene, made))["paused_at"]) == due
    scene.harness.clock.advance(5 * DAY)
    await act(scene, made, "decide", outcome="denied", reason="维持。")
    shown = await scene.see(scene.again("owner"), f"/v1/members/{member['id']}")
    assert shown["status"] == "suspended"
    assert datetime.fromisoformat(shown["status_until"]) == scene.harness.clock() + rest
    assert [data["revision"] for _, data in await told(scene, ".penalty.") if _ == "revised"] == [2, 3, 4]
    # That it rested was no decision: what changed is when it ends.
    changed = (await read(scene, made))["changed"]
    assert (changed["before"]["until"], changed["after"]["until"]) == (until, shown["status_until"])


async def test_a_sanction_that_begins_when_the_appeal_is_late_already_rests_at_once(scene, member):
    penalty = await penalise(scene, member, "grave")
    made = await appeal(scene, penalty)
    scene.harness.clock.advance(8 * DAY)
    await scene.harness.run_timers()
    assert (await read(scene, made))["paused_at"] is None
    await decided(scene, penalty, "suspend", by="运营")
    await scene.harness.run_timers()
    assert datetime.fromisoformat((await read(scene, made))["paused_at"]) == scene.harness.clock()
    assert (await scene.see(scene.again("owner"), f"/v1/members/{member['id']}"))["status"] == "active"
    scene.harness.clock.advance(DAY)
    await act(scene, made, "decide", outcome="denied", reason="维持。")
    shown = await scene.see(scene.again("owner"), f"/v1/members/{member['id']}")
    assert datetime.fromisoformat(shown["status_until"]) == scene.harness.clock() + 7 * DAY


async def test_a_sanction_that_falls_while_it_rests_does_not_come_back_when_its_own_appeal_is_denied(scene, member):
    first = await penalise(scene, member, "serious")
    second = await penalise(scene, member, "serious")
    carrying, carried = await appeal(scene, first), await appeal(scene, second)
    scene.harness.clock.advance(2 * DAY)
    await decided(scene, second, "suspend", by="运营")
    scene.harness.clock.advance(5 * DAY + timedelta(hours=1))
    await scene.harness.run_timers()
    assert (await read(scene, carried))["paused_at"] is not None
    await act(scene, carrying, "decide", outcome="granted", reason="撤销。")
    shown = await scene.see(scene.again("成员"), f"/v1/penalties/{second}")
    assert (shown["sanction"], shown["violation_points"]) == ("mute", 3)
    # Its mute was over before it rested.
    await act(scene, carried, "decide", outcome="denied", reason="维持。")
    assert (await scene.see(scene.again("owner"), f"/v1/members/{member['id']}"))["status"] == "active"


async def test_who_was_expelled_appeals_and_is_a_member_again_with_their_roles(scene, community, member):
    await scene.role("成员", community, "lecturer")
    await penalise(scene, member, "grave")
    penalty = await penalise(scene, member, "grave")
    await decided(scene, penalty, "expel")
    assert (await scene.see(scene.again("owner"), f"/v1/members/{member['id']}"))["status"] == "expelled"
    made = await appeal(scene, penalty)
    done = await act(scene, made, "decide", by="运营", outcome="granted", reason="撤销。")
    own = next(one for one in done["progress"] if one["service"] == "membership")
    assert own["undone"] == {"memberships": 1, "roles": 1}
    back = await scene.see(scene.again("owner"), f"/v1/members/{member['id']}")
    assert (back["status"], back["roles"]) == ("muted", ["lecturer"])


async def test_who_was_expelled_wrongly_has_again_what_nobody_else_has_taken(scene, community, member):
    """The membership with its roles, a group and a mentorship; a group that is full stays without them, and the appeal says so."""
    await scene.role("成员", community, "mentor")
    here = {"community_id": community["id"]}
    for name in ("同伴", "后来"):
        await scene.member(name, community)
    group, full = [
        await scene.send(scene.again("同伴"), "/v1/groups", here | {"name": name, "capacity": 2}, status=201)
        for name in ("晨读", "夜谈")
    ]
    for one in (group, full):
        await scene.send(scene.again("成员"), f"/v1/groups/{one['id']}/join")
    asked = here | {"mentor_id": member["id"], "weeks": 8}
    mentorship = await scene.send(scene.again("同伴"), "/v1/mentorships", asked, status=201)
    path = f"/v1/mentorships/{mentorship['id']}"
    await scene.send(scene.again("成员"), f"{path}/accept")
    await penalise(scene, member, "grave")
    penalty = await penalise(scene, member, "grave")
    await decided(scene, penalty, "expel")
    assert (await scene.see(scene.again("同伴"), path))["status"] == "ended"
    await scene.send(scene.again("后来"), f"/v1/groups/{full['id']}/join")
    scene.harness.clock.advance(DAY)

    made = await appeal(scene, penalty)
    done = await act(scene, made, "decide", by="运营", outcome="granted", reason="撤销。")
    own = next(one for one in done["progress"] if one["service"] == "membership")
    assert own["undone"] == {"memberships": 1, "roles": 1, "groups": 1, "mentorships": 1}
    assert [(one["kind"], one["id"], one["code"]) for one in own["left"]] == [("group", full["id"], "group_full")]
    assert own["left"][0]["text"] == "The group is full meanwhile."
    mine = await scene.see(scene.again("成员"), "/v1/groups", mine="true")
    assert [one["id"] for one in mine["items"]] == [group["id"]]
    assert (await scene.see(scene.again("同伴"), path))["status"] == "active"


async def test_about_who_runs_the_community_a_reviewer_from_outside_decides(scene, community):
    operator = await scene.see(scene.again("owner"), "/v1/members", community_id=community["id"], role="operator")
    penalty = await penalise(scene, operator["items"][0], "serious", by="owner")
    made = await appeal(scene, penalty, by="运营")
    assert made["for_reviewer"] is True
    await scene.client("评审")
    decision = {"outcome": "granted", "reason": "撤销。"}
    assert (await act(scene, made, "decide", status=403, **decision))["code"] == "conflict_of_interest"
    await read(scene, made, by="评审", status=404)
    await scene.see(scene.again("评审"), "/v1/appeals", community_id=community["id"], status=403)
    where, headers = f"/v1/appeals/{made['id']}/appoint", {"If-Match": "*"}
    refused = await scene.send(
        scene.admin, where, {"person_id": str(scene.people["版主"])}, status=422, headers=headers
    )
    assert refused["code"] == "no_reviewer"
    await scene.send(scene.admin, where, {"person_id": str(scene.people["评审"])}, headers=headers)
    assert (await read(scene, made, by="评审"))["viewer"]["can"] == ["decide", "ask"]
    listed = await scene.see(scene.again("评审"), "/v1/appeals", community_id=community["id"])
    assert [one["id"] for one in listed["items"]] == [made["id"]]
    await act(scene, made, "decide", by="评审", **decision)
    assert (await scene.see(scene.again("运营"), f"/v1/penalties/{penalty}"))["undone"]


@pytest.mark.parametrize("times", [1, 2])
async def test_about_somebody_whom_a_penalty_keeps_from_running_the_community_their_colleagues_do_not_decide(
    scene, community, times
):
    """Muted or expelled they run it no more; who ran it beside them is as near to them as before."""
    await scene.role("另一运营", community, "operator")
    found = await scene.see(scene.again("owner"), "/v1/members", community_id=community["id"], role="operator")
    operator = next(one for one in found["items"] if one["display_name"] == "运营")
    for _ in range(times):
        penalty = await penalise(scene, operator, "serious" if times == 1 else "grave")
    if times == 2:
        await decided(scene, penalty, "expel")
    made = await appeal(scene, penalty, by="运营")
    assert made["for_reviewer"] is True
    (listed,) = (await scene.see(scene.again("另一运营"), "/v1/appeals", community_id=community["id"]))["items"]
    assert (listed["for_reviewer"], listed["viewer"]["cannot"]["decide"]) == (True, "conflict_of_interest")
    refused = await act(scene, made, "decide", by="另一运营", status=403, outcome="granted", reason="撤销。")
    assert refused["code"] == "conflict_of_interest"


async def test_a_short_mute_is_appealed_against_too(scene, community, member):
    until = (scene.harness.clock() + DAY).isoformat()
    await scene.send(scene.again("版主"), f"/v1/members/{member['id']}/mute", {"until": until, "reason": "刷屏"})

    async with scene.harness.runtime.database.reading() as session:
        mute = await last_short_mute(session, UUID(member["id"]))
    assert mute is not None
    made = await appeal(scene, mute.id, kind="short_mute")
    refused = await act(scene, made, "decide", outcome="reduced", reason="减轻", until=until, status=422)
    assert refused["errors"][0]["code"] == "not_reducible"
    done = await act(scene, made, "decide", outcome="granted", reason="撤销。")
    assert (done["finished"], done["progress"], done["revision"]) == (True, None, None)
    assert (await scene.see(scene.again("owner"), f"/v1/members/{member['id']}"))["status"] == "active"


async def test_the_desk_counts_what_nobody_has_decided(scene, community, member):
    penalty = await penalise(scene, member, "minor")
    await appeal(scene, penalty)
    queue = await scene.see(scene.again("owner"), "/internal/desk", community_id=community["id"])
    assert next(one for one in queue if one["code"] == "appeals_undecided")["count"] == 1
