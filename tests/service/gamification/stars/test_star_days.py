"""The months and the days of voting are those of the community's zone, also where a clock is changed in them."""

from datetime import UTC, datetime, time, timedelta

import pytest

from tests.service.gamification.stars.naming import VOTING, wrong

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("zone", "began", "opens", "closes"),
    [
        # The clock goes back on 3 November, one of the days of voting: they end an hour later by the sun.
        ("America/New_York", "2024-10-20T12:00Z", "2024-11-01T04:00Z", "2024-11-08T05:00Z"),
        # It goes forward on 30 March, in the last days of the month.
        ("Europe/Berlin", "2025-03-20T12:00Z", "2025-03-31T22:00Z", "2025-04-07T22:00Z"),
        # A year ends.
        ("Asia/Shanghai", "2024-12-20T12:00Z", "2024-12-31T16:00Z", "2025-01-07T16:00Z"),
    ],
)
async def test_voting_opens_and_closes_with_the_days_of_the_community(stage, members, zone, began, opens, closes):
    opens, closes = datetime.fromisoformat(opens), datetime.fromisoformat(closes)
    stage.at(datetime.fromisoformat(began))
    await stage.change(time_zone=zone)
    star = (await stage.name(members[2], members[0])).json()["id"]
    stage.at(opens - SECOND)
    assert wrong(await stage.vote(members[1], star, members[0])) == (409, "star_not_now")
    stage.at(opens)
    assert (await stage.vote(members[1], star, members[0])).status_code == 200
    await stage.over(closes - SECOND)
    assert (await stage.vote(members[2], star, members[0])).status_code == 200
    await stage.over(closes)
    assert wrong(await stage.vote(members[3], star, members[0])) == (409, "star_not_now")


async def test_a_month_begins_when_its_first_day_does(stage, members):
    await stage.change(day_starts_at=time(4))
    # In Shanghai it is three in the morning of the first.
    stage.at(datetime(2024, 5, 31, 19, tzinfo=UTC))
    assert (await stage.name(members[2], members[0])).json()["month"] == "2024-05-01"
    stage.at(datetime(2024, 5, 31, 20, tzinfo=UTC))
    june = await stage.name(members[2], members[0])
    assert (june.status_code, june.json()["month"]) == (201, "2024-06-01")


async def test_where_the_zone_changes_meanwhile_voting_ends_with_the_days_of_the_new_one(stage, members):
    star = (await stage.name(members[2], members[0])).json()["id"]
    stage.at(VOTING)
    await stage.change(time_zone="America/New_York")
    # Over in Shanghai, and so looked at; in New York not.
    await stage.over(datetime(2024, 6, 7, 16, tzinfo=UTC))
    assert (await stage.vote(members[1], star, members[0])).status_code == 200
    await stage.over(datetime(2024, 6, 8, 4, tzinfo=UTC))
    assert wrong(await stage.vote(members[3], star, members[0])) == (409, "star_not_now")


async def test_votes_that_were_counted_stay_so_whatever_day_it_is_in_another_zone(stage, members):
    star = (await stage.name(members[2], members[0])).json()["id"]
    await stage.over(datetime(2024, 6, 7, 16, tzinfo=UTC))
    await stage.change(time_zone="America/New_York")
    assert wrong(await stage.vote(members[1], star, members[0])) == (409, "star_not_now")
    assert (await stage.read(members[1], star))["phase"] == "none"
