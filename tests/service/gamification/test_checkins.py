"""Checking in through the API."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from chassis.testing import SettableClock, received
from contracts.content import TextDecided
from contracts.texts import TextObject
from services.gamification.definition import definition
from tests.service.gamification.stage import NOON, Stage


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        await stage.open()
        yield stage


async def wallet(stage, one):
    return (await one.client.get(f"/v1/wallets/{one.id}")).json()


async def test_a_checkin_answers_with_everything_that_came_of_it(stage):
    member = await stage.member()
    response = await stage.check_in(member, note="读完第三章")
    assert response.status_code == 201
    answer = response.json()
    assert answer["checkin"]["member"]["display_name"] == "Person E00001"
    assert answer["checkin"]["day"] == "2024-05-06"
    assert answer["checkin"]["time_zone"] == "Asia/Shanghai"
    assert answer["checkin"]["note"] == "读完第三章"
    assert answer["streak"]["current"] == 1
    assert [(each["rule"], each["points"], each["xp"]) for each in answer["awarded"]] == [("checkin", 5, 5)]
    assert answer["awarded"][0]["rule_title"] == "Check-in"
    assert answer["refused"] == []
    assert answer["next_milestone"] == 7
    assert answer["wallet"] == {"points": 15, "xp": 5}


async def test_again_the_same_day_answers_the_same_and_changes_nothing(stage):
    member = await stage.member()
    first = await stage.check_in(member, note="one")
    stage.harness.clock.advance(timedelta(hours=3))
    second = await stage.check_in(member, note="two")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert len(await stage.harness.published("checkin.recorded")) == 1


async def test_two_checkins_at_the_same_moment_are_one(stage):
    member = await stage.member()
    answers = await asyncio.gather(*(stage.check_in(member) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["checkin"]["id"] for answer in answers}) == 1
    assert answers[0].json()["wallet"] == {"points": 15, "xp": 5}


async def test_a_checkin_is_told_with_the_member_as_key(stage):
    member = await stage.member()
    await stage.check_in(member)
    (told,) = await stage.harness.published("checkin.recorded")
    assert told.partition_key == str(member.id)
    assert (told.version, told.occurred_at, told.backfill) == (1, NOON, False)
    assert told.data["origin"] == "now"


async def test_a_full_week_pays_its_bonus_and_is_a_milestone(stage):
    member = await stage.member()
    answers = await stage.check_in_on(member, *range(7))
    assert {each["rule"]: each["points"] for each in answers[-1]["awarded"]} == {"checkin": 5, "streak_week": 20}
    assert answers[-1]["wallet"] == {"points": 10 + 7 * 5 + 20, "xp": 7 * 5 + 20}
    assert answers[-1]["next_milestone"] == 30
    (reached,) = await stage.harness.published("streak.reached")
    assert (reached.data["length"], reached.data["day"]) == (7, "2024-05-12")
    assert reached.occurred_at == NOON + timedelta(days=6)


async def test_the_messages_of_a_member_are_counted_without_a_gap(stage):
    member = await stage.member()
    await stage.check_in_on(member, *range(8))
    versions = [told.version for told in await stage.harness.published() if told.subject == str(member.id)]
    assert versions == list(range(1, len(versions) + 1))


async def test_a_missed_day_starts_the_streak_anew(stage):
    member = await stage.member()
    answers = await stage.check_in_on(member, 0, 1, 3)
    assert [answer["streak"]["current"] for answer in answers] == [1, 2, 1]
    assert answers[-1]["streak"]["longest"] == 2


async def test_a_freeze_bridges_one_missed_day(stage):
    member = await stage.member()
    answers = await stage.check_in_on(member, *range(30), 31)
    assert answers[29]["streak"]["freezes"] == 1
    assert answers[30]["streak"] | {"last_day": None} == {
        "current": 31,
        "longest": 31,
        "freezes": 0,
        "freezes_used": 1,
        "checkins": 31,
        "last_day": None,
    }


async def test_where_workdays_count_a_weekend_breaks_no_streak(stage):
    await stage.change(streak_days="workdays")
    member = await stage.member()
    answers = await stage.check_in_on(member, 10, 11, 14)
    assert answers[-1]["streak"]["current"] == 3


async def test_where_workdays_count_a_saturday_worked_in_exchange_for_a_holiday_is_one(stage):
    await stage.change(streak_days="workdays")
    member = await stage.member()
    answers = await stage.check_in_on(member, 3, 4, 7)
    assert answers[-1]["streak"]["current"] == 1


async def test_the_day_starts_when_the_community_says(stage):
    await stage.change(day_starts_at="04:00")
    member = await stage.member()
    stage.harness.clock.now = datetime(2024, 5, 6, 19, 30, tzinfo=UTC)
    assert (await stage.check_in(member)).json()["checkin"]["day"] == "2024-05-06"


async def test_a_members_own_zone_decides_his_day(stage):
    member = await stage.member(time_zone="America/New_York")
    stage.harness.clock.now = datetime(2024, 5, 7, 2, 0, tzinfo=UTC)
    checkin = (await stage.check_in(member)).json()["checkin"]
    assert (checkin["day"], checkin["time_zone"]) == ("2024-05-06", "America/New_York")


async def test_changing_the_zone_wins_no_second_checkin(stage):
    member = await stage.member()
    stage.harness.clock.now = datetime(2024, 5, 6, 15, 0, tzinfo=UTC)
    first = (await stage.check_in(member)).json()
    await stage.move(member, "Pacific/Kiritimati")
    stage.harness.clock.advance(timedelta(hours=1))
    second = await stage.check_in(member)
    assert second.status_code == 200
    assert second.json()["checkin"]["id"] == first["checkin"]["id"]


async def test_a_new_zone_counts_from_the_next_day_and_keeps_the_streak(stage):
    member = await stage.member()
    await stage.check_in_on(member, 0)
    await stage.move(member, "America/New_York")
    stage.harness.clock.now = NOON + timedelta(days=1, hours=2)
    following = (await stage.check_in(member)).json()
    assert following["checkin"]["day"] == "2024-05-07"
    assert following["checkin"]["time_zone"] == "America/New_York"
    assert following["streak"]["current"] == 2


async def test_who_is_no_member_cannot_check_in(stage):
    member = await stage.member()
    await stage.leave(member)
    assert (await stage.check_in(member)).status_code == 403


async def test_the_feed_shows_a_member_his_own_and_an_operator_everyones(stage):
    one, two = await stage.members(2)
    boss = await stage.member(roles=("operator",))
    for member in (one, two):
        await stage.check_in(member)
        stage.harness.clock.advance(timedelta(minutes=1))
    query = {"community_id": str(stage.community_id)}
    own = (await one.client.get("/v1/checkins", params=query)).json()["items"]
    everyone = (await boss.client.get("/v1/checkins", params=query)).json()["items"]
    assert [each["member"]["member_id"] for each in own] == [str(one.id)]
    assert [each["member"]["member_id"] for each in everyone] == [str(two.id), str(one.id)]
    assert (await two.client.get("/v1/checkins", params={"member_id": str(one.id)})).status_code == 403


async def test_the_feed_goes_on_page_by_page(stage):
    member = await stage.member()
    await stage.check_in_on(member, *range(5))
    query = {"member_id": str(member.id), "limit": 2}
    days = []
    while True:
        page = (await member.client.get("/v1/checkins", params=query)).json()
        days += [each["day"] for each in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert days == [f"2024-05-{day:02d}" for day in (10, 9, 8, 7, 6)]


async def test_the_feed_asks_for_a_community_or_a_member(stage):
    member = await stage.member()
    assert (await member.client.get("/v1/checkins")).status_code == 422


async def test_the_calendar_says_of_each_day_what_it_was(stage):
    member = await stage.member(joined_at=datetime(2024, 5, 3, tzinfo=UTC))
    await stage.check_in_on(member, 0, 1, 3)
    stage.harness.clock.now = NOON + timedelta(days=4)
    month = (await member.client.get("/v1/checkins/calendar", params={"member_id": str(member.id)})).json()
    states = {day["day"][-2:]: day["state"] for day in month["days"]}
    assert month["month"] == "2024-05"
    assert len(states) == 31
    assert [states[day] for day in ("02", "03", "06", "07", "08", "09", "10", "11")] == [
        "before_joining", "missed", "checked_in", "checked_in", "missed", "checked_in", "open", "future",
    ]  # fmt: skip
    assert {day["day"][-2:] for day in month["days"] if day["can_make_up"]} == {"08"}


async def test_a_broken_streak_is_shown_as_none(stage):
    member = await stage.member()
    await stage.check_in_on(member, 0, 1)
    stage.harness.clock.now = NOON + timedelta(days=5)
    month = (await member.client.get("/v1/checkins/calendar", params={"member_id": str(member.id)})).json()
    assert (month["streak"]["current"], month["streak"]["longest"]) == (0, 2)


async def test_a_month_that_is_none_is_refused(stage):
    member = await stage.member()
    query = {"member_id": str(member.id), "month": "2024-13"}
    assert (await member.client.get("/v1/checkins/calendar", params=query)).status_code == 422


async def make_up(stage, member, day):
    return await member.client.post("/v1/checkins/make-ups", json={"community_id": str(stage.community_id), "day": day})


async def test_a_missed_day_is_made_up_for_its_price_and_mends_the_streak(stage):
    member = await stage.member()
    await stage.check_in_on(member, 0, 1, 2, 4)
    answer = await make_up(stage, member, "2024-05-09")
    assert answer.status_code == 201
    assert answer.json()["streak"]["current"] == 5
    assert answer.json()["wallet"] == {"points": 10 + 5 * 5 - 20, "xp": 25}
    assert (await make_up(stage, member, "2024-05-09")).status_code == 200
    assert (await wallet(stage, member))["points"] == 15


async def test_a_make_up_needs_the_points(stage):
    member = await stage.member()
    await stage.check_in_on(member, 1)
    answer = await make_up(stage, member, "2024-05-06")
    assert (answer.status_code, answer.json()["code"]) == (409, "points_short")


@pytest.mark.parametrize("day", ["2024-05-10", "2024-05-14", "2024-05-15"])
async def test_only_the_last_three_days_can_be_made_up(stage, day):
    member = await stage.member()
    await stage.check_in_on(member, 0, 1, 2)
    stage.harness.clock.now = NOON + timedelta(days=8)
    answer = await make_up(stage, member, day)
    assert (answer.status_code, answer.json()["code"]) == (409, "day_not_missed")


async def test_a_made_up_day_that_fills_a_week_pays_the_bonus_at_its_own_day(stage):
    member = await stage.member()
    await stage.check_in_on(member, 0, 1, 2, 3, 4, 6)
    answer = (await make_up(stage, member, "2024-05-11")).json()
    assert answer["wallet"] == {"points": 10 + 7 * 5 + 20 - 20, "xp": 7 * 5 + 20}
    entries = (await member.client.get("/v1/ledger-entries", params={"member_id": str(member.id)})).json()["items"]
    bonus = [each for each in entries if each["amount"] == 20 and each["currency"] == "xp"]
    assert [each["occurred_at"] for each in bonus] == ["2024-05-12T04:00:00Z"]


async def test_a_checkin_can_be_read_by_its_member_and_by_no_other(stage):
    one, two = await stage.members(2)
    checkin = (await stage.check_in(one)).json()["checkin"]
    assert (await one.client.get(f"/v1/checkins/{checkin['id']}")).json() == checkin
    assert (await two.client.get(f"/v1/checkins/{checkin['id']}")).status_code == 404
    assert (await one.client.get(f"/v1/checkins/{one.id}")).status_code == 404


async def test_a_made_up_day_shows_as_such_and_says_what_it_cost(stage):
    member = await stage.member()
    await stage.check_in_on(member, 0, 1, 2, 4)
    answer = (await make_up(stage, member, "2024-05-09")).json()
    assert answer["checkin"]["origin"] == "made_up"
    entries = (await member.client.get("/v1/ledger-entries", params={"member_id": str(member.id)})).json()["items"]
    assert [(each["amount"], each["title"]) for each in entries if each["amount"] < 0] == [(-20, "Missed day made up")]
    month = (await member.client.get("/v1/checkins/calendar", params={"member_id": str(member.id)})).json()
    assert {day["day"]: day["origin"] for day in month["days"] if day["origin"]}["2024-05-09"] == "made_up"


async def test_a_date_that_the_zone_skipped_breaks_no_streak_and_cannot_be_made_up(stage):
    await stage.change(time_zone="Pacific/Apia")
    # Samoa went from Thursday the 29th to Saturday the 31st of December.
    stage.harness.clock.now = datetime(2011, 12, 27, 22, tzinfo=UTC)
    member = await stage.member(joined_at=datetime(2011, 11, 1, tzinfo=UTC))
    for noon in ("2011-12-27T22:00", "2011-12-28T22:00", "2011-12-29T22:00", "2011-12-30T22:00"):
        stage.harness.clock.now = datetime.fromisoformat(noon).replace(tzinfo=UTC)
        response = await stage.check_in(member)
        assert response.status_code == 201, response.text
    answer = response.json()
    assert (answer["checkin"]["day"], answer["streak"]["current"]) == ("2011-12-31", 4)
    refused = await make_up(stage, member, "2011-12-30")
    assert (refused.status_code, refused.json()["code"]) == (409, "day_not_missed")
    month = (await member.client.get("/v1/checkins/calendar", params={"member_id": str(member.id)})).json()
    day = next(day for day in month["days"] if day["day"] == "2011-12-30")
    assert (day["state"], day["can_make_up"]) == ("off", False)


@pytest.mark.parametrize("month", ["0001-01", "1899-12", "2201-01", "9999-12", "2024-13"])
async def test_a_month_that_no_calendar_of_ours_has_is_refused(stage, month):
    member = await stage.member()
    answer = await member.client.get("/v1/checkins/calendar", params={"member_id": member.id, "month": month})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/query/month")


@pytest.mark.parametrize("month", ["1900-01", "2200-12"])
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Pacific/Kiritimati", "Pacific/Niue"])
async def test_the_first_and_the_last_month_can_be_read_in_any_zone(stage, month, zone):
    member = await stage.member(time_zone=zone)
    answer = await member.client.get("/v1/checkins/calendar", params={"member_id": member.id, "month": month})
    assert (answer.status_code, len(answer.json()["days"])) == (200, 31)


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "9999-12-31", 0])
async def test_a_day_that_no_calendar_of_ours_has_cannot_be_made_up(stage, day):
    member = await stage.member()
    body = {"community_id": str(stage.community_id), "day": day}
    answer = await member.client.post("/v1/checkins/make-ups", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/day")


@pytest.mark.parametrize("day", ["1900-01-01", "2200-12-31"])
async def test_the_ends_of_the_calendar_are_refused_by_the_rules_and_not_by_an_overflow(stage, day):
    member = await stage.member()
    body = {"community_id": str(stage.community_id), "day": day}
    assert (await member.client.post("/v1/checkins/make-ups", json=body)).status_code in (409, 422)


@pytest.mark.parametrize("zone", ["Asia", "x" * 300, "../etc/passwd", ""])
async def test_a_member_whose_zone_is_none_checks_in_by_that_of_the_community(stage, zone):
    member = await stage.member(time_zone=zone)
    assert (await stage.check_in(member)).json()["checkin"]["time_zone"] == "Asia/Shanghai"


async def test_a_day_off_that_nobody_has_announced_is_provisional(stage):
    await stage.change(streak_days="workdays")
    member = await stage.member()
    stage.harness.clock.now = datetime(2026, 12, 31, 4, tzinfo=UTC)
    query = {"member_id": str(member.id)}
    for month, provisional in (("2026-12", set()), ("2027-01", {True})):
        days = (await member.client.get("/v1/checkins/calendar", params=query | {"month": month})).json()["days"]
        assert {day["provisional"] for day in days} - {False} == provisional


# --- notes ---------------------------------------------------------------------------------------------------------


def decided(stage, checkin, verdict, *, version, revision=1):
    about = TextObject(service="gamification", kind="checkin", id=UUID(checkin["id"]), revision=revision)
    message = TextDecided(community_id=stage.community_id, object=about, root_id=UUID(checkin["id"]), verdict=verdict)
    return received(message, occurred_at=NOON, version=version)


async def test_others_read_a_note_once_moderation_has_decided_and_its_author_always(stage):
    member, operator = await stage.member(), await stage.member(roles=["operator"])
    checkin = (await stage.check_in(member, note="读完第三章")).json()["checkin"]
    path = f"/v1/checkins/{checkin['id']}"

    async def read(reader):
        seen = (await reader.client.get(path)).json()
        return seen["note"], seen["note_hidden"]

    (told,) = await stage.harness.published("text.written")
    assert (told.data["text"], told.data["object"]["revision"]) == ({"note": "读完第三章"}, 1)
    assert (await read(operator), await read(member)) == ((None, "waiting"), ("读完第三章", "waiting"))
    hold, release, remove = (
        decided(stage, checkin, verdict, version=place)
        for place, verdict in enumerate(("hold", "release", "remove"), 1)
    )
    await stage.harness.deliver(release, hold, decided(stage, checkin, "remove", version=9, revision=2))
    assert (await read(operator), await read(member)) == (("读完第三章", None), ("读完第三章", None))
    await stage.harness.deliver(hold, remove, release, hold)
    assert (await read(operator), await read(member)) == ((None, "removed"), ("读完第三章", "removed"))


async def test_a_note_that_nobody_answers_is_told_again(stage):
    await stage.check_in(await stage.member(), note="读完第三章")
    running = stage.harness.runtime
    async with running.database.transaction() as session:
        await running.service.timers.set_periodic(session, stage.harness.clock())
    stage.harness.clock.advance(timedelta(hours=3))
    await stage.harness.run_timers()
    told = await stage.harness.published("text.written")
    assert [(one.version, one.data["object"]["revision"]) for one in told][:2] == [(1, 1), (2, 1)]
