"""Looking back: at an activity once it is completed, and at a month."""

import asyncio

from tests.service.events.conftest import ACTIVITIES

RETROSPECTIVES = "/v1/retrospectives"
WRITTEN = {"kept": "提前一周发资料", "to_change": "留更多时间提问", "insight": "新人更想听故事"}


def path(one):
    return f"{RETROSPECTIVES}/{one['id']}"


async def over(hall, name="群主", **fields):
    """An activity that took place, and was completed a day after its end by the clock."""
    activity = await hall.announces(name, **fields)
    hall.later(days=4, hours=3)
    await hall.stage.harness.run_timers()
    return activity


async def listed(hall, name="群主", **query):
    return (await hall.see(name, RETROSPECTIVES, community_id=str(hall.stage.community_id), **query))["items"]


async def tasks(hall, name):
    found = await hall.see(name, "/internal/tasks")
    return [(one["title"], one["due_at"]) for one in found if one["code"] == "write_retrospective"]


async def desk(hall):
    found = await hall.see("群主", "/internal/desk", community_id=str(hall.stage.community_id))
    return next((one["count"], one["overdue"]) for one in found if one["code"] == "retrospectives_to_write")


async def test_five_working_days_after_an_activity_is_completed_one_looks_back_at_it(hall):
    # Completed on Friday, 2024-05-10, at 14:00 in Shanghai. The Saturday was worked for a holiday, the Sunday does not count.
    await over(hall, title="怎么讲课")
    [one] = await listed(hall)
    assert (one["title"], one["status"], one["overdue"], one["due_at"]) == (
        "怎么讲课", "due", False, "2024-05-16T06:00:00Z",
    )  # fmt: skip
    assert await tasks(hall, "群主") == [("Look back: 怎么讲课", "2024-05-16T06:00:00Z")]
    assert await desk(hall) == (1, 0)
    hall.later(days=7)
    assert await desk(hall) == (1, 1)
    assert [one["overdue"] for one in await listed(hall, status="due")] == [True]


async def test_it_is_written_once_all_three_parts_are_and_says_who_wrote(hall):
    await over(hall)
    await hall.joins("运营", "operator")
    [one] = await listed(hall)
    half = await hall.change("群主", path(one), {"kept": WRITTEN["kept"], "insight": " "}, version=1)
    assert (half["status"], half["written_at"], await desk(hall)) == ("due", None, (1, 0))
    whole = await hall.change("运营", path(one), WRITTEN, version=2)
    assert (whole["status"], [one["member_id"] for one in whole["writers"]]) == (
        "written",
        [str(hall["群主"].id), str(hall["运营"].id)],
    )
    assert (await tasks(hall, "群主"), await desk(hall), await listed(hall, status="due")) == ([], (0, 0), [])
    await hall.change("群主", path(one), {"kept": "x"}, version=2, status=412)
    hall.later(days=1)
    again = await hall.change("群主", path(one), {"insight": "新人也想提问"}, version=3)
    assert again["written_at"] == whole["written_at"]
    assert [one["status"] for one in await listed(hall, status="written")] == ["written"]
    assert (await hall.change("群主", path(one), {"insight": ""}, version=4))["status"] == "due"


async def test_it_is_read_and_written_by_who_runs_the_activity_and_nobody_else(hall):
    await hall.joins("讲师", "lecturer")
    await hall.joins("别的讲师", "lecturer")
    await over(hall, organiser_ids=[str(hall["讲师"].id)], title="讲师的")
    await over(hall, title="群主的")
    [mine] = await listed(hall, "讲师")
    assert mine["title"] == "讲师的"
    await hall.change("讲师", path(mine), {"kept": "都好"}, version=1)
    assert await tasks(hall, "讲师") == [("Look back: 讲师的", mine["due_at"])]
    [other] = [one for one in await listed(hall) if one["title"] == "群主的"]
    for name in ("讲师", "别的讲师"):
        await hall.see(name, path(other), answered=404)
    await hall.change("别的讲师", path(mine), {"kept": "不好"}, version=2, status=404)
    await hall.see("甲", path(mine), answered=404)
    await hall.see("甲", RETROSPECTIVES, community_id=str(hall.stage.community_id), answered=403)
    assert (await hall.see("群主", path(mine)))["kept"] == "都好"
    assert (await tasks(hall, "甲"), await listed(hall, "别的讲师")) == ([], [])


async def test_nobody_looks_back_at_a_meeting_or_at_what_did_not_take_place(hall):
    await over(hall, kind="meeting")
    activity = await hall.announces()
    await hall.send("群主", f"{ACTIVITIES}/{activity['id']}/cancel", {"reason": "讲师生病"}, version=2)
    hall.later(days=9)
    await hall.stage.harness.run_timers()
    assert await listed(hall) == []


async def test_a_community_looks_back_at_a_month_once(hall):
    body = {"community_id": str(hall.stage.community_id), "month": "2024-04"}
    made = await hall.send("群主", RETROSPECTIVES, body, status=201)
    assert (made["month"], made["activity_id"], made["title"]) == ("2024-04", None, None)
    assert (await hall.send("群主", RETROSPECTIVES, body, status=200))["id"] == made["id"]
    assert await tasks(hall, "群主") == [("Look back: 2024-04", made["due_at"])]
    await hall.send("甲", RETROSPECTIVES, body, status=403)
    await hall.joins("讲师", "lecturer")
    await hall.send("讲师", RETROSPECTIVES, body, status=403)
    await hall.see("讲师", path(made), answered=404)
    assert await tasks(hall, "讲师") == []
    written = await hall.change("群主", path(made), WRITTEN, version=1)
    assert (written["status"], [one["member_id"] for one in written["writers"]]) == ("written", [str(hall["群主"].id)])


async def test_of_many_who_look_back_at_a_month_at_once_there_is_one(hall):
    body = {"community_id": str(hall.stage.community_id), "month": "2024-04"}
    answers = await asyncio.gather(*(hall["群主"].client.post(RETROSPECTIVES, json=body) for _ in range(5)))
    assert max(one.status_code for one in answers) in {201, 409}
    assert sum(one.status_code == 201 for one in answers) == 1
    assert len(await listed(hall)) == 1


async def test_what_two_write_at_once_is_not_lost(hall):
    await over(hall)
    [one] = await listed(hall)
    answers = await asyncio.gather(
        *(
            hall["群主"].client.patch(path(one), json={"kept": text}, headers={"If-Match": '"1"'})
            for text in ("一", "二", "三")
        )
    )
    assert sorted(one.status_code for one in answers) == [200, 412, 412]
