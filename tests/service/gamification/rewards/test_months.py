"""What members had in a month, person by person, for who declares their tax."""

import io
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from chassis.testing import SettableClock
from services.gamification.definition import definition
from services.gamification.rewards import months
from tests.service.gamification.rewards.mall import Mall
from tests.service.gamification.stage import NOON, OnStage


@pytest.fixture
async def mall(start_service, settings) -> AsyncIterator[Mall]:
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        mall = Mall(harness)
        await mall.open()
        yield mall


async def month(mall: Mall, which: str) -> list[tuple[object, ...]]:
    """The lines of a month, without its titles."""
    found = await mall.runs.client.get(
        f"/v1/redemptions/months/{which}", params={"community_id": str(mall.community_id)}
    )
    assert found.status_code == 200, found.text
    assert found.headers["cache-control"] == "private, no-store"
    [page] = load_workbook(io.BytesIO(found.content)).worksheets
    titles, *lines = page.iter_rows(values_only=True)
    assert titles == months.TITLES
    return [line[4:] for line in lines]


async def has(mall: Mall, one: OnStage, path: str) -> None:
    asked = await mall.redeem(one, path)
    await mall.decide(asked, "approve")
    await mall.decide(asked, "fulfil")


async def test_a_month_sums_up_what_each_person_had_and_what_it_is_worth(mall: Mall) -> None:
    said = {"kind": "privilege", "delivery": None}
    dear = await mall.reward(cost=3, market_value=1250, **said)
    unvalued = await mall.reward(cost=2, **said)
    first, second = await mall.members(2)
    for path in (dear, dear, unvalued):
        await has(mall, first, path)
    await has(mall, second, dear)
    waits = await mall.redeem(second, dear)
    this = f"{NOON:%Y-%m}"
    assert sorted(await month(mall, this)) == [(1, 3, 12.5, 0), (3, 8, 25, 1)]
    first_day, end = months.bounds_of(this, "Asia/Shanghai")
    assert first_day <= NOON < end
    mall.harness.clock.advance(end - NOON + timedelta(seconds=1))
    await mall.decide(waits, "approve")
    await mall.decide(waits, "fulfil")
    assert sorted(await month(mall, this)) == [(1, 3, 12.5, 0), (3, 8, 25, 1)]
    assert await month(mall, f"{end + timedelta(days=1):%Y-%m}") == [(1, 3, 12.5, 0)]


async def test_members_do_not_read_it_and_who_does_is_recorded(mall: Mall) -> None:
    member = await mall.member()
    path, here = "/v1/redemptions/months/2024-03", {"community_id": str(mall.community_id)}
    assert (await member.client.get(path, params=here)).status_code == 403
    assert (await mall.runs.client.get("/v1/redemptions/months/2024-13", params=here)).status_code == 422
    await month(mall, "2024-03")
    assert [one.action for one in await mall.audit_trail() if "month" in one.action] == ["redemption_month.read"]


async def test_more_people_than_one_file_takes_are_refused(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(months, "MOST", 0)
    path, member = await mall.reward(kind="privilege", delivery=None), await mall.member()
    await has(mall, member, path)
    refused = await mall.runs.client.get(
        f"/v1/redemptions/months/{NOON:%Y-%m}", params={"community_id": str(mall.community_id)}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "month_too_long")
