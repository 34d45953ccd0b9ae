"""This service's parts of the home: what the operations show, in one request."""

import pytest

from chassis.testing import SettableClock
from services.gamification.definition import definition
from tests.service.gamification.stage import NOON, Stage


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        await stage.open()
        yield stage


async def see(member, path, **query):
    answer = await member.client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def home(stage, member):
    return await see(member, "/internal/home", community_id=str(stage.community_id))


async def test_home_shows_the_wallet_as_it_is_and_the_check_in_of_today(stage):
    member = await stage.member(time_zone="Europe/Berlin")
    before = (await home(stage, member))["checkin"]
    assert (before["checked_in"], before["checkin_id"], before["today"]) == (False, None, "2024-05-06")
    made = (await stage.check_in(member)).json()["checkin"]
    shown = await home(stage, member)
    calendar = await see(member, "/v1/checkins/calendar", member_id=str(member.id))
    assert shown["wallet"] == await see(member, f"/v1/wallets/{member.id}")
    assert shown["checkin"] == {
        "today": calendar["today"],
        "time_zone": "Europe/Berlin",
        "checked_in": True,
        "checkin_id": made["id"],
        "streak": calendar["streak"],
        "next_milestone": calendar["next_milestone"],
    }


async def test_home_says_what_the_next_level_is_called_and_what_is_missing_for_it(stage):
    member = await stage.member()
    member.client.headers["Accept-Language"] = "zh-CN"
    shown = (await home(stage, member))["progress"]
    assert shown == await see(member, "/v1/promotions/progress", member_id=str(member.id))
    assert (shown["level"]["name"], shown["next"]["name"]) == ("新芽", "学员")
    assert [(one["title"], one["required"]) for one in shown["missing"]] == [("经验值", 100)]


async def test_who_left_finds_no_wallet_at_home(stage):
    member = await stage.member()
    await stage.leave(member)
    assert await home(stage, member) == {
        "wallet": None,
        "progress": None,
        "checkin": None,
        "plans": None,
        "tasks": [],
    }
