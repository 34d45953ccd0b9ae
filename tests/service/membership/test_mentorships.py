"""Mentorships from a proposal to what each says of it: who may do what, when, and who reads what."""

from datetime import timedelta
from uuid import UUID

import pytest

from chassis.testing.harness import received
from contracts.content import TextDecided
from contracts.texts import TextObject
from tests.service.membership.pairs import PATH, WEEK, Pairs
from tests.service.membership.scene import DAY
from tests.support.statements import listening, recorded

SAID = {"rating": 5, "words": "每周都有进步"}


@pytest.fixture
async def pairs(scene):
    return await Pairs(scene, await scene.community()).fill()


# --- proposing and answering ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_mentor", [True, False])
async def test_only_the_other_one_accepts_a_proposal(pairs, by_mentor):
    proposed = await (pairs.offer if by_mentor else pairs.ask)(weeks=8, message="一起学 SQL")
    one, two = ("导师", "学员") if by_mentor else ("学员", "导师")
    assert (proposed["status"], proposed["proposed_by"]) == ("proposed", "mentor" if by_mentor else "mentee")
    assert (await pairs.do(one, "accept", proposed, status=403))["code"] == "own_proposal"
    await pairs.do("新人", "accept", proposed, status=404)
    await pairs.do("owner", "accept", proposed, status=403)
    assert (await pairs.tasks(one), [code for code, _ in await pairs.tasks(two)]) == ([], ["answer_mentorship"])
    begun = await pairs.do(two, "accept", proposed)
    assert (begun["status"], begun["between"]["message"], begun["progress"]["week"]) == ("active", "一起学 SQL", 1)
    assert [what for what, _ in await pairs.told()] == ["started"]
    assert (await pairs.do(two, "accept", proposed, status=409))["code"] == "illegal_transition"
    pairs.later(8 * WEEK - timedelta(seconds=1))
    assert (await pairs.see(one, begun))["status"] == "active"


async def test_a_proposal_names_one_other_member_and_a_mentor(pairs):
    wrong = await pairs.ask(mentee_id=pairs.members["新人"], status=422)
    assert wrong["errors"][0]["code"] == "one_of_two"
    assert (await pairs.ask("导师", "导师", status=422))["errors"][0]["pointer"] == "/mentor_id"
    assert (await pairs.ask("学员", "新人", status=409))["code"] == "not_a_mentor"
    assert (await pairs.offer("新人", "学员", status=409))["code"] == "not_a_mentor"
    await pairs.scene.send(pairs.scene.again("新人"), f"/v1/members/{pairs.members['新人']}/leave")
    assert (await pairs.offer("导师", "新人", status=422))["errors"][0]["pointer"] == "/mentee_id"
    for weeks in (3, 25):
        await pairs.ask(weeks=weeks, status=422)


async def test_who_takes_it_back_or_declines_it_ends_a_proposal(pairs):
    asked = await pairs.ask()
    assert (await pairs.ask(status=409))["code"] == "already_exists"
    assert (await pairs.offer(status=409))["code"] == "already_exists"
    assert (await pairs.do("导师", "withdraw", asked, status=403))["code"] == "not_own_proposal"
    assert (await pairs.do("学员", "withdraw", asked))["status"] == "withdrawn"
    again = await pairs.ask()
    assert (await pairs.do("导师", "decline", again))["status"] == "declined"
    refused = await pairs.ask(status=409)
    assert refused["code"] == "declined_lately"
    pairs.later(30 * DAY - timedelta(seconds=1))
    assert (await pairs.ask(status=409))["again_at"] == refused["again_at"]
    pairs.later(timedelta(seconds=1))
    assert (await pairs.ask())["status"] == "proposed"


async def test_who_declined_may_propose_it_themselves(pairs):
    await pairs.do("导师", "decline", await pairs.ask())
    assert (await pairs.offer())["status"] == "proposed"


async def test_an_unanswered_proposal_lapses_after_14_days_also_after_a_night_off(pairs):
    asked = await pairs.ask()
    pairs.later(14 * DAY - timedelta(seconds=1))
    assert (await pairs.see("导师", asked))["mine"]["answers"] is True
    pairs.later(timedelta(hours=14))
    seen = await pairs.see("导师", asked)
    assert (seen["status"], seen["answered_at"]) == ("lapsed", seen["answer_until"])
    assert (await pairs.do("导师", "accept", asked, status=409))["state"] == "lapsed"
    assert await pairs.tasks("导师") == []
    await pairs.scene.harness.run_timers()
    assert await pairs.see("导师", asked) == seen
    assert await pairs.inbox("学员") == ["导师 未在期限内答复你的师徒结对提议"]
    assert await pairs.inbox("导师") == []
    assert (await pairs.ask())["status"] == "proposed"


async def test_somebody_proposes_ten_times_in_seven_days(pairs):
    for _ in range(10):
        await pairs.do("学员", "withdraw", await pairs.ask())
    assert (await pairs.ask(status=409))["code"] == "too_many_proposals"
    pairs.later(7 * DAY)
    assert (await pairs.ask())["status"] == "proposed"


# --- room ----------------------------------------------------------------------------------------------------------


async def test_a_mentor_takes_as_many_as_they_say_and_a_mentee_has_one(pairs):
    own = f"{PATH}/mentors/{pairs.members['导师']}"
    answer = await pairs.scene.again("导师").put(own, json={"capacity": 1})
    assert answer.json() | {"member": None} == {"member": None, "skills": [], "capacity": 1, "mentees": 0, "free": 1}
    assert (await pairs.scene.again("owner").put(own, json={"capacity": 2})).status_code == 403
    first, second, third = await pairs.ask("学员"), await pairs.ask("新人"), await pairs.ask("学员", "副导师")
    await pairs.do("导师", "accept", first)
    assert (await pairs.do("导师", "accept", second, status=409))["code"] == "mentor_full"
    assert (await pairs.do("副导师", "accept", third, status=409))["code"] == "mentee_has_mentor"
    assert (await pairs.ask("owner", status=409))["code"] == "mentor_full"
    assert (await pairs.offer("副导师", "学员", status=409))["code"] == "already_exists"
    where = {"community_id": pairs.community["id"]}
    found = await pairs.scene.see(pairs.scene.again("新人"), f"{PATH}/mentors", **where)
    assert [(one["member"]["display_name"], one["free"]) for one in found["items"]] == [("导师", 0), ("副导师", 3)]
    free = await pairs.scene.see(pairs.scene.again("新人"), f"{PATH}/mentors", **where, free=True)
    assert [one["member"]["display_name"] for one in free["items"]] == ["副导师"]
    # By the clock there is room again, whether or not anything has recorded it.
    pairs.later(12 * WEEK)
    assert (await pairs.ask("新人"))["status"] == "proposed"
    fourth = await pairs.ask("学员", "副导师")
    assert (await pairs.do("副导师", "accept", fourth))["status"] == "active"
    assert [what for what, _ in await pairs.told()] == ["started", "completed", "started"]


async def test_what_mentors_can_do_stands_in_their_list_once_others_read_it(pairs):
    scene, key = pairs.scene, UUID(pairs.members["导师"])
    await scene.change(scene.again("导师"), f"/v1/members/{key}", {"skills": ["Python"]})

    async def skills():
        found = await scene.see(scene.again("新人"), f"{PATH}/mentors", community_id=pairs.community["id"])
        return {one["member"]["display_name"]: one["skills"] for one in found["items"]}

    assert await skills() == {"导师": [], "副导师": []}
    about = TextObject(service="membership", kind="member", id=key, revision=1)
    decided = TextDecided(community_id=UUID(pairs.community["id"]), object=about, root_id=key, verdict="allow")
    await scene.harness.deliver(received(decided, occurred_at=scene.harness.clock()))
    assert await skills() == {"导师": ["Python"], "副导师": []}


async def test_the_mentor_needs_the_role_still_when_it_begins(pairs):
    grant = (await pairs.scene.see(pairs.scene.again("owner"), "/v1/role-grants", member_id=pairs.members["导师"]))[
        "items"
    ][0]
    asked = await pairs.ask()
    await pairs.scene.send(pairs.scene.again("owner"), f"/v1/role-grants/{grant['id']}/revoke")
    assert (await pairs.see("导师", asked))["viewer"]["cannot"]["accept"] == "not_a_mentor"
    assert (await pairs.do("导师", "accept", asked, status=409))["code"] == "not_a_mentor"


# --- going on ------------------------------------------------------------------------------------------------------


async def test_both_write_goals_and_see_how_far_they_are(pairs):
    begun = await pairs.begun(goals=[{"text": "会写连接查询"}])
    path = f"{PATH}/{begun['id']}"
    goals = [{"text": "会写连接查询", "done": True}, {"text": "讲一次分享", "done": False}]
    changed = await pairs.scene.change(pairs.scene.again("导师"), path, {"goals": goals})
    assert changed["between"]["goals"] == goals
    pairs.later(5 * WEEK)
    seen = await pairs.see("学员", begun)
    assert (seen["progress"]["week"], seen["progress"]["goals"], seen["progress"]["goals_done"]) == (6, 2, 1)
    stale = await pairs.scene.again("学员").patch(path, json={"goals": []}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    await pairs.scene.change(pairs.scene.again("学员"), path, {"goals": [{"text": "x"}] * 21}, status=422)


async def test_notes_are_the_two_s_and_shared_ones_those_who_run_it_read_once_moderation_has_looked(pairs):
    begun = await pairs.begun()
    await pairs.do("学员", "notes", begun, {"text": "只给你看"}, status=201)
    shared = await pairs.do("导师", "notes", begun, {"text": "第一个月的小结", "shared": True}, status=201)
    assert (shared["text"], shared["hidden"]) == ("第一个月的小结", "waiting")

    async def notes(name):
        return [
            one["text"]
            for one in (await pairs.scene.see(pairs.scene.again(name), f"{PATH}/{begun['id']}/notes"))["items"]
        ]

    assert await notes("导师") == ["第一个月的小结", "只给你看"]
    assert await notes("学员") == [None, "只给你看"]
    assert await notes("owner") == [None]
    *_, written = await pairs.scene.told("text.written")
    assert (written["object"]["kind"], written["object"]["id"], written["text"]) == (
        "mentorship_note",
        shared["id"],
        {"text": "第一个月的小结"},
    )
    await allow(pairs, written)
    assert (await notes("学员"), await notes("owner")) == (["第一个月的小结", "只给你看"], ["第一个月的小结"])
    await pairs.scene.see(pairs.scene.again("新人"), f"{PATH}/{begun['id']}/notes", status=404)
    assert (await pairs.see("owner", begun))["progress"]["notes"] == 2
    await pairs.do("owner", "notes", begun, {"text": "x"}, status=403)


async def allow(pairs, written):
    decided = TextDecided(**written, verdict="allow")
    await pairs.scene.harness.deliver(received(decided, occurred_at=pairs.scene.harness.clock()))


async def test_who_runs_the_community_sees_the_outlines_and_nobody_else_anything(pairs):
    begun = await pairs.begun(message="请多指教", goals=[{"text": "会写连接查询"}])
    outlines = await pairs.see("owner", begun)
    assert (outlines["between"], outlines["mine"], outlines["viewer"]["can"]) == (None, None, [])
    assert (outlines["mentor"]["display_name"], outlines["mentee"]["display_name"]) == ("导师", "学员")
    await pairs.see("新人", begun, status=404)
    here = {"community_id": pairs.community["id"]}
    assert await pairs.listed("新人", **here) == []
    assert [
        one["between"]
        for one in await pairs.listed("owner", **here, attention="quiet") + await pairs.listed("owner", **here)
    ] == [None]
    assert await pairs.listed("owner", **here, mine=True) == []
    (own,) = await pairs.listed("学员", mine=True)
    assert (own["community"]["id"], own["community"]["name"]) == (pairs.community["id"], pairs.community["name"])
    assert (own["mine"]["side"], own["between"]["message"], own["viewer"]) == ("mentee", "请多指教", None)
    assert [one["id"] for one in await pairs.listed("owner", **here, member_id=pairs.members["导师"])] == [begun["id"]]
    await pairs.scene.see(pairs.scene.again("学员"), PATH, **here, attention="quiet", status=403)
    await pairs.scene.see(pairs.scene.again("学员"), PATH, status=422)


# --- its end -------------------------------------------------------------------------------------------------------


async def test_at_its_end_it_is_completed_and_dated_then_also_after_a_night_off(pairs):
    begun = await pairs.begun(weeks=4)
    pairs.later(4 * WEEK + timedelta(hours=14))
    seen = await pairs.see("学员", begun)
    assert (seen["status"], seen["closed_at"], seen["closed_because"]) == ("completed", begun["ends_at"], "time")
    assert [code for code, _ in await pairs.tasks("学员")] == ["give_mentorship_feedback"]
    await pairs.scene.harness.run_timers()
    what, at = (await pairs.told())[-1]
    assert (what, at.replace("+00:00", "Z")) == ("completed", begun["ends_at"])
    assert (await pairs.see("学员", begun))["closed_at"] == begun["ends_at"]
    await pairs.do("学员", "end", begun, {"reason": "x"}, status=409)


async def test_both_agree_to_complete_it_early_after_four_weeks(pairs):
    begun = await pairs.begun()
    early = await pairs.do("学员", "complete", begun, status=409)
    assert early["code"] == "too_soon_to_complete"
    pairs.later(4 * WEEK)
    asked = await pairs.do("学员", "complete", begun)
    assert (asked["status"], asked["completion_asked_by"]) == ("active", "mentee")
    assert await pairs.do("学员", "complete", begun) == asked
    assert [code for code, _ in await pairs.tasks("导师")] == ["agree_to_complete_mentorship"]
    assert await pairs.inbox("导师") == ["学员 希望提前结业"]
    assert (await pairs.do("导师", "go-on", begun))["completion_asked_by"] is None
    assert (await pairs.inbox("导师"), await pairs.tasks("导师")) == ([], [])
    await pairs.do("导师", "complete", begun)
    done = await pairs.do("学员", "complete", begun)
    assert (done["status"], done["closed_because"]) == ("completed", "agreed")
    assert [what for what, _ in await pairs.told()] == ["started", "completed"]


async def test_one_alone_ends_it_with_a_reason_that_the_two_read(pairs):
    begun = await pairs.begun()
    await pairs.do("导师", "end", begun, {}, status=422)
    ended = await pairs.do("导师", "end", begun, {"reason": "调去海外项目"})
    assert (ended["status"], ended["closed_because"]) == ("ended", "mentor")
    assert (await pairs.see("学员", begun))["between"]["reason"] == "调去海外项目"
    assert [what for what, _ in await pairs.told()] == ["started", "ended"]
    pairs.later(12 * WEEK)
    await pairs.scene.harness.run_timers()
    assert (await pairs.see("学员", begun))["status"] == "ended"


async def test_each_reads_the_other_s_feedback_when_both_are_in(pairs):
    begun = await pairs.begun(weeks=4)
    await pairs.do("学员", "feedback", begun, SAID, status=409)
    pairs.later(4 * WEEK)
    given = await pairs.do("学员", "feedback", begun, SAID, status=201)
    assert (given["between"]["mentee_feedback"]["words"], given["feedback_in"]) == (SAID["words"], ["mentee"])
    again = await pairs.do("学员", "feedback", begun, SAID | {"rating": 1}, status=200)
    assert again["between"]["mentee_feedback"]["rating"] == 5
    assert (await pairs.see("导师", begun))["between"]["mentee_feedback"] is None
    assert (await pairs.see("owner", begun))["feedback_in"] == ["mentee"]
    both = await pairs.do("导师", "feedback", begun, {"rating": 4, "words": "学得很快"}, status=201)
    assert both["between"]["mentee_feedback"]["rating"] == 5
    assert (await pairs.see("学员", begun))["between"]["mentor_feedback"]["words"] == "学得很快"
    assert (await pairs.tasks("学员"), await pairs.tasks("导师")) == ([], [])
    assert "现在双方均可查看" in (await pairs.inbox("学员"))[0]


async def test_after_14_days_feedback_is_read_and_no_more_is_given(pairs):
    begun = await pairs.begun()
    await pairs.do("学员", "end", begun, {"reason": "时间不够"})
    await pairs.do("学员", "feedback", begun, SAID, status=201)
    pairs.later(14 * DAY - timedelta(seconds=1))
    assert (await pairs.see("导师", begun))["between"]["mentee_feedback"] is None
    pairs.later(timedelta(seconds=1))
    assert (await pairs.see("导师", begun))["between"]["mentee_feedback"]["rating"] == 5
    late = await pairs.do("导师", "feedback", begun, SAID, status=409)
    assert late["code"] == "feedback_over"


CALLS = {
    "accept": ("accept", None),
    "decline": ("decline", None),
    "withdraw": ("withdraw", None),
    "complete": ("complete", None),
    "go_on": ("go-on", None),
    "end": ("end", {"reason": "换组"}),
    "write_note": ("notes", {"text": "第一周"}),
    "give_feedback": ("feedback", SAID),
}


async def test_each_command_is_refused_with_what_the_viewer_says(pairs):
    async def compare(one):
        for name in ("导师", "学员", "owner"):
            seen = await pairs.see(name, one)
            client, viewer = pairs.scene.again(name), seen["viewer"]
            assert set(viewer["can"]) | set(viewer["cannot"]) | {"complete", "give_feedback"} == {*CALLS, "update"}
            for action, code in viewer["cannot"].items():
                path = f"{PATH}/{one['id']}"
                if action == "update":
                    answer = await client.patch(path, json={"goals": []}, headers={"If-Match": f'"{1}"'})
                    assert answer.status_code in {403, 409, 412}
                    continue
                verb, body = CALLS[action]
                answer = await client.post(f"{path}/{verb}", json=body)
                assert (action, answer.json().get("code")) == (action, code)

    asked = await pairs.ask()
    await compare(asked)
    begun = await pairs.do("导师", "accept", asked)
    await compare(begun)
    pairs.later(4 * WEEK)
    await pairs.do("学员", "complete", begun)
    await compare(begun)
    await pairs.do("学员", "end", begun, {"reason": "换组"})
    await compare(begun)
    pairs.later(14 * DAY)
    await compare(begun)


# --- members who go ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["导师", "学员"])
async def test_it_ends_with_the_membership_of_either(pairs, name):
    begun, waiting = await pairs.begun(), await pairs.ask("新人")
    other = "学员" if name == "导师" else "导师"
    await pairs.scene.send(pairs.scene.again(name), f"/v1/members/{pairs.members[name]}/leave")
    seen = await pairs.see(other, begun)
    assert (seen["status"], seen["closed_because"]) == ("ended", "mentor_left" if name == "导师" else "mentee_left")
    assert [what for what, _ in await pairs.told()] == ["started", "ended"]
    assert (await pairs.see("新人", waiting))["status"] == ("lapsed" if name == "导师" else "proposed")


async def test_what_was_completed_by_then_stays_completed_when_one_leaves(pairs):
    begun = await pairs.begun(weeks=4)
    pairs.later(4 * WEEK + DAY)
    await pairs.scene.send(pairs.scene.again("导师"), f"/v1/members/{pairs.members['导师']}/leave")
    assert (await pairs.see("学员", begun))["status"] == "completed"
    assert [what for what, _ in await pairs.told()] == ["started", "completed"]


@pytest.fixture
def heard():
    """Before the database is made: what is sent to it is heard."""
    with listening():
        yield


async def test_a_mentor_with_many_leaves_in_as_few_statements_as_one_with_one_and_each_mentee_is_told_of(heard, pairs):
    """The first has had its time, and nothing has recorded that yet; each message counts on from the others of its own mentorship."""
    many = [await pairs.begun("新人", weeks=4)]
    pairs.later(4 * WEEK + DAY)
    for name in ("甲", "乙", "丙"):
        await pairs.join(name)
        many.append(await pairs.begun(name))
    await pairs.begun("学员", "副导师")
    costs = []
    for name in ("副导师", "导师"):
        with recorded() as statements:
            await pairs.scene.send(pairs.scene.again(name), f"/v1/members/{pairs.members[name]}/leave")
        costs.append([one.sql.split()[0] for one in statements if "UPDATE mentorships" in one.sql])
    assert costs[0] == costs[1] != []
    told: dict[str, list[tuple[str, int]]] = {}
    for one in await pairs.scene.harness.published("membership.mentorship"):
        told.setdefault(one.subject, []).append((one.type.split(".")[3], one.version))
    assert [told[one["id"]] for one in many] == [
        [("started", 1), ("completed", 2)],
        *[[("started", 1), ("ended", 2)]] * 3,
    ]


# --- what waits for those who run it -------------------------------------------------------------------------------


async def test_the_desk_shows_who_seeks_a_mentor_what_is_quiet_and_whose_mentor_is_away(pairs):
    await pairs.ask("新人", "副导师")
    begun = await pairs.begun()
    assert await pairs.desk() == {
        "mentees_without_mentor": 1,
        "mentorships_without_notes": 0,
        "mentorships_unattended": 0,
    }
    pairs.later(3 * WEEK)
    assert (await pairs.desk())["mentorships_without_notes"] == 1
    assert (await pairs.desk())["mentees_without_mentor"] == 1  # it has lapsed meanwhile
    await pairs.do("导师", "notes", begun, {"text": "第三周"}, status=201)
    assert (await pairs.desk())["mentorships_without_notes"] == 0
    grants = await pairs.scene.see(pairs.scene.again("owner"), "/v1/role-grants", member_id=pairs.members["导师"])
    await pairs.scene.send(pairs.scene.again("owner"), f"/v1/role-grants/{grants['items'][0]['id']}/revoke")
    assert (await pairs.desk())["mentorships_unattended"] == 1
    await pairs.begun("新人", "副导师")
    assert (await pairs.desk())["mentees_without_mentor"] == 0


async def test_what_is_asked_and_answered_is_told_and_what_needs_no_answer_is_taken_back(pairs):
    asked = await pairs.ask()
    assert await pairs.inbox("导师") == ["学员 邀请你担任导师"]
    await pairs.do("学员", "withdraw", asked)
    assert await pairs.inbox("导师") == []
    offered = await pairs.offer("副导师", "新人")
    await pairs.do("新人", "decline", offered)
    assert (await pairs.inbox("新人"), await pairs.inbox("副导师")) == ([], ["新人 婉拒了你的师徒结对提议"])


@pytest.mark.parametrize("gone", ["学员", "导师"])
async def test_when_a_membership_ends_nobody_is_asked_for_an_answer_any_more(pairs, gone):
    """Of the mentor who was asked, and of the member who was offered one."""
    await pairs.ask()
    await pairs.ask("新人", "副导师")
    await pairs.offer("导师", "新人")
    assert [len(await pairs.inbox(name)) for name in ("导师", "副导师", "新人")] == [1, 1, 1]
    await pairs.scene.send(pairs.scene.again(gone), f"/v1/members/{pairs.members[gone]}/leave")
    assert await pairs.inbox("副导师") == ["新人 邀请你担任导师"]
    assert len(await pairs.inbox("新人")) == (0 if gone == "导师" else 1)
    assert await pairs.inbox("导师") == []
