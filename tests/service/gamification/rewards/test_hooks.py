"""Webhooks that hand rewards over: asked, answering, calling back, or silent."""

import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from chassis.testing import SettableClock
from chassis.webhooks import is_signed, signed_headers
from services.gamification.definition import definition
from tests.service.gamification.rewards.mall import Mall
from tests.service.gamification.stage import NOON, OnStage
from tests.support.standins import StandIn, listening

POINTS = 10


class Hooked(Mall):
    """A mall with a shop outside, which answers what a test wants."""

    shop: StandIn
    url: str

    async def hooked(self, **facts: Any) -> str:
        """Offer what the shop hands over; its path."""
        said = {"kind": "privilege", "delivery": None, "fulfilment": "webhook", "hook_url": f"{self.url}/redeem"}
        return await self.reward(**(said | facts))

    async def goes_on(self, after: timedelta = timedelta(0)) -> None:
        """Some time passes, and the worker does what is due."""
        self.harness.clock.advance(after)
        await self.harness.run_timers()
        await self.harness.run_jobs()

    def says(self, status: int, **said: Any) -> None:
        """What the shop answers from now on."""
        self.shop.answers["/redeem"] = (status, {"content-type": "application/json"}, json.dumps(said).encode())

    async def key(self, path: str) -> bytes:
        """The key of the reward's webhook."""
        found = await self.runs.client.get(f"{path}/hook-secret")
        assert found.status_code == 200, found.text
        return base64.b64decode(found.json()["secret"].removeprefix("whsec_"))

    async def calls_back(self, key: bytes, redemption: dict[str, Any], **said: Any) -> httpx.Response:
        """The shop calls back, signed."""
        body = json.dumps(said).encode()
        headers = signed_headers(key, redemption["id"], body, self.harness.clock())
        return await self.harness.anonymous().post(
            f"/v1/redemptions/{redemption['id']}/hook-result",
            content=body,
            headers={"Content-Type": "application/json", **headers},
        )

    async def state(self, one: OnStage, redemption: dict[str, Any]) -> dict[str, Any]:
        return await self.read(one, f"/v1/redemptions/{redemption['id']}")


@pytest.fixture
async def mall(start_service, settings) -> AsyncIterator[Hooked]:
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        runtime = harness.runtime
        runtime.settings = runtime.settings.model_copy(update={"webhook_networks": ("127.0.0.0/8",)})
        mall = Hooked(harness)
        mall.shop = StandIn()
        await mall.open()
        async with listening(mall.shop) as port:
            mall.url = f"http://127.0.0.1:{port}"
            yield mall


async def test_a_webhook_is_asked_signed_and_what_it_hands_over_is_paid(mall: Hooked) -> None:
    path, member = await mall.hooked(), await mall.member()
    mall.says(200, result="fulfilled", order="not ours")
    asked = await mall.redeem(member, path)
    assert asked["status"] == "approved"
    await mall.goes_on()
    (seen,) = mall.shop.seen
    assert json.loads(seen.body)["redemption_id"] == asked["id"] == seen.header("idempotency-key")
    stamp, signature = seen.header("webhook-timestamp"), seen.header("webhook-signature")
    assert is_signed(await mall.key(path), asked["id"], stamp or "", signature or "", seen.body, NOON)
    assert (await mall.state(member, asked))["status"] == "fulfilled"
    assert await mall.points(member) == (2, 0)


async def test_a_webhook_that_refuses_gives_points_and_stock_back(mall: Hooked) -> None:
    path, member = await mall.hooked(), await mall.member()
    mall.says(200, result="refused", reason="缺货")
    asked = await mall.redeem(member, path)
    await mall.goes_on()
    ended = await mall.state(member, asked)
    assert (ended["status"], ended["reason"]) == ("rejected", "缺货")
    assert await mall.points(member) == (POINTS, 0)
    assert (await mall.read(member, path))["stock_left"] == 5


@pytest.mark.parametrize(
    "answer", [(500, {}, b""), (404, {}, b"no"), (200, {}, b"<html>"), (302, {"location": "/"}, b"")]
)
async def test_what_is_not_answered_is_no_refusal_and_is_asked_again_by_the_same_id(mall: Hooked, answer) -> None:
    path, member = await mall.hooked(), await mall.member()
    mall.shop.answers["/redeem"] = answer
    asked = await mall.redeem(member, path)
    await mall.goes_on()
    assert (await mall.state(member, asked))["status"] == "approved"
    assert await mall.points(member) == (2, 8)
    await mall.goes_on(timedelta(seconds=59))
    assert len(mall.shop.seen) == 1
    mall.says(200, result="fulfilled")
    await mall.goes_on(timedelta(seconds=1))
    assert [seen.header("idempotency-key") for seen in mall.shop.seen] == [asked["id"]] * 2
    assert (await mall.state(member, asked))["status"] == "fulfilled"


async def test_a_webhook_that_does_not_answer_is_not_asked_about_the_others_either(mall: Hooked) -> None:
    path, members = await mall.hooked(), await mall.members(4)
    mall.shop.answers["/redeem"] = (503, {}, b"")
    for one in members:
        await mall.redeem(one, path)
    await mall.goes_on()
    assert len(mall.shop.seen) == 1
    mall.says(200, result="fulfilled")
    await mall.goes_on(timedelta(minutes=1))
    assert len(mall.shop.seen) == 1 + len(members)


async def test_after_three_days_of_silence_a_person_decides_and_not_before(mall: Hooked) -> None:
    path, member = await mall.hooked(), await mall.member()
    mall.says(202)
    mall.shop.answers["/redeem"] = (202, {}, b"")
    asked = await mall.redeem(member, path)
    one = f"/v1/redemptions/{asked['id']}"
    await mall.goes_on()
    early = await mall.runs.client.post(f"{one}/reject", json={"reason": "供应商无应答"})
    assert (early.status_code, early.json()["code"]) == (409, "illegal_transition")
    assert (await member.client.post(f"{one}/cancel")).json()["code"] == "illegal_transition"
    await mall.goes_on(timedelta(hours=1))
    assert len(mall.shop.seen) == 2
    assert (await mall.desk("redemptions_to_fulfil"))["overdue"] == 0
    assert await mall.tasks(mall.runs) == []
    await mall.goes_on(timedelta(days=3))
    asked_before = len(mall.shop.seen)
    await mall.goes_on(timedelta(days=1))
    assert len(mall.shop.seen) == asked_before
    assert (await mall.desk("redemptions_to_fulfil"))["overdue"] == 1
    assert (await mall.state(member, asked))["needs_person"] is True
    assert [one["code"] for one in await mall.tasks(mall.runs)] == ["hand_over_redemptions"]
    await mall.decide(asked, "reject", reason="供应商无应答")
    assert await mall.points(member) == (POINTS, 0)


async def test_a_webhook_that_calls_back_three_times_refunds_nothing_twice(mall: Hooked) -> None:
    path, member = await mall.hooked(), await mall.member()
    mall.shop.answers["/redeem"] = (202, {}, b"")
    asked = await mall.redeem(member, path)
    await mall.goes_on()
    key = await mall.key(path)
    answers = [await mall.calls_back(key, asked, result="refused", reason="缺货") for _ in range(3)]
    answers.append(await mall.calls_back(key, asked, result="fulfilled"))
    assert [(one.status_code, one.json()["status"]) for one in answers] == [(200, "rejected")] * 4
    assert await mall.points(member) == (POINTS, 0)
    assert (await mall.read(member, path))["stock_left"] == 5
    assert len(await mall.harness.published("redemption.refunded")) == 1


async def test_nobody_calls_back_who_does_not_know_the_secret(mall: Hooked) -> None:
    path, other = await mall.hooked(), await mall.hooked(title="别的")
    member = await mall.member()
    mall.shop.answers["/redeem"] = (202, {}, b"")
    asked = await mall.redeem(member, path)
    right, wrong = await mall.key(path), await mall.key(other)
    assert (await mall.calls_back(wrong, asked, result="fulfilled")).status_code == 404
    assert (
        await mall.calls_back(right, asked | {"id": str(mall.known_as("none"))}, result="refused")
    ).status_code == 404
    unsigned = await mall.harness.anonymous().post(
        f"/v1/redemptions/{asked['id']}/hook-result", json={"result": "fulfilled"}
    )
    assert unsigned.status_code == 404
    assert (await mall.state(member, asked))["status"] == "approved"
    assert (await member.client.get(f"{path}/hook-secret")).status_code == 403


async def test_the_code_that_a_webhook_answers_is_its_members_alone_and_never_two_have_it(mall: Hooked) -> None:
    path = await mall.hooked(kind="voucher", stock=5)
    first, second = await mall.member(), await mall.member()
    mall.says(200, result="fulfilled", code="SHOP-0001")
    mine = await mall.redeem(first, path)
    await mall.goes_on()
    assert (await first.client.get(f"/v1/redemptions/{mine['id']}/voucher")).json() == {"code": "SHOP-0001"}
    theirs = await mall.redeem(second, path)
    await mall.goes_on()
    assert (await mall.state(second, theirs))["status"] == "approved"
    mall.says(200, result="fulfilled", code="SHOP-0002")
    await mall.goes_on(timedelta(hours=1))
    assert (await second.client.get(f"/v1/redemptions/{theirs['id']}/voucher")).json() == {"code": "SHOP-0002"}


async def test_a_webhook_inside_is_not_called_where_the_operator_does_not_allow_it(mall: Hooked) -> None:
    path, member = await mall.hooked(), await mall.member()
    runtime = mall.harness.runtime
    runtime.settings = runtime.settings.model_copy(update={"webhook_networks": ()})
    asked = await mall.redeem(member, path)
    await mall.goes_on()
    assert mall.shop.seen == []
    assert (await mall.state(member, asked))["status"] == "approved"
    refused = await mall.ask_for_reward(
        kind="privilege", delivery=None, fulfilment="webhook", hook_url="http://shop.example/"
    )
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "no_tls")


@pytest.mark.parametrize("facts", [{"fulfilment": "webhook"}, {"hook_url": "https://shop.example/"}])
async def test_a_webhook_is_said_where_one_hands_it_over_and_nowhere_else(mall: Hooked, facts) -> None:
    refused = await mall.ask_for_reward(kind="privilege", delivery=None, **facts)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "hook")
