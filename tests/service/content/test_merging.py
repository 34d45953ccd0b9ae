"""Duplicates that are merged: where their replies go, who hears of it, and that nothing counts twice."""

import asyncio
from itertools import pairwise

import pytest

from tests.service.content.conftest import DISCUSSIONS, REPLIES
from tests.service.content.test_discussions import path
from tests.support.statements import listening, recorded


async def merge(talk, made, into, *, name="版主", status=200):
    return await talk.send(name, path(made, "merge"), {"into_id": into["id"]}, status=status)


async def merged(talk, made, into):
    """Merge, and have the job run."""
    await merge(talk, made, into)
    await talk.stage.harness.run_jobs()


async def listed(talk, name="甲", **query):
    found = await talk.see(name, DISCUSSIONS, community_id=talk.stage.community_id, **query)
    return [one["id"] for one in found["items"]]


async def thread(talk, made, name="甲"):
    found = await talk.see(name, path(made, "thread"))
    return [reply["id"] for reply in found["replies"]["items"]]


async def test_a_merged_question_is_closed_says_where_it_went_and_is_in_no_list(talk):
    one, other = await talk.starts("甲", "教案怎么写？"), await talk.starts("乙", "如何写教案？")
    done = await merge(talk, one, other)
    assert (done["status"], done["merged_into"], done["viewer"]["can"]) == (
        "closed",
        {"id": other["id"], "title": other["title"]},
        ["remove"],
    )
    assert (await talk.see("乙", path(one)))["merged_into"]["id"] == other["id"]
    assert await listed(talk) == await listed(talk, "版主", status="open") == [other["id"]]
    assert await listed(talk, "版主", status="removed") == await listed(talk, status="closed") == []
    assert (await talk.see("甲", DISCUSSIONS, mine="true"))["items"][0]["merged_into"]["id"] == other["id"]
    assert (await talk.replies("乙", one, status=409))["code"] == "thread_closed"
    assert await talk.told("content.discussion.merged") == [("discussion.merged", 2)]
    assert await talk.told("removed") == []
    (told,) = await talk.stage.harness.published("discussion.merged")
    assert told.data == {
        "community_id": str(talk.stage.community_id),
        "discussion_id": one["id"],
        "into_id": other["id"],
    }


async def test_its_replies_count_for_the_target_behind_what_is_there(talk):
    one, other = await talk.starts("甲", "教案怎么写？"), await talk.starts("乙", "如何写教案？")
    talk.later()
    first = await talk.replies("甲", other, "先定目标。")
    answer = await talk.replies("乙", one, "照范例写。")
    gone = await talk.replies("版主", one, "这条要删。")
    talk.later()
    comment = await talk.replies("甲", one, "谢谢。", kind="comment", parent_reply_id=answer["id"])
    await talk.send("甲", f"{REPLIES}/{answer['id']}/accept")
    await talk.send("甲", f"{REPLIES}/{first['id']}/accept", status=403)
    await talk.send("乙", f"{REPLIES}/{first['id']}/accept")
    await talk.send("版主", f"{REPLIES}/{gone['id']}/remove")
    told = await talk.told("reply")
    await merged(talk, one, other)
    assert await thread(talk, other) == [first["id"], answer["id"]]
    assert await thread(talk, one) == []
    seen = await talk.see("甲", path(other))
    assert (seen["reply_count"], seen["accepted_reply_id"]) == (3, first["id"])
    assert seen["last_reply"]["member"]["member_id"] == str(talk["甲"].id)
    assert (await talk.see("甲", path(one)))["reply_count"] == 0
    moved = await talk.see("甲", f"{REPLIES}/{answer['id']}")
    assert (moved["discussion_id"], moved["position"], moved["accepted"]) == (other["id"], 2, False)
    assert [one["id"] for one in moved["comments"]["items"]] == [comment["id"]]
    # Nobody loses what an answer earned, and nobody is told anew of what was there.
    assert await talk.told("reply") == told
    assert await talk.told("unaccepted") == []
    # What was removed comes back where the others are.
    await talk.send("版主", f"{REPLIES}/{gone['id']}/restore")
    assert await thread(talk, other) == [first["id"], answer["id"], gone["id"]]
    assert (await talk.see("甲", path(other)))["reply_count"] == 4
    found = await talk.see("甲", "/v1/search", q="照范例写", community_id=talk.stage.community_id)
    assert [hit["root_id"] for hit in found["items"]] == [other["id"]]


async def test_an_answer_that_helped_in_a_duplicate_keeps_that_also_where_it_helps_no_longer(talk):
    one, two, three, their = [await talk.starts(name) for name in ("甲", "版主", "甲", "乙")]
    helped, other, own = [await talk.replies("乙", made) for made in (one, one, their)]
    names = {helped["id"]: "helped", other["id"]: "other", own["id"]: "own"}

    async def told(*sent):
        """What is told of answers by these: who sends what of which."""
        before = len(await talk.stage.harness.published("content.answer."))
        for name, verb, answer in sent:
            await talk.send(name, f"{REPLIES}/{answer['id']}/{verb}")
        return [
            (one.type.split(".")[3], names[one.data["reply_id"]], one.data["helped_before"])
            for one in (await talk.stage.harness.published("content.answer."))[before:]
        ]

    assert await told(("甲", "accept", other), ("甲", "accept", helped)) == [
        ("accepted", "other", False),
        ("unaccepted", "other", False),
        ("accepted", "helped", False),
    ]
    await merged(talk, one, two)
    assert await told(("版主", "accept", helped), ("版主", "accept", other), ("版主", "unaccept", other)) == [
        ("accepted", "helped", True),
        ("unaccepted", "helped", True),
        ("accepted", "other", False),
        ("unaccepted", "other", False),
    ]
    await merged(talk, two, three)
    assert await told(("甲", "accept", helped), ("甲", "unaccept", helped)) == [
        ("accepted", "helped", True),
        ("unaccepted", "helped", True),
    ]
    # Nobody earns by their own question, so there is nothing to keep.
    await told(("乙", "accept", own))
    await merged(talk, their, three)
    assert await told(("甲", "accept", own), ("甲", "unaccept", own)) == [
        ("accepted", "own", False),
        ("unaccepted", "own", False),
    ]


async def test_who_gave_both_the_same_counts_once_and_each_follows_once(talk):
    one, other = await talk.starts("甲", "教案怎么写？"), await talk.starts("甲", "如何写教案？")
    for name, made in (("乙", one), ("乙", other), ("版主", one)):
        client = talk[name].client
        for what in ("reactions/like", "bookmark", "subscription"):
            assert (await client.put(path(made, what))).status_code == 200
    assert (await talk["甲"].client.put(path(other, "subscription"))).status_code == 200
    assert (await talk["甲"].client.delete(path(other, "subscription"))).status_code == 200
    assert (await talk["甲"].client.put(path(one, "subscription"))).status_code == 200
    await merged(talk, one, other)
    assert (await talk.see("甲", path(other)))["reactions"] == {"like": 2}
    for name, follows in (("乙", True), ("版主", True), ("甲", False)):
        mine = (await talk.see(name, path(other)))["mine"]
        assert (mine["subscribed"], mine["bookmarked"], mine["reacted"]) == (
            follows,
            follows,
            ["like"] if follows else [],
        )
        followed = await talk.see(name, "/v1/subscriptions", community_id=talk.stage.community_id)
        assert [each["target"]["id"] for each in followed["items"]] == ([other["id"]] if follows else [])
    assert (await talk["版主"].client.delete(path(other, "reactions/like"))).json()["reactions"] == {"like": 1}


async def test_what_was_read_of_a_duplicate_stays_read_and_the_rest_is_unread(talk):
    one, other = await talk.starts("甲", "教案怎么写？"), await talk.starts("甲", "如何写教案？")
    talk.later()
    answers = [await talk.replies("乙", one, f"第{n}条建议。") for n in range(3)]
    for made, upto in ((one, 2), (other, 0)):
        assert (await talk["版主"].client.put(path(made, "read"), json={"upto": upto})).status_code == 200
    await merged(talk, one, other)
    seen = await talk.see("版主", path(other))
    assert seen["first_unread_reply_id"] == answers[2]["id"]
    assert await listed(talk, "版主", unread="true") == [other["id"]]
    assert (await talk["版主"].client.put(path(other, "read"), json={"upto": 3})).json()["unread"] is False


async def test_chains_lead_to_their_end_and_circles_are_refused(talk):
    one, two, three = [await talk.starts("甲", f"问题{n}") for n in "一二三"]
    reply = await talk.replies("乙", one, "看第三个。")
    await merge(talk, one, two)
    await merge(talk, two, three)
    assert (await talk.see("乙", path(one)))["merged_into"]["id"] == three["id"]
    for into in (one, two, three):
        assert (await merge(talk, three, into, status=422))["errors"][0]["code"] == "into_itself"
    refused = await merge(talk, one, three, status=409)
    assert (refused["code"], refused["state"]) == ("illegal_transition", "closed")
    await talk.stage.harness.run_jobs()
    assert await thread(talk, three) == [reply["id"]]
    late = await talk.starts("甲", "问题四")
    await merge(talk, late, one)
    assert (await talk.see("乙", path(late)))["merged_into"]["id"] == three["id"]
    # Without the end nobody but moderators and its author sees what led there.
    await talk.send("版主", path(three, "remove"))
    await talk.see("乙", path(one), answered=404)


@pytest.fixture
def heard():
    """Before the database is made: what is sent to it is heard."""
    with listening():
        yield


async def test_the_end_of_a_long_chain_is_found_by_as_many_statements_as_that_of_a_short_one(heard, talk):
    chain = [await talk.starts("甲", f"问题{n}") for n in range(12)]
    for one, other in pairwise(chain):
        await merge(talk, one, other)
    counts = []
    for made in (chain[-2], chain[0]):
        with recorded() as statements:
            assert (await talk.see("乙", path(made)))["merged_into"]["id"] == chain[-1]["id"]
        counts.append(len(statements))
    assert 0 < counts[0] == counts[1]


async def test_only_moderators_merge_and_only_what_can_be(talk):
    one, other = await talk.starts("甲", "教案怎么写？"), await talk.starts("甲", "如何写教案？")
    await merge(talk, one, other, name="甲", status=403)
    poll = await talk.starts("甲", kind="poll", poll={"choices": ["周一", "周二"]})
    assert (await merge(talk, poll, other, status=409))["code"] == "not_mergeable"
    gone = await talk.starts("甲", "删掉的")
    await talk.send("甲", path(gone, "remove"))
    for into in (poll, gone, {"id": str(talk.stage.community_id)}):
        assert (await merge(talk, one, into, status=422))["errors"][0]["code"] == "no_target"
    assert (await merge(talk, gone, other, status=409))["code"] == "illegal_transition"


async def test_what_was_merged_can_still_be_removed_and_that_is_told(talk):
    one, other = await talk.starts("甲", "教案怎么写？"), await talk.starts("甲", "如何写教案？")
    reply = await talk.replies("乙", one, "照范例写。")
    await merge(talk, one, other)
    await talk.send("版主", path(one, "remove"))
    assert (await talk.see("版主", path(one)))["status"] == "removed"
    await talk.see("乙", path(one), answered=404)
    await talk.stage.harness.run_jobs()
    assert await talk.told("removed") == [("discussion.removed", 3)]
    assert await thread(talk, other) == [reply["id"]]
    await talk.send("版主", path(one, "restore"))
    assert (await talk.see("乙", path(one)))["merged_into"]["id"] == other["id"]
    assert await listed(talk) == [other["id"]]


async def test_whatever_is_sent_while_a_thread_is_merged_is_answered_and_counted_once(talk):
    """Replies, acceptances and removals race the merge and its job; what is answered is true afterwards."""
    one, other = await talk.starts("甲", "教案怎么写？"), await talk.starts("甲", "如何写教案？")
    answers = [await talk.replies("乙", one, f"第{n}条建议。") for n in range(6)]
    client = talk["甲"].client
    sent = [
        talk["版主"].client.post(path(one, "merge"), json={"into_id": other["id"]}),
        *(client.post(f"{REPLIES}/{answer['id']}/accept") for answer in answers[:2]),
        *(talk["版主"].client.post(f"{REPLIES}/{answer['id']}/remove") for answer in answers[2:4]),
        *(
            talk["版主"].client.post(REPLIES, json={"discussion_id": made["id"], "kind": "answer", "body": f"补充{n}"})
            for n, made in enumerate((one, other, one))
        ),
        talk.stage.harness.run_jobs(),
    ]
    found = await asyncio.gather(*sent)
    statuses = [answer.status_code for answer in found[:-1]]
    assert set(statuses) <= {200, 201, 409}
    assert statuses[0] == 200
    await talk.stage.harness.run_jobs()
    removed, written = statuses[3:5].count(200), statuses[5:].count(201)
    assert len(await thread(talk, other)) == (await talk.see("甲", path(other)))["reply_count"] == 6 - removed + written
    assert await thread(talk, one) == []
    assert (await talk.see("甲", path(one)))["reply_count"] == 0


async def test_who_follows_or_keeps_what_was_merged_follows_and_keeps_where_it_went(talk):
    one, other = await talk.starts("甲", "教案怎么写？"), await talk.starts("乙", "如何写教案？")
    await merged(talk, one, other)
    client = talk["版主"].client
    for on, change in ((True, client.put), (False, client.delete)):
        for what in ("bookmark", "subscription"):
            assert (await change(path(one, what))).status_code == 200
        mine = (await talk.see("版主", path(other)))["mine"]
        assert (mine["subscribed"], mine["bookmarked"]) == (on, on)
        followed = await talk.see("版主", "/v1/subscriptions", community_id=talk.stage.community_id)
        assert [item["target"]["id"] for item in followed["items"]] == [other["id"]] * on
