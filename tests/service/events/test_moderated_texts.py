"""What moderation says of the texts of activities, series and proposals."""

import asyncio
from uuid import UUID

import pytest

from chassis.testing import received
from contracts.content import TextDecided
from contracts.texts import TextObject
from tests.service.events.competing import CONTESTS, contest_of, in_the_bank
from tests.service.events.conftest import ACTIVITIES

STAND_IN = "（内容审核中）Under review"
SERIES = "/v1/series"


async def asked(hall):
    """The texts that moderation was asked about: kind, id, revision and what they say."""
    told = await hall.stage.harness.published("text.written")
    return [(one.data["object"], one.data["text"]) for one in told]


async def decided(hall, verdict, *, about=None, version=1):
    """Have moderation decide about the latest text, or `about` an earlier one."""
    thing = about or (await asked(hall))[-1][0]
    message = TextDecided(
        community_id=hall.stage.community_id,
        object=TextObject(**thing),
        root_id=UUID(thing["id"]),
        verdict=verdict,
    )
    await hall.stage.harness.deliver(received(message, occurred_at=hall.now, version=version))


async def reads(hall, name, activity):
    one = await hall.see(name, f"{ACTIVITIES}/{activity['id']}")
    return one["title"], one["description"], one["location"] and one["location"]["name"], one["text_hidden"]


async def announced(hall, **fields):
    return await hall.announces(title="讲课", description="三个故事", location={"name": "三楼"}, **fields)


async def test_a_contest_is_called_what_its_activity_is_called_and_a_stand_in_while_that_is_held(hall):
    with in_the_bank():
        contest = await contest_of(hall, "甲")
    title = (await hall.see("群主", f"{ACTIVITIES}/{contest['activity_id']}"))["title"]
    assert (contest["title"], contest["text_hidden"]) == (title, None)
    await decided(hall, "hold")
    for name, read in (("甲", STAND_IN), ("群主", title)):
        [listed] = (await hall.see(name, CONTESTS, community_id=str(hall.stage.community_id)))["items"]
        for one in (listed, await hall.see(name, f"{CONTESTS}/{contest['id']}")):
            assert (one["title"], one["text_hidden"]) == (read, "waiting")


async def test_a_text_is_read_until_it_is_held_and_then_a_stand_in_by_others(hall):
    activity = await announced(hall)
    [(about, text)] = await asked(hall)
    assert (about["service"], about["kind"], about["id"], about["revision"]) == (
        "events",
        "activity",
        activity["id"],
        1,
    )
    assert text == {"title": "讲课", "description": "三个故事", "location_name": "三楼"}
    whole = ("讲课", "三个故事", "三楼")
    assert await reads(hall, "甲", activity) == (*whole, None)
    await hall.registers("甲", activity)
    await decided(hall, "hold")
    assert await reads(hall, "甲", activity) == (STAND_IN, "", None, "waiting")
    assert await reads(hall, "群主", activity) == (*whole, "waiting")
    listed = await hall.see("甲", ACTIVITIES, community_id=str(hall.stage.community_id))
    assert [one["title"] for one in listed["items"]] == [STAND_IN]
    home = await hall.see("甲", "/internal/home", community_id=str(hall.stage.community_id))
    assert [one["title"] for one in home["upcoming"]] == [STAND_IN]
    await decided(hall, "release", version=2)
    assert await reads(hall, "甲", activity) == (*whole, None)
    await decided(hall, "remove", version=3)
    assert await reads(hall, "甲", activity) == (STAND_IN, "", None, "removed")


async def test_what_was_held_is_not_read_by_writing_it_anew_until_it_is_decided_about(hall):
    activity = await announced(hall)
    await decided(hall, "hold")
    await hall.change("群主", f"{ACTIVITIES}/{activity['id']}", {"title": "讲课（二）"}, version=2)
    assert (await reads(hall, "甲", activity))[0] == STAND_IN
    [(first, _), (second, text)] = await asked(hall)
    assert (second["revision"], text["title"]) == (2, "讲课（二）")
    # What was decided about the earlier text changes nothing.
    await decided(hall, "release", about=first, version=2)
    assert (await reads(hall, "甲", activity))[0] == STAND_IN
    await decided(hall, "allow", version=3)
    assert (await reads(hall, "甲", activity))[0] == "讲课（二）"


async def test_an_answer_that_is_lost_is_asked_for_again(hall):
    activity = await announced(hall)
    await decided(hall, "hold")
    await hall.change("群主", f"{ACTIVITIES}/{activity['id']}", {"title": "讲课（二）"}, version=2)
    await hall.change("群主", f"{ACTIVITIES}/{activity['id']}", {"capacity": 9}, version=3)
    assert len(await asked(hall)) == 2
    running = hall.stage.harness.runtime
    async with running.database.transaction() as session:
        await running.service.timers.set_periodic(session, hall.now)
    hall.later(hours=2)
    await hall.stage.harness.run_timers()
    assert [(one["revision"], text["title"]) for one, text in await asked(hall)][2:] == [(2, "讲课（二）")]


async def test_one_text_of_a_series_is_that_of_all_its_dates(hall):
    made = await hall.send(
        "群主",
        SERIES,
        {
            "community_id": str(hall.stage.community_id),
            "kind": "workshop",
            "title": "每周读书",
            "rule": {"frequency": "weekly", "weekdays": ["mo"]},
            "starts_on": "2024-05-13",
            "at": "10:00",
            "minutes": 60,
            "count": 5,
        },
        status=201,
    )
    await hall.send("群主", f"{SERIES}/{made['id']}/announce", version=1)
    [(about, text)] = await asked(hall)
    assert (about["kind"], text["title"]) == ("series", "每周读书")
    await decided(hall, "hold")
    query = {"community_id": str(hall.stage.community_id)}
    for name, title in (("甲", STAND_IN), ("群主", "每周读书")):
        listed = await hall.see(name, ACTIVITIES, **query)
        assert [one["title"] for one in listed["items"]] == [title] * 5
        assert (await hall.see(name, f"{SERIES}/{made['id']}"))["title"] == title


async def test_what_a_member_proposes_is_read_by_themselves_while_it_is_held(hall):
    body = {"community_id": str(hall.stage.community_id), "title": "怎么带新人", "wishes": "下午"}
    made = await hall.send("甲", "/v1/proposals", body, status=201)
    await decided(hall, "hold")
    for name, read in (("甲", ("怎么带新人", "下午")), ("群主", (STAND_IN, ""))):
        seen = await hall.see(name, f"/v1/proposals/{made['id']}")
        assert (seen["title"], seen["wishes"], seen["text_hidden"]) == (*read, "waiting")


@pytest.mark.parametrize("verdict", ["allow", "hold"])
async def test_of_a_text_that_is_decided_about_while_it_is_written_anew_the_latest_counts(hall, verdict):
    activity = await announced(hall)
    [(first, _)] = await asked(hall)
    path = f"{ACTIVITIES}/{activity['id']}"
    await asyncio.gather(
        decided(hall, verdict, about=first),
        hall.change("群主", path, {"title": "讲课（二）"}, version=2),
    )
    await decided(hall, "allow", version=2)
    assert await reads(hall, "甲", activity) == ("讲课（二）", "三个故事", "三楼", None)
