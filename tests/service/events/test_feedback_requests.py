"""Feedback requests: answers go to the author of the work, and counts alone elsewhere."""

import pytest

REQUESTS = "/v1/feedback-requests"
QUESTIONS = ["哪里最有用？", "哪里可以更好？"]


async def asks(hall, name="甲", *names, status=201, **fields):
    body = {
        "community_id": str(hall.stage.community_id),
        "title": "新员工手册初稿",
        "questions": QUESTIONS,
        "member_ids": [str(hall[one].id) for one in names or ("乙", "丙")],
    }
    return await hall.send(name, REQUESTS, body | fields, status=status)


async def says(hall, name, request, *, status=200, answers=("例子", "目录")):
    return await hall.send(name, f"{REQUESTS}/{request['id']}/answers", {"answers": list(answers)}, status=status)


async def listed(hall, name, query=""):
    found = await hall.see(name, f"{REQUESTS}?community_id={hall.stage.community_id}{query}")
    return [one["title"] for one in found["items"]]


async def test_answers_are_read_by_the_author_of_the_work_and_each_by_who_gave_it(hall):
    request = await asks(hall)
    path = f"{REQUESTS}/{request['id']}"
    # Asked on Monday at noon; Saturday the 11th is worked for a holiday.
    assert (request["closes_at"], request["viewer"]["can"]) == ("2024-05-11T04:00:00Z", ["close"])
    said = await says(hall, "乙", request)
    assert [one["answers"] for one in said["colleagues"]] == [["例子", "目录"]]
    assert (said["answered"], said["asked"]) == (None, 2)
    seen = await hall.see("甲", path)
    assert {one["member"]["member_id"]: one["answers"] for one in seen["colleagues"]} == {
        str(hall["乙"].id): ["例子", "目录"],
        str(hall["丙"].id): None,
    }
    assert (await hall.see("丙", path))["colleagues"] == [
        {"member": seen["colleagues"][1]["member"], "answered_at": None, "answers": None}
    ]
    for name in ("丁", "群主"):
        await hall.see(name, path, answered=404)
        await says(hall, name, request, status=404)
    assert await listed(hall, "群主") == []
    assert (await listed(hall, "甲", "&mine=true"), await listed(hall, "甲", "&mine=false")) == (["新员工手册初稿"], [])
    assert (await listed(hall, "乙", "&mine=true"), await listed(hall, "乙", "&mine=false")) == ([], ["新员工手册初稿"])


async def test_what_was_said_stays_and_nobody_answers_what_has_closed(hall):
    request = await asks(hall)
    await says(hall, "乙", request)
    again = await says(hall, "乙", request, answers=("别的", "别的"))
    assert again["colleagues"][0]["answers"] == ["例子", "目录"]
    await says(hall, "丙", request, answers=("一", "二", "三"), status=422)
    await says(hall, "甲", request, status=403)
    await hall.send("乙", f"{REQUESTS}/{request['id']}/close", status=403)
    closed = await hall.send("甲", f"{REQUESTS}/{request['id']}/close")
    assert await hall.send("甲", f"{REQUESTS}/{request['id']}/close") == closed
    await says(hall, "丙", request, status=409)
    by_itself = await asks(hall, "乙", "甲")
    hall.later(days=5)
    assert (await hall.see("甲", f"{REQUESTS}/{by_itself['id']}"))["status"] == "closed"
    await hall.stage.harness.run_timers()
    assert (await hall.see("乙", f"{REQUESTS}/{by_itself['id']}"))["closed_at"] == by_itself["closes_at"]


async def test_who_is_asked_has_a_task(hall):
    request = await asks(hall)
    tasks = [(one["code"], one["href"]) for one in await hall.see("乙", "/internal/tasks")]
    assert tasks == [("give_feedback", f"{REQUESTS}/{request['id']}")]
    await says(hall, "乙", request)
    assert await hall.see("乙", "/internal/tasks") == []


async def test_counts_alone_leave_once_the_day_is_over_and_by_nobody(hall):
    request = await asks(hall)
    await says(hall, "乙", request)
    assert await hall.told() == []
    runtime = hall.stage.harness.runtime
    async with runtime.database.transaction() as session:
        await runtime.service.timers.set_periodic(session, hall.now)
    for _ in range(2):
        hall.later(days=1)
        await hall.stage.harness.run_timers()
    [told] = await hall.stage.harness.published("feedback")
    assert told.data == {
        "community_id": str(hall.stage.community_id),
        "day": "2024-05-06",
        "opened": 1,
        "answered": 1,
        "closed": 0,
    }
    assert told.actor == "system"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"questions": QUESTIONS[:1]}, "too_short"),
        ({"questions": QUESTIONS * 3}, "too_long"),
        ({"member_ids": ["01900000-0000-7000-8000-000000000000"]}, "unknown_member"),
        ({"closes_at": "2024-05-01T00:00:00Z"}, "in_the_past"),
    ],
)
async def test_what_does_not_fit_is_refused(hall, fields, code):
    refused = await asks(hall, status=422, **fields)
    assert refused["errors"][0]["code"] == code
    assert await listed(hall, "甲") == []


async def test_nobody_asks_themselves(hall):
    assert (await asks(hall, "甲", "甲", "乙", status=422))["errors"][0]["code"] == "unknown_member"


async def test_what_somebody_thought_goes_with_them(hall):
    request = await asks(hall, description="见共享盘")
    await says(hall, "乙", request)
    await says(hall, "丙", request, answers=("图", "字"))
    runtime = hall.stage.harness.runtime
    async with runtime.database.transaction() as session:
        for feature in runtime.service.features:
            if feature.erasure is not None:
                await feature.erasure(session, hall["乙"].person_id, hall.now)
    seen = await hall.see("甲", f"{REQUESTS}/{request['id']}")
    assert sorted(one["answers"] for one in seen["colleagues"]) == [[], ["图", "字"]]
    assert (seen["answered"], seen["description"]) == (2, "见共享盘")
