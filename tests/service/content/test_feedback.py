"""Feedback: for its author and whom it is addressed to, and for nobody else."""

import re

import pytest

from chassis.ids import new_id
from chassis.timers import Timer
from services.content.feedback.service import tell_counts

ALL = "/v1/discussions/feedback"
SECRET = "某经理总在例会上骂人"


@pytest.fixture
async def hall(talk):
    """A community with an owner and an operator."""
    await talk.joins("群主", "owner")
    await talk.joins("运营", "operator")
    return talk


async def give(talk, name="甲", to="operators", title=SECRET):
    body = {"community_id": str(talk.stage.community_id), "to": to, "title": title, "body": SECRET}
    return await talk.send(name, ALL, body, status=201)


async def found_by(talk, name, **query):
    listed = await talk.see(name, ALL, community_id=str(talk.stage.community_id), **query)
    return [item["id"] for item in listed["items"]]


async def desk(talk, name, code):
    queues = await talk.see(name, "/internal/desk", community_id=str(talk.stage.community_id))
    return next((queue for queue in queues if queue["code"] == code), None)


async def count(talk):
    """Have the clock come round to counting."""
    now = talk.stage.harness.clock()
    async with talk.stage.harness.runtime.database.transaction() as session:
        await tell_counts(session, Timer(new_id(), "feedback.count", new_id(), now, now))


@pytest.mark.parametrize(("to", "readers"), [("operators", {"甲", "运营", "群主"}), ("owner", {"甲", "群主"})])
async def test_its_author_and_whom_it_is_addressed_to_read_and_settle_it(hall, to, readers):
    made = await give(hall, to=to)
    path = f"{ALL}/{made['id']}"
    for name in ("甲", "乙", "版主", "运营", "群主"):
        seen = name in readers
        assert await found_by(hall, name) == ([made["id"]] if seen else [])
        await hall.see(name, path, answered=200 if seen else 404)
        await hall.see(name, f"{path}/replies", answered=200 if seen else 404)
        if not seen:
            await hall.send(name, f"{path}/replies", {"body": "？"}, status=404)
            await hall.send(name, f"{path}/close", status=404)
    await hall.send("甲", f"{path}/replies", {"body": "请尽快。"}, status=201)
    assert (await hall.see("群主", path))["answered_at"] is None
    await hall.send("群主", f"{path}/replies", {"body": "已经谈过。"}, status=201)
    replies = (await hall.see("甲", f"{path}/replies"))["items"]
    assert [one["body"] for one in replies] == ["请尽快。", "已经谈过。"]
    settled = await hall.send("甲", f"{path}/close")
    assert (settled["status"], settled["viewer"]["can"]) == ("closed", [])
    await hall.send("群主", f"{path}/close", status=409)
    await hall.send("群主", f"{path}/replies", {"body": "再议。"}, status=409)


async def test_an_answer_is_due_in_one_working_day_and_the_end_in_five(hall):
    made = await give(hall)
    # From noon of a Monday in Shanghai; the Saturday of that week is worked.
    assert (made["answer_due_at"], made["close_due_at"]) == ("2024-05-07T04:00:00Z", "2024-05-11T04:00:00Z")
    waits = await desk(hall, "运营", "feedback_to_answer")
    assert (waits["count"], waits["overdue"]) == (1, 0)
    hall.later(days=1)
    assert (await desk(hall, "运营", "feedback_to_answer"))["overdue"] == 1
    assert await found_by(hall, "运营", waiting="answer", overdue=True) == [made["id"]]
    await hall.send("运营", f"{ALL}/{made['id']}/replies", {"body": "在查。"}, status=201)
    assert (await desk(hall, "运营", "feedback_to_answer"))["count"] == 0
    assert await found_by(hall, "运营", overdue=True) == []
    hall.later(days=5)
    assert (await desk(hall, "运营", "feedback_to_close"))["overdue"] == 1
    await give(hall, to="owner")
    assert (await desk(hall, "运营", "feedback_to_answer"))["count"] == 0
    assert await hall.see("运营", "/internal/tasks") == []
    (task,) = await hall.see("群主", "/internal/tasks")
    assert (task["code"], task["count"], task["community"]["name"]) == ("settle_feedback", 1, "读书会")
    assert len((await hall.see("群主", task["href"]))["items"]) == task["count"]


async def test_its_author_learns_of_an_answer_until_they_read_it(hall):
    made = await give(hall)
    path = f"{ALL}/{made['id']}"

    async def news(name):
        listed = await found_by(hall, name, unread=True)
        tasks = [
            one["object"]["id"] for one in await hall.see(name, "/internal/tasks") if one["code"] == "read_feedback"
        ]
        home = await hall.see(name, "/internal/home", community_id=str(hall.stage.community_id))
        unread = (await hall.see(name, path))["mine"]["unread"]
        assert ([made["id"]] * unread, unread) == (listed, home["unread"]["feedback"])
        assert tasks == listed
        return unread

    assert not await news("甲")
    for what in ("replies", "close"):
        hall.later()
        await hall.send(
            "运营",
            f"{path}/{what}",
            {"body": "在查。"} if what == "replies" else None,
            status=201 if what == "replies" else 200,
        )
        assert (await news("甲"), await news("运营")) == (True, False)
        assert (await hall["运营"].client.put(f"{path}/read")).status_code == 403
        assert await news("甲")
        read = await hall["甲"].client.put(f"{path}/read")
        assert (read.status_code, read.json()["mine"]) == (200, {"author": True, "unread": False})
        assert not await news("甲")
    assert await found_by(hall, "运营", mine=True) == []
    assert await found_by(hall, "甲", mine=True, status="closed") == [made["id"]]
    assert await found_by(hall, "甲", mine=True, status="open") == await found_by(hall, "甲", to="owner") == []


async def test_nothing_of_content_shows_it_to_others_and_only_numbers_leave_it(hall):
    ids = set()
    for to in ("operators", "owner"):
        made = await give(hall, to=to)
        answer = await hall.send("群主", f"{ALL}/{made['id']}/replies", {"body": SECRET}, status=201)
        ids |= {made["id"], answer["id"]}
    given = next(iter(ids))
    community = str(hall.stage.community_id)
    query = {"community_id": community, "q": SECRET, "count": "true", "unread": "true", "discussion_id": given}
    document = (await hall["乙"].client.get("/openapi.json")).json()
    reads = [path for path, operations in document["paths"].items() if "get" in operations]
    reads += ["/internal/desk", "/internal/tasks", "/internal/home"]
    assert len(reads) > 20
    for name in ("乙", "版主"):
        for path in reads:
            filled = re.sub(r"\{\w+\}", given, path)
            for asked in (query, {"community_id": community}, {"mine": "true"}):
                answer = await hall[name].client.get(filled, params=asked)
                assert answer.status_code < 500
                assert SECRET not in answer.text, (name, path)
                assert not any(one in answer.text for one in ids), (name, path)
        listed = await hall.see(name, "/v1/discussions", community_id=community, count=True)
        assert (listed["items"], listed["total"]["value"]) == ([], 0)
    assert await desk(hall, "版主", "feedback_to_answer") is None
    assert await hall.stage.harness.published() == []
    assert await hall.again() == []
    hall.later(days=2)
    await count(hall)
    (told,) = [one for one in await hall.stage.harness.published() if "content" in one.type]
    assert (told.type, told.data) == (
        "qunxue.content.feedback.counted.v1",
        {"community_id": community, "day": "2024-05-06", "opened": 2, "answered": 2, "closed": 0},
    )
    await count(hall)
    assert len(await hall.stage.harness.published("feedback.counted")) == 1
