"""Activities that come again and again: made by a rule, announced together, joined for one date or for all of them."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col

from services.events.activities.models import Activity
from tests.service.events.conftest import ACTIVITIES, REGISTRATIONS
from tests.support.statements import listening, recorded

SERIES = "/v1/series"
TUESDAYS = {"frequency": "weekly", "weekdays": ["tu"]}


def one(series, verb=""):
    return f"{SERIES}/{series['id']}{verb and '/' + verb}"


async def prepared(hall, name="群主", *, status=201, **fields):
    body = {
        "community_id": str(hall.stage.community_id),
        "kind": "sharing_session",
        "title": "周二读书",
        "rule": TUESDAYS,
        "starts_on": "2024-05-06",
        "count": 4,
        "at": "19:00",
        "minutes": 90,
    }
    wanted = {key: value for key, value in (body | fields).items() if value is not None}
    return await hall.send(name, SERIES, wanted, status=status)


async def announced(hall, **fields):
    made = await prepared(hall, **fields)
    return await hall.send("群主", one(made, "announce"), version=1)


async def dates(hall, series, name="群主"):
    found = await hall.see(
        name, ACTIVITIES, community_id=str(hall.stage.community_id), series_id=series["id"], limit=100
    )
    return found["items"]


async def test_a_series_is_made_of_activities_and_known_once_it_is_announced(hall):
    made = await prepared(hall, capacity=1, registration_closes_before=60, tags=["读书"])
    assert [one["starts_at"] for one in made["dates"]] == [
        f"2024-05-{day}T11:00:00Z" for day in ("07", "14", "21", "28")
    ]
    assert (made["status"], made["viewer"]["can"], made["time_zone"]) == (
        "draft",
        ["update", "announce", "move", "cancel", "extend"],
        "Asia/Shanghai",
    )
    await hall.see("甲", one(made), answered=404)
    await hall.send("甲", one(made, "join"), {}, status=404)
    await hall.send("群主", one(made, "announce"), version=3, status=412)
    known = await hall.send("群主", one(made, "announce"), version=1)
    assert {date["status"] for date in known["dates"]} == {"announced"}
    await hall.send("群主", one(made, "announce"), version=2, status=409)
    assert await hall.told() == ["activity.announced"] * 4
    assert (await hall.see("甲", one(made)))["viewer"]["can"] == ["join", "leave"]
    first = (await dates(hall, made, "甲"))[0]
    assert (first["series_id"], first["series_on"], first["tags"]) == (made["id"], "2024-05-07", ["读书"])
    assert first["registration_closes_at"] == "2024-05-07T10:00:00Z"
    message = (await hall.stage.harness.published("activity."))[0]
    assert message.data["series_id"] == made["id"]
    listed = await hall.see("甲", SERIES, community_id=str(hall.stage.community_id))
    assert [each["id"] for each in listed["items"]] == [made["id"]]


async def test_whoever_prepares_one_before_they_are_heard_of_runs_it(hall):
    hall.members["新群主"] = hall.stage.vouch("owner")
    series = await prepared(hall, "新群主")
    assert [organiser["member_id"] for organiser in series["organisers"]] == [str(hall["新群主"].id)]


async def test_the_clock_stays_the_same_in_summer_and_in_winter(hall):
    made = await prepared(hall, starts_on="2024-03-26", count=2, time_zone="Europe/Berlin", at="02:30", rule=TUESDAYS)
    assert [date["starts_at"] for date in made["dates"]] == ["2024-03-26T01:30:00Z", "2024-04-02T00:30:00Z"]
    sunday = TUESDAYS | {"weekdays": ["su"]}
    gap = await prepared(hall, starts_on="2024-03-31", count=1, time_zone="Europe/Berlin", at="02:30", rule=sunday)
    fold = await prepared(hall, starts_on="2024-10-27", count=1, time_zone="Europe/Berlin", at="02:30", rule=sunday)
    # 02:30 is skipped in March, and shown twice in October: half an hour after the skip, and the first time.
    assert gap["dates"][0]["starts_at"] == "2024-03-31T01:30:00Z"
    assert fold["dates"][0]["starts_at"] == "2024-10-27T00:30:00Z"


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"rule": {"frequency": "weekly"}}, [("/rule/weekdays", "missing")]),
        ({"rule": TUESDAYS | {"nth": 2}}, [("/rule/nth", "only_monthly")]),
        ({"rule": {"frequency": "monthly"}}, [("/rule/day_of_month", "missing")]),
        ({"rule": {"frequency": "monthly", "nth": 1}}, [("/rule/weekdays", "one_weekday")]),
        ({"rule": {"frequency": "monthly", "nth": 1, "day_of_month": 1}}, [("/rule/nth", "day_or_weekday")]),
        ({"rule": {"frequency": "monthly", "day_of_month": 0}}, [("/rule/day_of_month", "no_such_day")]),
        ({"until": "2024-06-01"}, [("/until", "until_or_count")]),
        ({"count": None}, [("/until", "until_or_count")]),
        ({"count": None, "until": "2024-05-06"}, [("/until", "no_dates")]),
        ({"count": None, "until": "2029-05-06"}, [("/until", "too_many_dates")]),
        ({"count": None, "until": "2044-05-06"}, [("/until", "too_far")]),
        ({"count": 50, "rule": {"frequency": "monthly", "interval": 12, "day_of_month": 3}}, [("/count", "too_far")]),
        ({"at": "24:00"}, [("/at", "not_a_time_of_day")]),
        (
            {"registration_opens_before": 10, "registration_closes_before": 20},
            [("/registration_opens_before", "opens_after_close")],
        ),
    ],
)
async def test_a_rule_that_is_none_is_refused_and_makes_nothing(hall, fields, errors):
    refused = await prepared(hall, status=422, **fields)
    assert [(wrong["pointer"], wrong["code"]) for wrong in refused["errors"]] == errors
    listed = await hall.see("群主", SERIES, community_id=str(hall.stage.community_id))
    assert listed["items"] == []
    assert (await hall.see("群主", ACTIVITIES, community_id=str(hall.stage.community_id)))["items"] == []


async def test_one_registers_for_all_dates_at_once_and_each_has_its_outcome(hall):
    series = await announced(hall, capacity=1)
    first, second, third, fourth = await dates(hall, series)
    await hall.registers("乙", second)
    mine = await hall.registers("甲", third)
    await hall.send("群主", f"{ACTIVITIES}/{fourth['id']}/cancel", {"reason": "停电"}, version=2)
    answer = await hall.send("甲", one(series, "join"), {})
    assert [(each["activity_id"], each["status"], each["place"]) for each in answer["items"]] == [
        (first["id"], "confirmed", None),
        (second["id"], "waitlisted", 1),
        (third["id"], "confirmed", None),
    ]
    assert answer["items"][2]["registration_id"] == mine["id"]
    told = await hall.told()
    assert told[-2:] == ["registration.confirmed", "registration.waitlisted"]
    assert await hall.send("甲", one(series, "join"), {}) == answer
    assert await hall.told() == told
    left = await hall.send("甲", one(series, "leave"))
    assert {each["status"] for each in left["items"]} == {"cancelled"}
    assert await hall.send("甲", one(series, "leave")) == left


async def test_a_date_that_refuses_says_why_and_the_others_are_joined(hall):
    series = await announced(hall, registration_opens_before=7 * 24 * 60)
    answer = await hall.send("甲", one(series, "join"), {})
    assert [each["status"] for each in answer["items"]] == ["confirmed", None, None, None]
    assert answer["items"][1]["problem"]["reason"] == "not_open_yet"
    hall.later(days=60)
    over = await hall.send("甲", one(series, "join"), {}, status=409)
    assert over["code"] == "nothing_to_come"
    assert (await hall.send("甲", one(series, "leave")))["items"] == []


async def test_a_series_is_for_some_members_alone_until_it_is_for_all(hall):
    await hall.joins("讲师", "lecturer")
    series = await announced(hall, eligibility={"roles": ["lecturer"]})
    assert series["eligibility"]["roles"] == ["lecturer"]
    refused = await hall.send("甲", one(series, "join"), {})
    assert {(each["status"], each["problem"]["code"]) for each in refused["items"]} == {(None, "not_eligible")}
    joined = await hall.send("讲师", one(series, "join"), {})
    assert {each["status"] for each in joined["items"]} == {"confirmed"}
    await hall.change("群主", one(series), {"from": "2024-05-20", "eligibility": None}, version=2)
    answer = await hall.send("甲", one(series, "join"), {})
    assert [each["status"] for each in answer["items"]] == [None, None, "confirmed", "confirmed"]
    unknown = await prepared(hall, status=422, eligibility={"departments": ["NOWHERE"]})
    assert unknown["errors"][0]["pointer"] == "/eligibility/departments/0"


async def test_who_leaves_all_dates_gives_each_seat_to_who_waits_there(hall):
    series = await announced(hall, capacity=1)
    await hall.send("甲", one(series, "join"), {})
    await hall.send("乙", one(series, "join"), {})
    await hall.send("丙", one(series, "join"), {})
    await hall.send("甲", one(series, "leave"))
    for activity in await dates(hall, series, "乙"):
        assert activity["mine"]["registration"]["status"] == "confirmed"
        assert activity["seats"] == {"capacity": 1, "confirmed": 1, "waiting": 1}


async def test_who_join_at_once_have_one_seat_or_the_next_place_at_each_date(hall):
    series = await announced(hall, capacity=3)
    crowd = await hall.stage.members(8)
    answers = await asyncio.gather(*(each.client.post(one(series, "join"), json={}) for each in crowd))
    assert {each.status_code for each in answers} == {200}
    by_date = zip(*(each.json()["items"] for each in answers), strict=True)
    for outcomes in by_date:
        assert sorted(each["place"] or 0 for each in outcomes) == [0, 0, 0, 1, 2, 3, 4, 5]


async def test_who_joins_all_and_who_registers_for_one_do_not_wait_for_each_other_for_ever(hall):
    series = await announced(hall, capacity=5)
    activities = await dates(hall, series)
    crowd = await hall.stage.members(10)

    async def comes(place, who):
        if place % 2:
            return await who.client.post(one(series, "join"), json={})
        wanted = {"activity_id": activities[-1 - place % 4]["id"]}
        return await who.client.post(REGISTRATIONS, json=wanted)

    answers = await asyncio.gather(*(comes(place, who) for place, who in enumerate(crowd)))
    assert {each.status_code for each in answers} <= {200, 201}
    for activity in await dates(hall, series):
        coming = 5 + sum(activities[-1 - place % 4]["id"] == activity["id"] for place in range(0, 10, 2))
        assert activity["seats"]["confirmed"] + activity["seats"]["waiting"] == coming


async def test_what_is_changed_from_a_day_on_leaves_what_was_changed_by_itself(hall):
    series = await announced(hall, capacity=2, registration_closes_before=60)
    third, fourth = (await dates(hall, series))[2:]
    mine = await hall.registers("甲", fourth)
    await hall.change("群主", f"{ACTIVITIES}/{third['id']}", {"title": "朗诵", "category": "晚会"}, version=2)
    await hall.send("群主", f"{ACTIVITIES}/{fourth['id']}/cancel", {"reason": "停电"}, version=2)
    body = {"from": "2024-05-14", "title": "周二写作", "location": {"name": "三楼"}, "registration_closes_before": 30}
    changed = await hall.change("群主", one(series), body, version=2)
    assert (changed["title"], changed["registration_closes_before"]) == ("周二写作", 30)
    assert [date["own_fields"] for date in changed["dates"]] == [[], [], ["category", "title"], []]
    now = await dates(hall, series)
    assert [each["title"] for each in now] == ["周二读书", "周二写作", "朗诵", "周二读书"]
    assert [bool(each["location"]) for each in now] == [False, True, True, False]
    assert now[1]["registration_closes_at"] == "2024-05-14T10:30:00Z"
    assert (await hall.told())[-2:] == ["activity.updated"] * 2
    again = await hall.change("群主", one(series), body, version=3)
    assert again == changed
    assert (await hall.see("甲", f"{REGISTRATIONS}/{mine['id']}"))["status"] == "cancelled"
    await hall.change("甲", one(series), {"title": "我的"}, version=3, status=403)
    wrong = await hall.change("群主", one(series), {"registration_opens_before": 10}, version=3, status=422)
    assert wrong["errors"][0]["pointer"] == "/registration_opens_before"


async def test_seats_that_are_added_to_all_dates_go_to_who_waits(hall):
    series = await announced(hall, capacity=1)
    for name in "甲乙丙":
        await hall.send(name, one(series, "join"), {})
    await hall.change("群主", one(series), {"from": "2024-05-20", "capacity": 2}, version=2)
    assert [each["seats"]["confirmed"] for each in await dates(hall, series)] == [1, 1, 2, 2]
    assert (await dates(hall, series, "乙"))[2]["mine"]["registration"]["status"] == "confirmed"


async def test_moved_dates_follow_the_rule_in_their_order_and_everybody_is_asked_again(hall):
    series = await announced(hall)
    activities = await dates(hall, series)
    await hall.send("甲", one(series, "join"), {})
    alone = {"starts_at": "2024-05-22T01:00:00Z", "ends_at": "2024-05-22T02:00:00Z"}
    await hall.send("群主", f"{ACTIVITIES}/{activities[2]['id']}/move", alone, version=2)
    body = {
        "from": "2024-05-14",
        "rule": {"frequency": "weekly", "weekdays": ["th"]},
        "at": "18:30",
        "confirm_before": 60,
    }
    moved = await hall.send("群主", one(series, "move"), body, version=2)
    assert [(date["on"], date["starts_at"]) for date in moved["dates"]] == [
        ("2024-05-07", "2024-05-07T11:00:00Z"),
        ("2024-05-16", "2024-05-16T10:30:00Z"),
        ("2024-05-23", "2024-05-22T01:00:00Z"),
        ("2024-05-30", "2024-05-30T10:30:00Z"),
    ]
    assert (moved["at"], moved["rule"]["weekdays"]) == ("18:30", ["th"])
    listed = {each["id"]: each for each in await dates(hall, series, "甲")}
    asked = [
        (await hall.see("甲", f"{REGISTRATIONS}/{each['mine']['registration']['id']}"))["unconfirmed"]
        for each in listed.values()
    ]
    assert asked == [False, True, True, True]
    assert (await hall.see("甲", f"{ACTIVITIES}/{activities[1]['id']}"))["confirm_by"] == "2024-05-16T09:30:00Z"
    assert (await hall.told())[-2:] == ["activity.moved"] * 2
    unchanged = await hall.send("群主", one(series, "move"), body, version=3, status=422)
    assert unchanged["errors"][0]["code"] == "unchanged"


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"to": "2024-04-30", "at": "08:00"}, 422, ("/at", "in_the_past")),
        ({"from": "2024-05-14", "to": "2024-05-06"}, 422, ("/to", "before_others")),
        ({"rule": {"frequency": "monthly", "interval": 52, "day_of_month": -1}}, 422, ("/rule", "too_far")),
        ({"rule": {"frequency": "weekly"}}, 422, ("/rule/weekdays", "missing")),
        ({"from": "2024-06-01", "at": "08:00"}, 409, "nothing_to_come"),
    ],
)
async def test_dates_are_not_moved_where_they_cannot_be(hall, body, status, said):
    series = await announced(hall)
    before = await dates(hall, series)
    refused = await hall.send("群主", one(series, "move"), body, version=2, status=status)
    if status == 422:
        assert (refused["errors"][0]["pointer"], refused["errors"][0]["code"]) == said
    else:
        assert refused["code"] == said
    assert await dates(hall, series) == before


async def test_a_series_ends_earlier_or_is_cancelled_as_a_whole(hall):
    series = await announced(hall)
    await hall.send("甲", one(series, "join"), {})
    ended = await hall.send("群主", one(series, "cancel"), {"from": "2024-05-21", "reason": "放假"}, version=2)
    assert [date["status"] for date in ended["dates"]] == ["announced", "announced", "cancelled", "cancelled"]
    assert ended["status"] == "announced"
    await hall.send("群主", one(series, "cancel"), {"from": "2024-05-21", "reason": "放假"}, version=3, status=409)
    whole = await hall.send("群主", one(series, "cancel"), {"reason": "停办"}, version=3)
    assert (whole["status"], {date["status"] for date in whole["dates"]}) == ("cancelled", {"cancelled"})
    assert whole["viewer"]["can"] == []
    assert {each["mine"]["registration"]["status"] for each in await dates(hall, series, "甲")} == {"cancelled"}
    assert (await hall.told())[-4:] == ["activity.cancelled"] * 4
    for verb, body in (("extend", {"count": 1}), ("move", {"at": "08:00"}), ("cancel", {"reason": "停办"})):
        await hall.send("群主", one(series, verb), body, version=4, status=409)


async def test_more_dates_have_what_the_series_has_now(hall):
    fortnight = TUESDAYS | {"interval": 2}
    series = await announced(hall, rule=fortnight, count=2)
    await hall.change("群主", one(series), {"from": "2024-06-01", "title": "新书"}, version=2)
    longer = await hall.send("群主", one(series, "extend"), {"count": 2}, version=3)
    assert [(date["on"], date["status"]) for date in longer["dates"]] == [
        ("2024-05-07", "announced"),
        ("2024-05-21", "announced"),
        ("2024-06-04", "draft"),
        ("2024-06-18", "draft"),
    ]
    assert len((await hall.see("甲", one(series)))["dates"]) == 2
    await hall.send("群主", one(series, "announce"), version=4)
    assert [each["title"] for each in await dates(hall, series, "甲")] == ["周二读书", "周二读书", "新书", "新书"]
    many = await hall.send("群主", one(series, "extend"), {"count": 197}, version=5, status=422)
    assert many["errors"][0]["code"] == "too_many_dates"
    none = await hall.send("群主", one(series, "extend"), {"until": "2024-06-18"}, version=5, status=422)
    assert none["errors"][0]["code"] == "no_dates"


async def test_drafts_are_moved_and_cancelled_and_nobody_hears_of_it(hall):
    series = await prepared(hall)
    moved = await hall.send("群主", one(series, "move"), {"at": "08:00", "minutes": 30}, version=1)
    assert moved["dates"][0]["ends_at"] == "2024-05-07T00:30:00Z"
    await hall.send("群主", one(series, "cancel"), {"reason": "不办"}, version=2)
    assert await hall.told() == []


async def statements(hall, call):
    with recorded() as made:
        await call()
    return len(made)


async def every_second_has_a_title(hall, series):
    async with hall.stage.harness.runtime.database.transaction() as session:
        every_second = (col(Activity.series_id) == UUID(series["id"]), col(Activity.series_no) % 2 == 1)
        await session.execute(update(Activity).where(*every_second).values(own_fields=["title"]))


@pytest.fixture
def heard():
    with listening():
        yield


async def test_two_hundred_dates_take_as_many_statements_as_eight(heard, hall):
    costs, why, other = {}, {"reason": "停办"}, {"capacity": 3, "title": "周二写作"}
    for count in (8, 200):
        made = await prepared(hall, count=count)
        costs[count] = [
            await statements(hall, lambda count=count: prepared(hall, count=count)),
            await statements(hall, lambda made=made: hall.send("群主", one(made, "announce"), version=1)),
            await statements(hall, lambda made=made: hall.send("甲", one(made, "join"), {})),
            await statements(hall, lambda made=made: hall.send("甲", one(made, "leave"))),
            await statements(hall, lambda made=made: hall.send("甲", one(made, "join"), {})),
            await statements(hall, lambda made=made: every_second_has_a_title(hall, made)),
            await statements(hall, lambda made=made: hall.change("群主", one(made), other, version=2)),
            await statements(hall, lambda made=made: hall.send("群主", one(made, "move"), {"at": "08:00"}, version=3)),
            await statements(hall, lambda made=made: hall.send("群主", one(made, "cancel"), why, version=4)),
        ]
    assert costs[200] == costs[8]
