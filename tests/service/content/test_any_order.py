"""Whatever is done to two threads and two ideas in whatever order: what is seen, counted and numbered agrees, and what is paid follows in any order."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.testing import received
from contracts.base import event_types
from services.gamification.definition import definition as gamification
from services.gamification.earning.rules import Target
from services.gamification.earning.triggers import TRIGGERS
from tests.service.content.conftest import DISCUSSIONS, REPLIES
from tests.service.content.test_discussions import path
from tests.system.faults.net_state import paid as points_paid
from tests.system.faults.net_state import refusals

WORDS = ("好的", "刷单吗")
"""The second is held."""
OF_REPLIES = ("remove", "take down", "restore", "put back", "accept", "unaccept")
OF_THREADS = ("remove", "take down", "restore", "put back", "feature", "unfeature", "merge")
OF_IDEAS = ("remove", "take down", "restore", "put back", "vote", "unvote", "adopt", "merge")
STEP = st.one_of(
    st.tuples(st.just("post"), st.integers(0, 1), st.sampled_from(("甲", "乙")), st.integers(0, 1), st.booleans()),
    st.tuples(st.just("reply"), st.sampled_from(OF_REPLIES), st.integers(0, 5)),
    st.tuples(st.just("thread"), st.sampled_from(OF_THREADS), st.integers(0, 1)),
    st.tuples(st.just("idea"), st.sampled_from(OF_IDEAS), st.integers(0, 1)),
    st.tuples(st.just("release")),
    st.tuples(st.just("jobs")),
)
VERBS = {"take down": "remove", "put back": "restore"}
MODERATORS = {"take down", "put back", "feature", "unfeature", "merge"}


@pytest.fixture
async def accounts(strict, start_service):
    """Gamification twice: one hears everything once and in order, the other everything twice and in none."""
    await strict.joins("运营", "operator")
    async with start_service(gamification) as orderly, start_service(gamification) as disorderly:
        for harness in (orderly, disorderly):
            harness.clock.now = strict.stage.harness.clock()
            await strict.stage.known_to(harness, strict.members.values())
        yield orderly, disorderly


async def do(talk, threads, ideas, replies, step):
    """One step, whether it is allowed then or not."""
    match step:
        case ("post", at, who, word, below):
            parent = next((one["id"] for one in replies if one["discussion_id"] == threads[at]["id"]), None)
            sent = {"discussion_id": threads[at]["id"], "kind": "answer", "body": WORDS[word]}
            if below and parent:
                sent |= {"kind": "comment", "parent_reply_id": parent}
            answer = await talk[who].client.post(REPLIES, json=sent)
            if answer.status_code == 201:
                replies.append(answer.json() | {"by": who})
        case ("reply", action, number) if replies:
            one = replies[number % len(replies)]
            who = "版主" if action in MODERATORS else "甲" if "accept" in action else one["by"]
            answer = await talk[who].client.post(f"{REPLIES}/{one['id']}/{VERBS.get(action, action)}")
        case ("thread", action, at):
            who = "版主" if action in MODERATORS else "甲"
            body = {"into_id": threads[1 - at]["id"]} if action == "merge" else None
            answer = await talk[who].client.post(path(threads[at], VERBS.get(action, action)), json=body)
        case ("idea", action, at):
            await do_idea(talk, ideas, action, at)
            return
        case ("release",):
            query = {"community_id": str(talk.stage.community_id), "status": "open", "limit": 100}
            found = (await talk["版主"].client.get("/v1/moderation-items", params=query)).json()["items"]
            ours = {one["id"] for one in (*ideas, *replies)}
            for item in [one for one in found if one["object_id"] in ours][:1]:
                decision = {"verdict": "release", "revision": item["revision"]}
                answer = await talk["版主"].client.post(f"/v1/moderation-items/{item['id']}/decide", json=decision)
                assert answer.status_code in {200, 409}, answer.text
            return
        case _:
            await talk.stage.harness.run_jobs()
            return
    if step[0] == "post" or step[0] == "thread" or replies:
        assert answer.status_code in {200, 201, 404, 409, 422}, answer.text


async def do_idea(talk, ideas, action, at):
    """One step with an idea, whether it is allowed then or not."""
    here = f"/v1/ideas/{ideas[at]['id']}"
    if "vote" in action:
        client = talk["甲"].client
        answer = await (client.put if action == "vote" else client.delete)(f"{here}/vote")
    elif action in {"adopt", "merge"}:
        seen = await talk["运营"].client.get(here)
        body = {"to": "adopted", "outcome_text": "做。"} if action == "adopt" else {"into_id": ideas[1 - at]["id"]}
        verb = "decide" if action == "adopt" else "merge"
        etag = {"If-Match": seen.headers.get("ETag", '"1"')}
        answer = await talk["运营"].client.post(f"{here}/{verb}", json=body, headers=etag)
    else:
        who = "版主" if action in MODERATORS else "乙"
        answer = await talk[who].client.post(f"{here}/{VERBS.get(action, action)}")
    assert answer.status_code in {200, 404, 409, 422}, answer.text


async def hear(accounts, messages, chance):
    """Both accounts hear of them, each in its way."""
    orderly, disorderly = accounts
    orderly.clock.now = disorderly.clock.now = messages[-1].occurred_at
    ours = [one for one in messages if type(one.data) in TRIGGERS.deeds or type(one.data) in TRIGGERS.changes]
    await orderly.deliver(*ours)
    twice = chance.sample(ours * 2, len(ours) * 2)
    while twice:
        batch, twice = twice[:5], twice[5:]
        await disorderly.deliver(*batch)


def counted(messages, chance):
    """What is paid for after these messages came in some order and in batches: kinds and ids."""
    messages = chance.sample(messages, len(messages))
    states, occurrences = {}, {}
    while messages:
        batch, messages = messages[:4], messages[4:]
        for target, state in TRIGGERS.states_after(batch)[0].items():
            states[target] = max(states.get(target, state), state, key=lambda one: one[1])
        for one in TRIGGERS.occurrences_of([each for each in batch if type(each.data) in TRIGGERS.deeds]):
            occurrences[one.source_id] = one
    return {
        (one.target_kind, one.target_id)
        for one in occurrences.values()
        if all(states.get(Target(*target), ("counts", 0))[0] == "counts" for target in one.targets)
    }


async def everything(talk, thread):
    """All replies of a thread as a moderator reads them, comments too."""
    found = []
    query = {"discussion_id": thread["id"], "limit": 100}
    for one in (await talk.see("版主", REPLIES, **query))["items"]:
        comments = await talk.see("版主", REPLIES, parent_reply_id=one["id"], **query)
        found += [one, *comments["items"]]
    return found


FIRST = [("post", 0, "乙", 0, False), ("post", 0, "乙", 0, True), ("post", 1, "乙", 0, False)]


@pytest.mark.slow
@given(steps=st.lists(STEP, min_size=3, max_size=14), merged_after=st.integers(0, 20), seed=st.integers(0, 9))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_whatever_happens_to_threads_and_ideas_is_seen_counted_and_paid_alike(
    strict, accounts, steps, merged_after, seed
):
    talk, replies = strict, []
    # In another week each, so that no limit of the one before holds.
    talk.later(days=8)
    before = len(await talk.stage.harness.published())
    threads = [await talk.starts("甲", title) for title in ("教案怎么写？", "如何写教案？")]
    idea = {"community_id": str(talk.stage.community_id), "title": "读书角", "body": "放几把椅子。"}
    ideas = [await talk.send("乙", "/v1/ideas", idea | {"resources": word}, status=201) for word in WORDS]
    for step in (*FIRST, *steps[:merged_after], ("thread", "merge", 0), *steps[merged_after:]):
        await do(talk, threads, ideas, replies, step)
    await talk.stage.harness.run_jobs()
    seen = [await talk.see("版主", path(one)) for one in threads]
    paid = {("discussion", one["id"]) for one in seen if one["status"] not in {"removed", "held"}}
    paid |= {("featured", one["id"]) for one in seen if one["featured"] and one["status"] != "removed"}
    ids = []
    for one in seen:
        there = await everything(talk, one)
        ids += [reply["id"] for reply in there]
        shown = [reply for reply in there if reply["status"] == "shown"]
        assert one["reply_count"] == len(shown)
        positions = [reply["position"] for reply in there]
        assert len(positions) == len(set(positions))
        assert sum(reply["accepted"] for reply in there) == (one["accepted_reply_id"] is not None)
        if one["status"] != "removed":
            paid |= {("reply", reply["id"]) for reply in shown}
            listed = await talk.see("乙", DISCUSSIONS, community_id=str(talk.stage.community_id), limit=100)
            assert (one["id"] in [each["id"] for each in listed["items"]]) == (one["merged_into"] is None)
        if one["merged_into"]:
            assert there == []
    assert sorted(ids) == sorted(reply["id"] for reply in replies)
    messages = [
        received(event_types()[one.type].model_validate(one.data), occurred_at=one.occurred_at, version=one.version)
        for one in (await talk.stage.harness.published())[before:]
        if one.type in event_types()
    ]
    for one in ideas:
        proposed = await talk.see("版主", f"/v1/ideas/{one['id']}")
        if proposed["status"] not in {"removed", "held"}:
            paid |= {("idea", one["id"])} | ({("decision", one["id"])} if proposed["status"] == "adopted" else set())
            mine = (await talk.see("甲", f"/v1/ideas/{one['id']}"))["mine"]
            assert proposed["votes"] == mine["voted"]
    ours = {one["id"] for one in (*threads, *ideas, *replies)}
    found = {(kind, key) for kind, key in counted(messages, random.Random(seed)) if key in ours}
    assert {one for one in found if one[0] != "answer"} == paid
    # Whose answer is the accepted one is paid, and stays so where its thread was merged.
    assert {one["accepted_reply_id"] for one in seen} - {None} <= {key for kind, key in found if kind == "answer"} | {
        one["accepted_reply_id"] for one in seen if one["status"] == "removed"
    }
    await hear(accounts, messages, random.Random(seed))
    assert await points_paid(accounts[0]) == await points_paid(accounts[1])
    assert await refusals(accounts[0]) == await refusals(accounts[1])
    assert {key[2] for key in await points_paid(accounts[0])} >= {"discussion", "reply"}
