"""What webhooks cost others, however many redemptions wait for them, and however slow or odd they are."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from chassis.outgoing import Answered
from services.gamification.rewards import hooks
from tests.service.gamification.rewards.test_hooks import Hooked
from tests.service.gamification.rewards.test_hooks import mall as mall


async def jobs_under_way(mall: Hooked) -> int:
    jobs = mall.harness.runtime.service.tables.chassis.jobs
    async with mall.harness.runtime.database.reading() as session:
        found = await session.execute(select(func.count()).where(jobs.c.state.in_(("queued", "running"))))
        return int(found.scalar_one())


def before_the_first(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], Awaitable[Any]]) -> list[bytes]:
    """Have something happen while the webhook is asked for the first time; what it is asked, in order."""
    asked: list[bytes] = []

    async def post(url: str, body: bytes, headers: Any, *, allowed: Any = ()) -> Answered:
        asked.append(body)
        if len(asked) == 1:
            await happens()
        return Answered(202, b"")

    monkeypatch.setattr(hooks, "post", post)
    return asked


async def test_however_many_redeem_one_job_asks_about_them_all(mall: Hooked) -> None:
    path, members = await mall.hooked(cost=1), await mall.members(4)
    mall.says(200, result="fulfilled")
    for one in members:
        await mall.redeem(one, path)
        await mall.harness.run_timers()
    assert await jobs_under_way(mall) == 1
    await mall.goes_on(timedelta(minutes=1))
    assert len(mall.shop.seen) == len(members)
    await mall.redeem(members[0], path)
    await mall.goes_on()
    assert len(mall.shop.seen) == len(members) + 1


async def test_a_webhook_that_does_not_answer_is_left_alone_whoever_redeems_meanwhile(mall: Hooked) -> None:
    path, members = await mall.hooked(cost=1), await mall.members(3)
    mall.shop.answers["/redeem"] = (503, {}, b"")
    for one in members:
        await mall.redeem(one, path)
        await mall.goes_on()
    assert len(mall.shop.seen) == 1
    mall.says(200, result="fulfilled")
    await mall.goes_on(timedelta(minutes=1))
    assert len(mall.shop.seen) == 1 + len(members)


async def test_a_job_asks_a_slow_webhook_for_a_while_and_leaves_the_rest_to_the_next(mall: Hooked, monkeypatch) -> None:
    monkeypatch.setattr(hooks, "_SECONDS", 0.0)
    path, members = await mall.hooked(cost=1), await mall.members(3)
    mall.says(200, result="fulfilled")
    for one in members:
        await mall.redeem(one, path)
    for round_ in (1, 2, 3):
        await mall.goes_on()
        assert len(mall.shop.seen) == round_


async def test_a_job_that_failed_keeps_no_redemption_from_being_asked_about(mall: Hooked, monkeypatch) -> None:
    path, member = await mall.hooked(), await mall.member()
    mall.says(200, result="fulfilled")

    async def breaks(*_: Any, **__: Any) -> None:
        raise LookupError("a mistake of ours")

    with monkeypatch.context() as broken:
        broken.setattr(hooks, "post", breaks)
        asked = await mall.redeem(member, path)
        await mall.goes_on()
    await mall.goes_on(timedelta(hours=1))
    assert (await mall.state(member, asked))["status"] == "fulfilled"


@pytest.mark.parametrize("odd", [b"\\u0000", b"\\ud800", b"\xff"])
async def test_an_answer_that_no_database_can_keep_is_no_answer_and_it_is_asked_again(mall: Hooked, odd) -> None:
    path, member = await mall.hooked(), await mall.member()
    mall.shop.answers["/redeem"] = (200, {}, b'{"result": "refused", "reason": "no' + odd + b'"}')
    asked = await mall.redeem(member, path)
    await mall.goes_on()
    assert (await mall.state(member, asked))["status"] == "approved"
    mall.says(200, result="fulfilled")
    await mall.goes_on(timedelta(minutes=1))
    assert (await mall.state(member, asked))["status"] == "fulfilled"


async def test_a_webhook_gives_no_two_members_of_different_communities_the_same_code(mall: Hooked) -> None:
    here, there = await mall.member(), await mall.member()
    other = await mall.another_community(there)
    path = await mall.hooked(kind="voucher", cost=1, community_ids=[other])
    mall.says(200, result="fulfilled", code="SHOP-0001")
    first = await mall.redeem(here, path)
    await mall.goes_on()
    second = await mall.redeem(there, path, community_id=other)
    await mall.goes_on()
    assert (await mall.state(here, first))["status"] == "fulfilled"
    assert (await mall.state(there, second))["status"] == "approved"


async def test_who_is_forgotten_while_others_are_asked_about_is_sent_nowhere_any_more(
    mall: Hooked, monkeypatch
) -> None:
    said = {"kind": "physical", "delivery": "shipping", "cost": 1}
    path, first, second = await mall.hooked(**said), await mall.member(), await mall.member()
    for one, name in ((first, "甲"), (second, "乙")):
        recipient = {"name": name, "phone": "13800000000", "address": "上海市浦东新区一号"}
        await mall.redeem(one, path, recipient=recipient)
    asked = before_the_first(monkeypatch, lambda: mall.erase(second))
    await mall.goes_on()
    assert len(asked) == 2
    assert b"recipient" in asked[0]
    assert b"recipient" not in asked[1]


async def test_what_is_decided_while_another_is_asked_about_is_asked_about_no_more(mall: Hooked, monkeypatch) -> None:
    path, members = await mall.hooked(cost=1), await mall.members(2)
    redemptions = [await mall.redeem(one, path) for one in members]
    key = await mall.key(path)
    asked = before_the_first(monkeypatch, lambda: mall.calls_back(key, redemptions[1], result="fulfilled"))
    await mall.goes_on()
    assert len(asked) == 1


async def test_what_waits_for_later_is_asked_about_though_nothing_is_left_for_now(mall: Hooked) -> None:
    path, members = await mall.hooked(cost=1), await mall.members(2)
    mall.shop.answers["/redeem"] = (202, {}, b"")
    waits = await mall.redeem(members[0], path)
    await mall.goes_on()
    second = await mall.redeem(members[1], path)
    await mall.calls_back(await mall.key(path), second, result="fulfilled")
    await mall.goes_on()
    mall.says(200, result="fulfilled")
    await mall.goes_on(timedelta(hours=1))
    assert (await mall.state(members[0], waits))["status"] == "fulfilled"


async def test_a_webhook_that_calls_back_as_the_clock_lets_goods_go_ends_it_once(mall: Hooked) -> None:
    path, members = await mall.hooked(kind="physical", delivery="pickup", cost=1, stock=9), await mall.members(4)
    mall.shop.answers["/redeem"] = (202, {}, b"")
    redemptions = [await mall.redeem(one, path) for one in members]
    key = await mall.key(path)
    mall.harness.clock.advance(timedelta(days=30))
    calls = asyncio.gather(*(mall.calls_back(key, one, result="fulfilled") for one in redemptions))
    answers, _ = await asyncio.gather(calls, mall.harness.run_timers())
    assert [one.status_code for one in answers] == [200] * 4
    for member, one in zip(members, redemptions, strict=True):
        ended = (await mall.state(member, one))["status"]
        assert await mall.points(member) == ((9, 0) if ended == "fulfilled" else (10, 0))
        assert len(await mall.told_of(one)) == 3
