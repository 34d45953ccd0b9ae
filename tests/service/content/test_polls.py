"""Polls: who votes for what until when, and who sees the results."""

import pytest

from tests.service.content.test_discussions import path


async def ask(talk, *, status=201, **how):
    return await talk.starts("甲", "去哪里团建？", kind="poll", poll={"choices": ["山", "海"]} | how, status=status)


async def vote(talk, name, made, *choices, answered=200):
    answer = await talk[name].client.put(path(made, "vote"), json={"choices": list(choices)})
    assert answer.status_code == answered, answer.text
    return answer.json()


async def take_back(talk, name, made):
    answer = await talk[name].client.delete(path(made, "vote"))
    assert answer.status_code == 200, answer.text
    return answer.json()["poll"]


def counts(poll):
    return [choice["votes"] for choice in poll["choices"]]


async def test_a_vote_is_counted_once_moves_and_is_taken_back(talk):
    made = await ask(talk)
    assert (counts(made["poll"]), made["poll"]["mine"]) == ([None, None], {"chosen": []})
    assert counts((await vote(talk, "乙", made, 0))["poll"]) == [1, 0]
    await vote(talk, "乙", made, 0)
    await vote(talk, "甲", made, 1)
    moved = (await vote(talk, "乙", made, 1))["poll"]
    assert (counts(moved), moved["voters"], moved["mine"]) == ([0, 2], 2, {"chosen": [1]})
    left = await take_back(talk, "乙", made)
    assert (counts(left), left["voters"], left["mine"]) == ([None, None], 1, {"chosen": []})
    await vote(talk, "乙", made, 0)
    assert counts((await talk.see("甲", path(made)))["poll"]) == [1, 1]
    assert counts((await talk.see("版主", path(made)))["poll"]) == [None, None]


async def test_a_message_says_once_that_a_member_voted_and_never_for_what(talk):
    made = await ask(talk)
    await vote(talk, "乙", made, 0)
    await vote(talk, "乙", made, 1)
    (told,) = await talk.stage.harness.published("poll.voted")
    assert told.data == {
        "community_id": str(talk.stage.community_id),
        "discussion_id": made["id"],
        "member_id": str(talk["乙"].id),
    }
    assert str(talk["乙"].id) not in str((await talk.see("甲", path(made)))["poll"])


@pytest.mark.parametrize(("results", "before", "after"), [("always", [1, 0], [1, 0]), ("closed", [None, None], [1, 0])])
async def test_results_are_seen_when_the_poll_says_so_and_closed_it_takes_no_vote(talk, results, before, after):
    made = await ask(talk, results=results, closes_at="2024-05-06T05:00:00Z")
    voted = await vote(talk, "乙", made, 0)
    assert (counts(voted["poll"]), "vote" in voted["viewer"]["can"]) == (before, True)
    talk.later(hours=1)
    refused = await vote(talk, "甲", made, 0, answered=409)
    seen = await talk.see("甲", path(made))
    assert refused["code"] == seen["viewer"]["cannot"]["vote"] == "poll_closed"
    poll = seen["poll"]
    assert (poll["closed"], counts(poll)) == (True, after)


async def test_several_choices_where_the_poll_takes_several(talk):
    one, several = await ask(talk), await ask(talk, several=True)
    refused = await vote(talk, "乙", one, 0, 1, answered=422)
    assert refused["errors"][0]["code"] == "one_only"
    assert counts((await vote(talk, "乙", several, 1, 0))["poll"]) == [1, 1]
    await vote(talk, "乙", several, 2, answered=422)
    await vote(talk, "乙", await talk.starts("甲"), 0, answered=404)


@pytest.mark.parametrize(
    ("how", "pointer"),
    [
        ({"choices": ["山"]}, "/poll/choices"),
        ({"choices": ["山", "ｓea", "Sea"]}, "/poll/choices"),
        ({"closes_at": "2024-05-06T04:00:00Z"}, "/poll/closes_at"),
    ],
)
async def test_polls_that_make_no_sense_are_refused(talk, how, pointer):
    assert [error["pointer"] for error in (await ask(talk, status=422, **how))["errors"]] == [pointer]


async def test_only_polls_have_choices(talk):
    for fields in ({"kind": "topic", "poll": {"choices": ["山", "海"]}}, {"kind": "poll"}):
        refused = await talk.starts("甲", status=422, **fields)
        assert refused["errors"][0]["pointer"] == "/poll"
