"""What participants hand in: read, liked and commented on by each other, reviewed, and handed in again."""

import asyncio
from datetime import timedelta
from uuid import UUID

from chassis.ids import new_id
from chassis.testing import received
from contracts.content import TextDecided
from contracts.texts import TextObject
from services.gamification.plans import entries
from tests.service.gamification.plans.camp import FIRST_DAY
from tests.service.gamification.stage import NOON


def day(n):
    return (FIRST_DAY + timedelta(days=n)).isoformat()


async def ask(one, method, path, expect=200, **body):
    answer = await one.client.request(method, path, json=body or None)
    assert answer.status_code == expect, answer.text
    return answer.json() if answer.content else None


async def listed(one, path, **query):
    return (await ask(one, "GET", f"{path}/entries" + "".join(f"?{k}={v}" for k, v in query.items())))["items"]


async def decide(camp, kind, text_id, verdict, revision=1, version=1):
    about = TextObject(service="gamification", kind=kind, id=UUID(str(text_id)), revision=revision)
    decided = TextDecided(community_id=camp.community_id, object=about, root_id=about.id, verdict=verdict)
    await camp.harness.deliver(received(decided, occurred_at=camp.harness.clock(), version=version))


async def handed_in(camp, one, path, **body):
    """What somebody hands in, read by all: moderation allows the note."""
    (answer,) = await camp.hand_in(one, path, **body)
    mine = await ask(one, "GET", f"/v1/checkin-plans/entries/{answer['entry_id']}")
    if mine["note"]:
        await decide(camp, "checkin", mine["checkin_id"], "allow")
    return f"/v1/checkin-plans/entries/{answer['entry_id']}"


async def test_participants_read_each_others_days_and_nobody_else_does(camp):
    one, two, outsider = await camp.members(3)
    path = await camp.plan(one, two)
    entry = await handed_in(camp, one, path, note="读完第三章")
    (seen,) = await listed(two, path)
    assert (seen["note"], seen["day"], seen["counts"], seen["member"]["member_id"]) == (
        "读完第三章", day(0), True, str(one.id)
    )  # fmt: skip
    assert seen["viewer"]["can"] == ["like", "comment"]
    await ask(outsider, "GET", f"{path}/entries", 404)
    await ask(outsider, "GET", entry, 404)
    await ask(outsider, "PUT", f"{entry}/reactions/like", 404)
    await ask(outsider, "POST", f"{entry}/comments", 404, body="你好")
    assert [row["note"] for row in await listed(camp.runs, path)] == ["读完第三章"]
    await ask(two, "POST", f"{path}/leave")
    await ask(two, "GET", entry, 404)


async def test_members_read_what_they_handed_in_for_all_plans_of_a_community_at_once(camp):
    one, two = await camp.members(2)
    first, second, left = [await camp.plan(one, two) for _ in range(3)]
    for path in (first, second, left):
        await camp.hand_in(one, path, note="读完第三章")
    await camp.hand_in(two, first, note="不是我的")
    await ask(one, "POST", f"{left}/leave")
    mine = (await ask(one, "GET", f"/v1/checkin-plans/entries?community_id={camp.community_id}"))["items"]
    assert {row["plan_id"] for row in mine} == {path.rpartition("/")[2] for path in (first, second, left)}
    assert {(row["member"]["member_id"], row["note"]) for row in mine} == {(str(one.id), "读完第三章")}
    for row in mine:
        assert row == await ask(one, "GET", f"/v1/checkin-plans/entries/{row['id']}")
    days = f"/v1/checkin-plans/entries?community_id={camp.community_id}&limit=2&status=done&day={day(0)}"
    assert len((await ask(one, "GET", days))["items"]) == 2
    assert (await ask(camp.runs, "GET", days))["items"] == []


async def test_a_note_is_read_once_moderation_has_looked_at_it(camp):
    one, two = await camp.members(2)
    path = await camp.plan(one, two)
    await camp.hand_in(one, path, note="读完第三章")
    (theirs,), (mine,) = await listed(two, path), await listed(one, path)
    assert (theirs["note"], theirs["note_hidden"]) == (None, "waiting")
    assert (mine["note"], mine["note_hidden"]) == ("读完第三章", "waiting")


async def test_a_plan_may_keep_notes_for_who_runs_and_reviews_it(camp):
    one, two = await camp.members(2)
    lecturer = await camp.member(roles=("lecturer",))
    path = await camp.plan(one, two, note_visibility="operators")
    await handed_in(camp, one, path, note="心里话", link="https://example.com/a")
    (theirs,) = await listed(two, path)
    assert (theirs["note"], theirs["link"], theirs["counts"]) == (None, None, True)
    for reader in (one, lecturer, camp.runs):
        (seen,) = await listed(reader, path)
        assert (seen["note"], seen["link"]) == ("心里话", "https://example.com/a")


async def test_a_returned_day_counts_no_more_and_is_handed_in_again_to_the_next_evening(camp):
    member, mentor = await camp.member(), await camp.member(roles=("mentor",))
    fellow = await camp.member()
    path = await camp.plan(member, fellow, requires="note", min_length=4)
    entry = await handed_in(camp, member, path, note="已阅已阅")
    returned = await ask(mentor, "POST", f"{entry}/review", verdict="returned", reason="请写心得")
    assert (returned["status"], returned["counts"], returned["reason"]) == ("returned", False, "请写心得")
    assert returned["open_until"] == "2024-05-07T16:00:00Z"
    assert (await camp.read(member, path))["mine"]["days_done"] == 0
    # Fellow participants are not told that it was returned.
    assert await listed(fellow, path) == []
    await ask(fellow, "GET", entry, 404)
    await ask(fellow, "POST", f"{entry}/hand-in", 404, note="读了两章")
    refused = await ask(member, "POST", f"{entry}/hand-in", 409, note="嗯")
    assert (refused["code"], refused["reason"]) == ("evidence_missing", "note_too_short")
    camp.harness.clock.advance(timedelta(days=1))
    again = await ask(member, "POST", f"{entry}/hand-in", note="读了两章")
    assert (again["status"], again["counts"], again["reason"], again["open_until"]) == ("done", True, None, None)
    assert (await camp.read(member, path))["mine"]["days_done"] == 1
    assert (await ask(member, "POST", f"{entry}/hand-in", 409, note="读了三章"))["code"] == "plan_day_not_open"
    good = await ask(mentor, "POST", f"{entry}/review", verdict="good")
    assert (good["status"], good["reviewer"]["member_id"]) == ("good", str(mentor.id))
    (own,) = await camp.progress(member, path)
    assert own["days"][0]["state"] == "good"


async def test_after_the_next_evening_a_returned_day_is_lost(camp):
    member = await camp.member()
    path = await camp.plan(member)
    entry = await handed_in(camp, member, path)
    await ask(camp.runs, "POST", f"{entry}/review", verdict="returned", reason="空白")
    camp.harness.clock.now = NOON + timedelta(days=1, hours=12)
    assert (await ask(member, "POST", f"{entry}/hand-in", 409, note="补"))["code"] == "plan_day_not_open"
    assert (await ask(member, "GET", entry))["viewer"]["cannot"]["hand_in"] == "plan_day_not_open"


async def test_a_day_that_was_returned_on_its_own_day_is_handed_in_by_checking_in_again(camp):
    member = await camp.member()
    path = await camp.plan(member, requires="note")
    entry = await handed_in(camp, member, path, note="嗯")
    await ask(camp.runs, "POST", f"{entry}/review", verdict="returned", reason="太短")
    (answer,) = await camp.hand_in(member, path, note="读了两章")
    assert (answer["counts"], answer["days_done"]) == (True, 1)


async def test_a_day_that_is_handed_in_again_may_be_the_one_that_completes_the_plan(camp):
    member = await camp.member()
    path = await camp.plan(member, ends_on=day(1), complete_at=100)
    first = await handed_in(camp, member, path, day=0)
    await ask(camp.runs, "POST", f"{first}/review", verdict="returned", reason="空白")
    await camp.hand_in(member, path, day=1)
    assert await camp.harness.published("plan.completed") == []
    await asyncio.gather(*(member.client.post(f"{first}/hand-in", json={"note": "补"}) for _ in range(4)))
    (told,) = await camp.harness.published("plan.completed")
    assert told.data["days"] == 2


async def test_nobody_reviews_their_own_day_and_members_review_none(camp):
    lecturer, member = await camp.member(roles=("lecturer",)), await camp.member()
    path = await camp.plan(lecturer, member)
    own = await handed_in(camp, lecturer, path)
    refused = await ask(lecturer, "POST", f"{own}/review", 403, verdict="good")
    assert refused["code"] == "conflict_of_interest"
    assert (await ask(member, "POST", f"{own}/review", 403, verdict="good"))["code"] == "forbidden"
    assert (await ask(lecturer, "GET", own))["viewer"]["cannot"]["review"] == "conflict_of_interest"


async def test_a_reason_is_given_for_what_is_returned_and_for_nothing_else(camp):
    member = await camp.member()
    path = await camp.plan(member)
    entry = await handed_in(camp, member, path)
    for body in ({"verdict": "returned"}, {"verdict": "good", "reason": "好"}):
        refused = await ask(camp.runs, "POST", f"{entry}/review", 422, **body)
        assert refused["errors"][0]["pointer"].lstrip("#") == "/reason"
    assert (await ask(member, "GET", entry))["status"] == "done"


async def test_a_note_that_moderation_removes_takes_its_day_along_where_one_is_required(camp):
    member = await camp.member()
    noted, free = await camp.plan(member, requires="note"), await camp.plan(member)
    (entry, _) = await camp.hand_in(member, noted, free, note="加我微信")
    checkin = (await ask(member, "GET", f"/v1/checkin-plans/entries/{entry['entry_id']}"))["checkin_id"]
    await decide(camp, "checkin", checkin, "remove")
    assert (await camp.read(member, noted))["mine"]["days_done"] == 0
    assert (await camp.read(member, free))["mine"]["days_done"] == 1
    (own,) = await camp.progress(member, noted)
    assert own["days"][0]["state"] == "removed"
    await decide(camp, "checkin", checkin, "release", version=2)
    assert (await camp.read(member, noted))["mine"]["days_done"] == 1
    await decide(camp, "checkin", checkin, "remove", version=3)
    path = f"/v1/checkin-plans/entries/{entry['entry_id']}/hand-in"
    again = await ask(member, "POST", path, note="读了两章")
    assert (again["counts"], again["note_hidden"]) == (True, "waiting")
    # A decision about the earlier note changes nothing any more.
    await decide(camp, "checkin", checkin, "remove", version=4)
    assert (await camp.read(member, noted))["mine"]["days_done"] == 1


async def test_likes_are_counted_once_each_and_taken_back(camp):
    member, *fellows = await camp.members(4)
    path = await camp.plan(member, *fellows)
    entry = await handed_in(camp, member, path)
    await asyncio.gather(*(one.client.put(f"{entry}/reactions/like") for one in fellows for _ in range(2)))
    assert (await ask(member, "GET", entry))["likes"] == 3
    for _ in range(2):
        taken = await ask(fellows[0], "DELETE", f"{entry}/reactions/like")
        assert (taken["likes"], taken["mine"]["liked"]) == (2, False)
    assert (await listed(fellows[1], path))[0]["mine"]["liked"] is True


async def test_comments_are_read_once_moderation_allows_them_and_end_at_a_number(camp, monkeypatch):
    monkeypatch.setattr(entries, "MOST_COMMENTS", 2)
    member, fellow, third = await camp.members(3)
    path = await camp.plan(member, fellow, third)
    entry = await handed_in(camp, member, path)
    said = await ask(fellow, "POST", f"{entry}/comments", 201, body="写得好")

    async def bodies(one):
        return [row["body"] for row in (await ask(one, "GET", f"{entry}/comments"))["items"]]

    assert (await bodies(member), await bodies(fellow)) == ([None], ["写得好"])
    await decide(camp, "plan_comment", said["id"], "allow")
    assert await bodies(member) == ["写得好"]
    answers = await asyncio.gather(
        *(one.client.post(f"{entry}/comments", json={"body": "加油"}) for one in (member, third, fellow))
    )
    assert sorted(one.status_code for one in answers) == [201, 409, 409]
    await ask(third, "DELETE", f"/v1/checkin-plans/comments/{said['id']}", 403)
    await ask(fellow, "DELETE", f"/v1/checkin-plans/comments/{said['id']}", 204)
    assert (await ask(member, "GET", entry))["comments"] == 1
    await ask(fellow, "DELETE", f"/v1/checkin-plans/comments/{said['id']}", 404)
    await ask(fellow, "GET", f"/v1/checkin-plans/entries/{new_id()}", 404)


async def test_nothing_is_handed_in_again_for_a_plan_that_was_cancelled_or_left_and_a_cancelled_one_is_not_completed(
    camp,
):
    one, two = await camp.members(2)
    path = await camp.plan(one, two, ends_on=day(1), complete_at=100)
    entries = [await handed_in(camp, member, path) for member in (one, two)]
    for entry in entries:
        await ask(camp.runs, "POST", f"{entry}/review", verdict="returned", reason="空白")
    for member in (one, two):
        await camp.hand_in(member, path, day=1)
    await ask(two, "POST", f"{path}/leave")
    assert (await two.client.get("/internal/tasks")).json() == []
    assert (await ask(two, "POST", f"{entries[1]}/hand-in", 409, note="补"))["code"] == "plan_day_not_open"
    assert len((await one.client.get("/internal/tasks")).json()) == 1
    await ask(camp.runs, "POST", f"{path}/cancel")
    assert (await one.client.get("/internal/tasks")).json() == []
    assert (await ask(one, "POST", f"{entries[0]}/hand-in", 409, note="补"))["code"] == "plan_day_not_open"
    await ask(camp.runs, "POST", f"{entries[0]}/review", verdict="good")
    assert await camp.harness.published("plan.completed") == []


async def test_whose_note_was_removed_may_hand_it_in_again_also_after_a_review(camp):
    member = await camp.member()
    path = await camp.plan(member, requires="note")
    (answer,) = await camp.hand_in(member, path, note="加我微信")
    entry = f"/v1/checkin-plans/entries/{answer['entry_id']}"
    await decide(camp, "checkin", (await ask(member, "GET", entry))["checkin_id"], "remove")
    await ask(camp.runs, "POST", f"{entry}/review", verdict="good")
    again = await ask(member, "POST", f"{entry}/hand-in", note="读了两章")
    assert (again["counts"], again["open_until"]) == (True, None)
