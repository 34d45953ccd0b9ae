"""Meetings: who reads them, their minutes, and action items that live on until they are closed."""

from tests.service.events.conftest import REGISTRATIONS

MEETINGS, ITEMS = "/v1/meetings", "/v1/action-items"


async def meets(hall, *names):
    """A meeting to which these are assigned."""
    meeting = await hall.announces(kind="meeting", title="周例会")
    body = {"activity_id": meeting["id"], "member_ids": [str(hall[name].id) for name in names]}
    await hall.send("群主", f"{REGISTRATIONS}/assign", body)
    return meeting


def item(hall, meeting, name="甲", **fields):
    return {
        "activity_id": meeting["id"],
        "title": "整理课件",
        "owner_id": str(hall[name].id),
        "due_on": "2024-05-08",
    } | fields


async def test_who_is_invited_reads_the_agenda_and_the_minutes(hall):
    meeting = await meets(hall, "甲")
    path = f"{MEETINGS}/{meeting['id']}"
    agenda = [{"title": "复盘上周", "minutes": 20, "notes": "请先读数据。"}]
    await hall.change("群主", path, {"agenda": agenda}, version=1)
    assert (await hall.see("甲", path))["agenda"] == agenda
    await hall.see("乙", path, answered=403)
    await hall.change("甲", path, {"minutes": "我写的"}, version=2, status=403)
    written = await hall.change("群主", path, {"minutes": "上周 12 次打卡。", "decisions": ["每周复盘"]}, version=2)
    assert (written["decisions"], written["viewer"]["can"]) == (["每周复盘"], ["update"])
    await hall.change("群主", path, {"minutes": "迟了"}, version=2, status=412)
    assert [one.data["title"] for one in await hall.stage.harness.published("minuted")] == ["周例会"]
    short = await hall.change("群主", path, {"agenda": [{"title": "下周"}]}, version=3)
    assert short["agenda"] == [{"title": "下周", "minutes": None, "notes": ""}]
    workshop = await hall.announces()
    await hall.see("群主", f"{MEETINGS}/{workshop['id']}", answered=404)


async def test_an_action_item_lives_on_until_it_is_done(hall):
    first = await meets(hall, "甲", "乙")
    made = await hall.send("群主", ITEMS, item(hall, first), status=201)
    assert (made["viewer"]["can"], made["overdue"]) == (["update", "complete", "drop"], False)
    hall.later(days=4)
    second = await meets(hall, "甲", "乙")
    carried = (await hall.see("乙", f"{MEETINGS}/{second['id']}"))["carried_over"]
    assert [(one["title"], one["overdue"]) for one in carried] == [("整理课件", True)]
    path = f"{ITEMS}/{made['id']}"
    assert (await hall.see("群主", path))["title"] == "整理课件"
    await hall.send("乙", f"{path}/close", {"status": "done"}, status=403)
    await hall.see("丙", path, answered=404)
    done = await hall.send("甲", f"{path}/close", {"status": "done"})
    assert await hall.send("甲", f"{path}/close", {"status": "done"}) == done
    await hall.send("群主", f"{path}/close", {"status": "dropped"}, status=409)
    assert (await hall.see("乙", f"{MEETINGS}/{second['id']}"))["carried_over"] == []
    told = [one.type for one in await hall.stage.harness.published("action_item")]
    assert [one.split("action_item.")[1] for one in told] == ["assigned.v1", "completed.v1"]


async def test_an_action_item_passes_to_another_and_lists_say_whose(hall):
    meeting = await meets(hall, "甲", "乙")
    made = await hall.send("群主", ITEMS, item(hall, meeting), status=201)
    stranger = item(hall, meeting) | {"owner_id": "01900000-0000-7000-8000-000000000000"}
    assert (await hall.send("群主", ITEMS, stranger, status=422))["errors"][0]["code"] == "unknown_member"
    await hall.change("群主", f"{ITEMS}/{made['id']}", {"owner_id": str(hall["乙"].id)}, version=1)
    community = str(hall.stage.community_id)
    for name, titles in (("甲", []), ("乙", ["整理课件"]), ("群主", ["整理课件"])):
        listed = (await hall.see(name, ITEMS, community_id=community, status="open"))["items"]
        assert [one["title"] for one in listed] == titles
    assert len((await hall.see("乙", ITEMS, due_before="2024-05-09"))["items"]) == 1
    assert (await hall.see("乙", ITEMS, due_before="2024-05-08"))["items"] == []
