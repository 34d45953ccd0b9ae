"""How much people from outside write in the day after they joined."""

import asyncio
from collections import Counter

from tests.service.content.conftest import DISCUSSIONS, REPLIES
from tests.service.content.test_moderation import decides
from tests.service.stage import NOON

TOMORROW = "2024-05-07T04:00:00Z"


async def newcomer(talk, name, person_kind):
    talk.members[name] = await talk.stage.member(joined_at=NOON, person_kind=person_kind)
    return talk.members[name].client


async def at_once(client, path, body, times):
    """How often each answer came to the same request, sent several times together."""
    answers = await asyncio.gather(*(client.post(path, json=body) for _ in range(times)))
    return Counter(one.status_code for one in answers)


async def test_who_joined_from_outside_starts_three_discussions_and_ideas_and_writes_ten_replies_in_the_first_day(talk):
    client = await newcomer(talk, "外人", "external")
    question = await talk.starts("甲")
    topic = {"community_id": str(talk.stage.community_id), "kind": "topic", "title": "大家好", "body": "我是新来的。"}
    reply = {"discussion_id": question["id"], "kind": "answer", "body": "同意。"}
    assert await at_once(client, DISCUSSIONS, topic, 5) == {201: 3, 409: 2}
    assert await at_once(client, REPLIES, reply, 12) == {201: 10, 409: 2}
    idea = {"community_id": str(talk.stage.community_id), "title": "换张桌子", "body": "圆的。"}
    assert await at_once(client, "/v1/ideas", idea, 5) == {201: 3, 409: 2}
    talk.later(hours=23, minutes=59)
    refused = [await talk.starts("外人", status=409), await talk.replies("外人", question, status=409)]
    assert [(one["code"], one["most"], one["until"]) for one in refused] == [
        ("first_day_full", 3, TOMORROW),
        ("first_day_full", 10, TOMORROW),
    ]
    talk.later()
    await talk.starts("外人")
    await talk.replies("外人", question)


async def test_what_is_held_counts_and_its_release_asks_nothing_of_the_first_day(strict):
    await newcomer(strict, "外人", "external")
    held = await strict.starts("外人", "兼职", body="来刷单赚钱")
    for _ in range(2):
        await strict.starts("外人")
    await strict.starts("外人", status=409)
    await decides(strict, "release")
    assert (await strict.see("乙", f"{DISCUSSIONS}/{held['id']}"))["status"] == "open"


async def test_an_employee_writes_as_much_on_the_first_day_as_on_any(talk):
    client = await newcomer(talk, "新人", "employee")
    topic = {"community_id": str(talk.stage.community_id), "kind": "topic", "title": "大家好", "body": "我是新来的。"}
    assert await at_once(client, DISCUSSIONS, topic, 4) == {201: 4}
