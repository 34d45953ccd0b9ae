"""Reactions: given, taken back, given again, and counted where they are shown."""

import pytest

from tests.service.content.conftest import DISCUSSIONS, REPLIES


@pytest.fixture
async def question(talk):
    return await talk.starts("甲", tags=["教案"])


@pytest.fixture(params=[DISCUSSIONS, REPLIES])
async def liked(talk, question, request):
    """A discussion and a reply, both by 甲, by where their reactions are."""
    if request.param == DISCUSSIONS:
        return f"{DISCUSSIONS}/{question['id']}"
    reply = await talk.replies("甲", question, kind="comment")
    return f"{REPLIES}/{reply['id']}"


async def put(talk, name, path, kind="like", *, status=200, method="PUT"):
    answer = await talk[name].client.request(method, f"{path}/reactions/{kind}")
    assert answer.status_code == status, answer.text
    return answer.json()


async def told(talk):
    found = await talk.stage.harness.published("reaction")
    return [(one.type.split(".")[3], one.version, one.data["reaction"]) for one in found]


async def test_a_reaction_is_counted_once_and_shown_to_who_gave_it(talk, liked):
    assert await put(talk, "乙", liked) == {"reactions": {"like": 1}, "reacted": ["like"]}
    await put(talk, "乙", liked)
    await put(talk, "版主", liked)
    assert await put(talk, "乙", liked, "thanks") == {
        "reactions": {"like": 2, "thanks": 1},
        "reacted": ["like", "thanks"],
    }
    for name, mine in (("乙", ["like", "thanks"]), ("甲", [])):
        seen = await talk.see(name, liked)
        assert (seen["reactions"], seen["mine"]["reacted"]) == ({"like": 2, "thanks": 1}, mine)
    assert await told(talk) == [("added", 1, "like"), ("added", 1, "like"), ("added", 1, "thanks")]


async def test_taken_back_and_given_again_it_is_the_same_one(talk, liked):
    await put(talk, "乙", liked, method="DELETE")
    await put(talk, "乙", liked)
    assert await put(talk, "乙", liked, method="DELETE") == {"reactions": {}, "reacted": []}
    await put(talk, "乙", liked, method="DELETE")
    assert await put(talk, "乙", liked) == {"reactions": {"like": 1}, "reacted": ["like"]}
    assert await told(talk) == [("added", 1, "like"), ("removed", 2, "like"), ("added", 3, "like")]
    first, removed, again = await talk.stage.harness.published("reaction")
    assert first.subject == removed.subject == again.subject


async def test_it_is_told_with_whose_and_where_it_is(talk, question):
    reply = await talk.replies("甲", question)
    await put(talk, "乙", f"{REPLIES}/{reply['id']}", "insightful")
    (one,) = await talk.stage.harness.published("reaction.added")
    assert one.partition_key == question["id"]
    assert one.data["object"] == {
        "kind": "reply",
        "id": reply["id"],
        "root_id": question["id"],
        "author_ids": [str(talk["甲"].id)],
    }
    assert (one.data["tags"], one.data["member_id"]) == (["教案"], str(talk["乙"].id))


async def test_lists_show_who_reacted(talk, question):
    reply = await talk.replies("甲", question)
    await put(talk, "乙", f"{REPLIES}/{reply['id']}")
    await put(talk, "乙", f"{DISCUSSIONS}/{question['id']}", "thanks")
    (listed,) = (await talk.see("乙", DISCUSSIONS, community_id=str(talk.stage.community_id)))["items"]
    assert (listed["reactions"], listed["mine"]["reacted"]) == ({"thanks": 1}, ["thanks"])
    (shown,) = (await talk.see("乙", REPLIES, discussion_id=question["id"]))["items"]
    assert (shown["reactions"], shown["mine"]["reacted"]) == ({"like": 1}, ["like"])


async def test_nobody_reacts_to_what_was_removed_nor_otherwise_than_known(talk, liked):
    await put(talk, "乙", liked, "angry", status=422)
    await talk.send("甲", f"{liked}/remove")
    await put(talk, "乙", liked, status=404)
    await put(talk, "甲", liked, status=409)
