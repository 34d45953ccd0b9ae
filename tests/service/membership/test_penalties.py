"""Penalties: the ladder, the second person, ends by the clock, lifting, and what the member and nobody else reads."""

from datetime import timedelta

import pytest

from chassis.ids import new_id
from tests.service.membership.penalising import decided, penalise
from tests.service.membership.scene import DAY


@pytest.fixture
async def community(scene):
    made = await scene.community()
    await scene.role("版主", made, "moderator")
    await scene.role("运营", made, "operator")
    return made


@pytest.fixture
async def member(scene, community):
    return await scene.member("成员", community)


async def seen(scene, member, *, by="owner"):
    return await scene.see(scene.again(by), f"/v1/members/{member['id']}")


async def standing(scene, member, *, by="成员", status=200):
    return await scene.see(scene.again(by), f"/v1/members/{member['id']}/standing", status=status)


async def test_points_add_up_and_the_ladder_answers_them(scene, member):
    await penalise(scene, member, "minor")
    assert (await seen(scene, member))["status"] == "active"
    await penalise(scene, member, "minor")
    await penalise(scene, member, "minor")
    now = await seen(scene, member)
    until = scene.harness.clock() + 3 * DAY
    assert (now["status"], now["status_until"]) == ("muted", until.isoformat().replace("+00:00", "Z"))
    page = await standing(scene, member)
    assert (page["violation_points"], page["sanction"], len(page["penalties"])) == (3, "mute", 3)
    assert page["penalties"][0]["words"] == "请遵守规则"


async def test_it_is_told_with_revisions_and_ends_as_of_when_it_was_due_though_no_worker_ran(scene, member):
    penalty = await penalise(scene, member, "serious", fine=30)
    until = scene.harness.clock() + 3 * DAY
    scene.harness.clock.advance(4 * DAY)
    assert (await seen(scene, member))["status"] == "active"
    await scene.harness.run_timers()
    told = await scene.harness.published("penalty.")
    assert [(one.type.split(".")[-2], one.version, one.data["revision"]) for one in told] == [
        ("imposed", 1, 1),
        ("ended", 2, 1),
    ]
    assert told[0].data["fine"] == 30
    assert told[0].data["from"] == told[1].data["from"]
    assert told[1].occurred_at == until
    assert {one.subject for one in told} == {penalty}
    sanctions = await scene.harness.published("sanction.changed")
    assert [(one.data["status"], one.occurred_at == until) for one in sanctions] == [("muted", False), ("none", True)]


async def test_a_suspension_waits_for_a_second_person_and_until_then_the_member_is_muted(scene, member):
    penalty = await penalise(scene, member, "grave")
    assert (await seen(scene, member))["status"] == "muted"
    assert (await decided(scene, penalty, "suspend", by="版主", status=403))["code"] == "forbidden"
    shown = await scene.see(scene.again("成员"), f"/v1/penalties/{penalty}")
    assert (shown["sanction"], shown["proposed"]) == ("mute", None)
    scene.harness.clock.advance(DAY)
    agreed = await decided(scene, penalty, "suspend", by="运营")
    assert (agreed["sanction"], agreed["revision"], agreed["proposed"]) == ("suspend", 2, None)
    assert (await seen(scene, member))["status"] == "suspended"
    assert (await decided(scene, penalty, "suspend", status=409))["code"] == "illegal_transition"
    # They read their own page all the same.
    assert (await standing(scene, member))["sanction"] == "suspend"


@pytest.mark.parametrize(("verb", "status"), [("suspend", "suspended"), ("expel", "expelled")])
async def test_a_mute_that_was_over_when_the_second_person_agreed_ended_when_it_did(scene, member, verb, status):
    await penalise(scene, member, "grave")
    scene.harness.clock.advance(90 * DAY)
    penalty = await penalise(scene, member, "grave")
    over = scene.harness.clock() + 3 * DAY
    # No worker runs meanwhile.
    scene.harness.clock.advance(10 * DAY)
    now = scene.harness.clock()
    before = len(await scene.harness.published("sanction.changed"))
    await decided(scene, penalty, verb)
    assert (await seen(scene, member))["status"] == status
    ended, agreed = [one for one in await scene.harness.published("penalty.") if one.subject == penalty][1:]
    assert (ended.type.split(".")[-2], ended.occurred_at, ended.data["revision"]) == ("ended", over, 1)
    assert (agreed.data["sanction"], agreed.data["from"], agreed.occurred_at) == (verb, _of(now), now)
    changed = (await scene.harness.published("sanction.changed"))[before:]
    first = changed[0]
    assert (first.data["status"], first.occurred_at) == ("none", over)
    assert [one.data["status"] for one in changed[1:]] == (["suspended"] if verb == "suspend" else [])
    await scene.harness.run_timers()
    assert (await seen(scene, member))["status"] == status
    assert len([one for one in await scene.told("penalty.ended") if one["penalty_id"] == penalty]) == 1


async def test_nobody_agrees_to_more_than_the_ladder_says_once_another_penalty_is_lifted(scene, member):
    first = await penalise(scene, member, "serious")
    second = await penalise(scene, member, "serious")
    path = f"/v1/penalties/{second}"
    assert (await scene.see(scene.again("owner"), path))["proposed"] == "suspend"
    anyhow = {"headers": {"If-Match": "*"}}
    await scene.send(scene.again("版主"), f"/v1/penalties/{first}/lift", {"reason": "看错了"}, **anyhow)
    left = await scene.see(scene.again("owner"), path)
    assert (left["sanction"], left["proposed"]) == ("mute", None)
    assert left["viewer"]["cannot"]["suspend"] == "illegal_transition"
    await scene.send(scene.again("运营"), f"{path}/suspend", status=409, **anyhow)
    assert (await standing(scene, member))["sanction"] == "mute"


async def test_a_suspension_falls_to_what_the_ladder_says_without_the_penalty_that_carried_it(scene, community, member):
    first = await penalise(scene, member, "serious")
    until = scene.harness.clock() + 4 * DAY
    scene.harness.clock.advance(DAY)
    second = await penalise(scene, member, "serious")
    await decided(scene, second, "suspend")
    scene.harness.clock.advance(DAY)
    assert (await seen(scene, member))["status"] == "suspended"
    await decided(scene, first, "lift", by="版主", reason="看错了")
    now = await seen(scene, member)
    # As long as the mute would have lasted from the beginning.
    assert (now["status"], now["status_until"]) == ("muted", _of(until))
    left = await scene.see(scene.again("成员"), f"/v1/penalties/{second}")
    assert (left["sanction"], left["until"], left["violation_points"], left["undone"]) == ("mute", _of(until), 3, False)
    assert [one.data["revision"] for one in await scene.harness.published("penalty.revised")] == [2, 3]
    last = [one["action"] for one in await scene.audit(community["id"])][-2:]
    assert sorted(last) == ["penalty.lessen", "penalty.lift"]


@pytest.mark.parametrize("lifted", ["before", "after"])
async def test_a_suspension_that_stands_on_its_own_points_stays(scene, member, lifted):
    others = [await penalise(scene, member, "minor")]
    scene.harness.clock.advance(DAY)
    grave = await penalise(scene, member, "grave")
    await decided(scene, grave, "suspend")
    scene.harness.clock.advance(DAY)
    others.append(await penalise(scene, member, "minor"))
    await decided(scene, others[lifted == "after"], "lift", reason="重复")
    assert (await scene.see(scene.again("成员"), f"/v1/penalties/{grave}"))["sanction"] == "suspend"
    assert (await seen(scene, member))["status"] == "suspended"


async def test_an_expulsion_falls_to_a_suspension_and_the_membership_goes_on(scene, member):
    first = await penalise(scene, member, "grave")
    scene.harness.clock.advance(DAY)
    second = await penalise(scene, member, "grave")
    await decided(scene, second, "expel")
    until = scene.harness.clock() + 7 * DAY
    scene.harness.clock.advance(DAY)
    await decided(scene, first, "lift", reason="看错了人")
    back = await seen(scene, member)
    assert (back["status"], back["status_until"], back["joined_at"]) == ("suspended", _of(until), member["joined_at"])


async def test_a_mute_that_three_small_deeds_brought_falls_with_one_of_them(scene, member):
    small = []
    for _ in range(3):
        small.append(await penalise(scene, member, "minor"))
        scene.harness.clock.advance(DAY / 24)
    assert (await seen(scene, member))["status"] == "muted"
    await decided(scene, small[1], "lift", reason="重复")
    assert (await seen(scene, member))["status"] == "active"
    page = await standing(scene, member)
    assert (page["violation_points"], page["sanction"]) == (2, None)


async def test_who_proposed_it_is_no_second_person(scene, member):
    penalty = await penalise(scene, member, "grave", by="运营")
    assert (await decided(scene, penalty, "suspend", by="运营", status=403))["code"] == "conflict_of_interest"
    read = await scene.see(scene.again("运营"), f"/v1/penalties/{penalty}")
    assert read["viewer"]["cannot"]["suspend"] == "conflict_of_interest"
    forgone = await decided(scene, penalty, "forgo")
    assert (forgone["sanction"], forgone["proposed"], forgone["revision"]) == ("mute", None, 1)


async def expelled(scene, member):
    await penalise(scene, member, "grave")
    penalty = await penalise(scene, member, "grave")
    await decided(scene, penalty, "expel")
    return penalty


async def test_an_expulsion_ends_the_membership_and_the_member_still_reads_why(scene, community, member):
    penalty = await expelled(scene, member)
    assert (await seen(scene, member))["status"] == "expelled"
    (left,) = await scene.told("member.left")
    assert left["status"] == "left"
    assert (await scene.see(scene.again("成员"), f"/v1/penalties/{penalty}"))["until"] is None
    assert (await standing(scene, member))["sanction"] == "expel"
    row = {"employee_no": scene.numbers["成员"], "joined_at": scene.harness.clock().isoformat()}
    _, (error,) = await scene.import_members(community, [row])
    assert error["code"] == "expelled"


async def test_an_expulsion_that_is_lifted_lets_the_membership_go_on_with_its_roles(scene, community, member):
    granted = {"member_id": member["id"], "role": "lecturer"}
    await scene.send(scene.again("owner"), "/v1/role-grants", granted)
    penalty = await expelled(scene, member)
    assert (await seen(scene, member))["roles"] == []
    scene.harness.clock.advance(DAY)
    lifted = await decided(scene, penalty, "lift", reason="看错了人")
    assert (lifted["undone"], lifted["violation_points"], lifted["sanction"]) == (True, 0, None)
    back = await seen(scene, member)
    # Muted by the other one, which stands.
    assert (back["status"], back["roles"]) == ("muted", ["lecturer"])
    assert back["joined_at"] == member["joined_at"]
    assert [one["status"] for one in await scene.told("member.joined")][-1] == "active"


async def test_who_had_left_before_does_not_come_back_by_lifting(scene, member):
    await penalise(scene, member, "grave")
    penalty = await penalise(scene, member, "grave")
    await scene.send(scene.again("成员"), f"/v1/members/{member['id']}/leave")
    scene.harness.clock.advance(timedelta(hours=1))
    await decided(scene, penalty, "expel")
    assert (await seen(scene, member))["status"] == "expelled"
    await decided(scene, penalty, "lift", reason="看错了人")
    assert (await seen(scene, member))["status"] == "left"
    assert len(await scene.told("member.left")) == 1


async def test_the_last_owner_is_not_expelled(scene, community):
    (owner,) = (await scene.see(scene.again("owner"), "/v1/people/me"))["memberships"]
    member = {"id": owner["member_id"]}
    await penalise(scene, member, "grave")
    penalty = await penalise(scene, member, "grave")
    refused = await decided(scene, penalty, "expel", by="运营", status=409)
    assert refused["code"] == "last_owner"


async def test_lifting_takes_back_what_this_one_brought_alone(scene, member):
    first = await penalise(scene, member, "serious")
    scene.harness.clock.advance(DAY)
    second = await penalise(scene, member, "minor")
    assert (await seen(scene, member))["status_until"] == _iso(scene, 3)
    await decided(scene, second, "lift", reason="重复")
    assert (await seen(scene, member))["status_until"] == _iso(scene, 2)
    assert (await decided(scene, second, "lift", status=409, reason="重复"))["code"] == "illegal_transition"
    await decided(scene, first, "lift", by="版主", reason="看错了")
    assert (await seen(scene, member))["status"] == "active"
    assert (await standing(scene, member))["violation_points"] == 0
    assert [one["revision"] for one in await scene.told("penalty.lifted")] == [2, 2]


async def test_a_mute_that_outlasts_a_suspension_holds_by_the_clock_and_everybody_is_told_ahead(scene, member):
    first = await penalise(scene, member, "grave")
    await decided(scene, first, "suspend")
    over = scene.harness.clock() + 7 * DAY
    scene.harness.clock.advance(5 * DAY)
    second = await penalise(scene, member, "minor")
    now = await seen(scene, member)
    assert (now["status"], now["status_until"]) == ("suspended", _of(over))
    muted = scene.harness.clock() + 3 * DAY
    told = [one.data for one in await scene.harness.published("sanction.changed")][-1]
    assert (told["status"], told["then_muted_until"], told["penalty_ids"]) == ("suspended", _of(muted), [first])
    asked = {"pairs": [{"person_id": str(scene.people["成员"]), "community_id": member["community_id"]}]}
    answered = await scene.send(scene.harness.as_service("internal"), "/internal/members/resolve", asked)
    assert answered["items"][0]["member"]["then_muted_until"] == _of(muted)
    scene.harness.clock.now = over
    # No worker has run since.
    now = await seen(scene, member)
    assert (now["status"], now["status_until"]) == ("muted", _of(muted))
    (mine,) = (await scene.see(scene.again("成员"), "/v1/people/me"))["memberships"]
    assert (mine["status"], mine["status_until"]) == ("muted", _of(muted))
    wanted = {"community_id": member["community_id"], "status": "muted"}
    listed = await scene.again("owner").get("/v1/members", params=wanted)
    assert [one["id"] for one in listed.json()["items"]] == [member["id"]]
    await scene.harness.run_timers()
    last = (await scene.harness.published("sanction.changed"))[-1]
    assert (last.data["status"], last.data["penalty_ids"], last.occurred_at) == ("muted", [second], over)
    scene.harness.clock.now = muted
    assert (await seen(scene, member))["status"] == "active"


async def test_a_moderator_lifts_their_own_error_alone(scene, community, member):
    await scene.role("另一版主", community, "moderator")
    penalty = await penalise(scene, member, "grave")
    # They read what they imposed: its ETag is asked for to lift it, and `viewer` says that they may.
    shown = await scene.see(scene.again("版主"), f"/v1/penalties/{penalty}")
    assert (shown["viewer"]["can"], shown["proposed"]) == (["lift"], None)
    await scene.see(scene.again("另一版主"), f"/v1/penalties/{penalty}", status=404)
    assert (await decided(scene, penalty, "lift", by="另一版主", status=404, reason="不同意"))["code"] == "not_found"
    await decided(scene, penalty, "suspend", by="运营")
    assert (await decided(scene, penalty, "lift", by="版主", status=403, reason="后悔"))["code"] == "forbidden"
    await decided(scene, penalty, "lift", by="运营", reason="证据不足")


async def test_a_short_mute_is_taken_over_and_what_was_served_counts(scene, member):
    body = {"until": _iso(scene, 2), "reason": "刷屏"}
    await scene.send(scene.again("版主"), f"/v1/members/{member['id']}/mute", body)
    scene.harness.clock.advance(DAY)
    await penalise(scene, member, "serious")
    now = await seen(scene, member, by="版主")
    assert (now["status"], now["status_until"], now["mute"]) == ("muted", _iso(scene, 2), None)
    assert now["viewer"]["cannot"]["unmute"] == "muted_by_penalty"
    refused = await scene.send(scene.again("版主"), f"/v1/members/{member['id']}/unmute", status=409)
    assert refused["code"] == "muted_by_penalty"


async def test_nobody_leaves_in_order_to_write_again(scene, community, member):
    await penalise(scene, member, "serious")
    await scene.send(scene.again("成员"), f"/v1/members/{member['id']}/leave")
    scene.harness.clock.advance(timedelta(hours=1))
    row = {"employee_no": scene.numbers["成员"], "joined_at": scene.harness.clock().isoformat()}
    await scene.import_members(community, [row])
    assert (await seen(scene, member))["status"] == "muted"


async def test_what_has_decayed_leaves_the_page_and_stays_in_the_list(scene, member):
    penalty = await penalise(scene, member, "serious")
    scene.harness.clock.advance(180 * DAY)
    page = await standing(scene, member)
    assert (page["violation_points"], page["decays"], page["penalties"]) == (0, [], [])
    listed = await scene.see(scene.again("成员"), "/v1/penalties", member_id=member["id"])
    assert [one["id"] for one in listed["items"]] == [penalty]


async def test_what_was_taken_back_is_not_on_the_page_and_the_list_says_that_it_was_undone(scene, member):
    wrong = await penalise(scene, member, "serious")
    right = await penalise(scene, member, "minor")
    await decided(scene, wrong, "lift", reason="看错了")
    page = await standing(scene, member)
    assert (page["violation_points"], page["sanction"], page["until"]) == (1, None, None)
    assert [one["id"] for one in page["penalties"]] == [one["penalty_id"] for one in page["decays"]] == [right]
    listed = await scene.see(scene.again("成员"), "/v1/penalties", member_id=member["id"])
    assert {one["id"]: one["undone"] for one in listed["items"]} == {wrong: True, right: False}


@pytest.mark.parametrize("by", ["另一位", "版主"])
async def test_others_read_nothing_of_it(scene, community, member, by):
    await scene.member("另一位", community)
    penalty = await penalise(scene, member, "serious", by="运营")
    assert (await standing(scene, member, by=by, status=403))["code"] == "forbidden"
    # Whether there is one they do not learn either.
    unknown = await scene.see(scene.again(by), f"/v1/penalties/{new_id()}", status=404)
    hidden = await scene.see(scene.again(by), f"/v1/penalties/{penalty}", status=404)
    assert hidden["code"] == unknown["code"]
    await scene.see(scene.again(by), "/v1/penalties", member_id=member["id"], status=403)
    listed = await scene.see(scene.again(by), "/v1/penalties", community_id=community["id"])
    assert listed["items"] == []


async def test_penalties_are_restated_as_they_stand(scene, member):
    penalty = await penalise(scene, member, "serious")
    await decided(scene, penalty, "lift", reason="看错了")
    republish = scene.harness.runtime.service.republish["penalty"]
    async with scene.harness.runtime.database.reading() as session:
        (again,) = [outgoing async for outgoing in republish(session)]
    assert (again.event.revision, again.event.undone, again.version) == (2, True, 2)
    assert again.event.subject() == penalty


def _iso(scene, days):
    return _of(scene.harness.clock() + days * DAY)


def _of(moment):
    return moment.isoformat().replace("+00:00", "Z")
