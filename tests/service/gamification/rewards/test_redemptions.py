"""Who has what for their points, and how they give it back."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from chassis.testing import received
from contracts.membership import CommunityOpened, MemberJoined, MemberLeft
from services.gamification.ledger.models import Wallet
from services.gamification.rewards import changes, forgetting
from services.gamification.rewards.models import Redemption, VoucherCode
from tests.service.gamification.rewards.mall import Mall
from tests.service.gamification.stage import JOINED, NOON

CODES = [f"QX-{number:04}-ABCD" for number in range(8)]
WITH_JOINING = 10
"""What a member has for joining."""


async def test_what_is_redeemed_is_held_then_spent_when_it_is_handed_over(mall: Mall) -> None:
    path, member = await mall.reward(cost=8, stock=2), await mall.member()
    asked = await mall.redeem(member, path)
    assert (asked["status"], asked["cost"], asked["overdue"]) == ("requested", 8, False)
    assert await mall.points(member) == (WITH_JOINING - 8, 8)
    assert (await mall.read(member, path))["stock_left"] == 1
    await mall.decide(asked, "approve")
    code = (await member.client.get(f"/v1/redemptions/{asked['id']}/voucher")).json()["code"]
    done = await mall.decide(asked, "fulfil", pickup_code=code.lower())
    assert done["status"] == "fulfilled"
    assert await mall.points(member) == (WITH_JOINING - 8, 0)
    assert (await mall.read(member, path))["stock_left"] == 1
    assert (await mall.read(member, path))["mine"]["bought"] == 1
    (spent,) = await mall.harness.published("points.spent")
    assert spent.data["points"] == 8
    (entry,) = (await mall.read(member, f"/v1/ledger-entries?member_id={member.id}&kind=redemption"))["items"]
    assert (entry["title"], entry["source"]["title"]) == ("Points spent", "马克杯")
    assert entry["source"]["href"] == f"/v1/redemptions/{asked['id']}"
    told = [(one.type.rsplit(".", 2)[1], one.data["to"], one.version) for one in await mall.told_of(asked)]
    assert told == [("requested", "requested", 1), ("approved", "approved", 2), ("fulfilled", "fulfilled", 3)]


@pytest.mark.parametrize("way", ["cancel", "reject", "expire"])
async def test_every_way_out_gives_points_and_stock_back_once_however_often_it_is_said(mall: Mall, way) -> None:
    path, member = await mall.reward(cost=8, stock=2), await mall.member()
    asked = await mall.redeem(member, path)
    if way == "expire":
        await mall.decide(asked, "approve")
        mall.harness.clock.advance(timedelta(days=30))
        await mall.harness.run_timers()
    else:
        for _ in range(3):
            if way == "cancel":
                assert (await member.client.post(f"/v1/redemptions/{asked['id']}/cancel")).status_code == 200
            else:
                await mall.decide(asked, "reject", reason="库存盘点")
    ended = await mall.read(member, f"/v1/redemptions/{asked['id']}")
    assert ended["status"] == {"cancel": "cancelled", "reject": "rejected", "expire": "expired"}[way]
    assert await mall.points(member) == (WITH_JOINING, 0)
    assert (await mall.read(member, path))["stock_left"] == 2
    assert (await mall.read(member, path))["mine"]["bought"] == 0
    assert [one.type.split(".")[-2] for one in await mall.told_of(asked)].count("refunded") == 1


async def test_what_went_back_goes_back_no_second_time_by_whatever_comes_then(mall: Mall) -> None:
    path, member = await mall.reward(cost=8, stock=2), await mall.member()
    asked = await mall.redeem(member, path)
    for status in ("cancelled", "expired"):
        async with mall.harness.runtime.database.transaction() as session:
            reward, row = await changes.locked(session, UUID(asked["id"]))
            await changes.give_back(session, reward, row, status, NOON, cause="left")
    assert (await mall.read(member, f"/v1/redemptions/{asked['id']}"))["status"] == "cancelled"
    assert await mall.points(member) == (WITH_JOINING, 0)
    assert (await mall.read(member, path))["stock_left"] == 2


async def test_who_takes_it_back_can_have_it_again(mall: Mall) -> None:
    path, member = await mall.reward(cost=8, stock=1, per_member_limit=1), await mall.member()
    asked = await mall.redeem(member, path)
    assert (await mall.ask(member, path)).json()["code"] == "reward_sold_out"
    await member.client.post(f"/v1/redemptions/{asked['id']}/cancel")
    again = await mall.redeem(member, path)
    assert again["id"] != asked["id"]


async def test_the_price_that_was_seen_is_the_price_paid_or_nothing_happens(mall: Mall) -> None:
    path, member = await mall.reward(cost=8), await mall.member()
    changed = await mall.runs.client.patch(path, json={"cost": 9}, headers={"If-Match": '"1"'})
    assert changed.status_code == 200
    refused = await mall.ask(member, path, cost_seen=8)
    assert (refused.status_code, refused.json()["code"], refused.json()["cost"]) == (409, "price_changed", 9)
    assert await mall.points(member) == (WITH_JOINING, 0)
    asked = await mall.redeem(member, path, cost_seen=9)
    await mall.runs.client.patch(path, json={"cost": 1}, headers={"If-Match": '"2"'})
    assert (await mall.read(member, f"/v1/redemptions/{asked['id']}"))["cost"] == 9


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"cost": 11}, "points_short"),
        ({"stock": 0}, "reward_sold_out"),
        ({"min_level": 1}, "level_too_low"),
        ({"available_from": (NOON + timedelta(hours=1)).isoformat()}, "reward_not_yet"),
        ({"available_until": NOON.isoformat()}, "reward_over"),
        ({"offered": False}, "reward_not_offered"),
    ],
)
async def test_what_cannot_be_had_is_refused_and_changes_nothing(mall: Mall, facts, code) -> None:
    path, member = await mall.reward(**facts), await mall.member()
    refused = await mall.ask(member, path, cost_seen=facts.get("cost", 8))
    assert (refused.status_code, refused.json()["code"]) == (409, code)
    assert await mall.points(member) == (WITH_JOINING, 0)
    assert (await member.client.get("/v1/redemptions", params={"mine": True})).json()["items"] == []
    if code == "points_short":
        assert (refused.json()["available"], refused.json()["required"]) == (10, 11)


async def test_points_that_are_held_cannot_be_spent_again(mall: Mall) -> None:
    path, member = await mall.reward(cost=6), await mall.member()
    await mall.redeem(member, path)
    refused = (await mall.ask(member, path)).json()
    assert (refused["code"], refused["available"]) == ("points_short", 4)


async def test_many_who_want_the_last_ones_get_those_and_no_more(mall: Mall) -> None:
    path, members = await mall.reward(cost=8, stock=3), await mall.members(8)
    answers = await asyncio.gather(*(mall.ask(one, path) for one in members))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 5
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"reward_sold_out"}
    assert (await mall.read(members[0], path))["stock_left"] == 0
    assert sorted([await mall.points(one) for one in members]) == [(2, 8)] * 3 + [(10, 0)] * 5


async def test_one_member_who_asks_many_times_at_once_pays_for_what_they_get(mall: Mall) -> None:
    path, member = await mall.reward(cost=4, stock=9), await mall.member()
    answers = await asyncio.gather(*(mall.ask(member, path) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] * 2 + [409] * 4
    assert await mall.points(member) == (2, 8)


async def test_a_repeated_request_redeems_once(mall: Mall) -> None:
    path, member = await mall.reward(cost=2, stock=9), await mall.member()
    headers = {"Idempotency-Key": "one-mug"}
    answers = await asyncio.gather(*(mall.ask(member, path, headers=headers) for _ in range(4)))
    answers.append(await mall.ask(member, path, headers=headers))
    assert {answer.json().get("id") for answer in answers if answer.status_code == 201} == {answers[-1].json()["id"]}
    assert await mall.points(member) == (8, 2)


async def test_taken_back_and_handed_over_at_the_same_moment_is_one_of_both(mall: Mall) -> None:
    path, member = await mall.reward(cost=1, stock=20), await mall.member()
    for _ in range(4):
        asked = await mall.redeem(member, path)
        await mall.decide(asked, "approve")
        one = f"/v1/redemptions/{asked['id']}"
        code = (await member.client.get(f"{one}/voucher")).json()["code"]
        cancelled, fulfilled = await asyncio.gather(
            member.client.post(f"{one}/cancel"),
            mall.runs.client.post(f"{one}/fulfil", json={"pickup_code": code}),
        )
        assert sorted([cancelled.status_code, fulfilled.status_code]) == [200, 409]
    found = (await member.client.get("/v1/redemptions", params={"mine": True})).json()["items"]
    kept = sum(one["status"] == "fulfilled" for one in found)
    assert await mall.points(member) == (WITH_JOINING - kept, 0)
    assert (await mall.read(member, path))["stock_left"] == 20 - kept


async def test_a_limit_is_one_persons_in_all_communities(mall: Mall) -> None:
    member = await mall.member()
    their = await mall.another_community(member)
    path = await mall.reward(cost=1, stock=5, per_member_limit=2, community_ids=[their])
    assert (await mall.ask(member, path)).status_code == 201
    elsewhere = await mall.ask(member, path, community_id=their)
    assert (elsewhere.status_code, elsewhere.json()["member"]["member_id"]) == (
        201,
        str(mall.known_as(member.employee_no)),
    )
    assert (await mall.ask(member, path)).json()["code"] == "reward_limit_reached"
    assert (await mall.ask(member, path, community_id=their)).json()["code"] == "reward_limit_reached"
    assert (await mall.read(member, path))["stock_left"] == 3
    found = (await mall.read(member, path))["mine"]
    assert (found["bought"], found["left"], found["refused"]) == (2, 0, "reward_limit_reached")


async def test_nobody_buys_from_a_wallet_where_it_is_not_offered(mall: Mall) -> None:
    other = mall._community | {"community_id": mall.known_as("other"), "slug": "other", "name": "另一个"}
    await mall.harness.deliver(received(CommunityOpened(**other), occurred_at=JOINED))
    member = await mall.member()
    there = {"member_id": mall.known_as("there"), "community_id": other["community_id"]}
    await mall.harness.deliver(received(MemberJoined(**mall._member(member, JOINED, **there)), occurred_at=JOINED))
    refused = await mall.ask(member, await mall.reward(), community_id=str(other["community_id"]))
    assert refused.status_code == 404


async def test_a_voucher_is_there_at_once_and_no_code_is_handed_out_twice(mall: Mall) -> None:
    path, members = await mall.vouchers(*CODES, cost=2), await mall.members(5)
    answers = await asyncio.gather(
        *(mall.redeem(one, path) for one in members for _ in range(2)), return_exceptions=True
    )
    got = [answer for answer in answers if isinstance(answer, dict)]
    assert len(got) == len(CODES)
    owner = {str(one.id): one for one in members}
    codes = []
    for one in got:
        assert (one["status"], one["has_code"]) == ("fulfilled", True)
        assert not [code for code in CODES if code in repr(one)]
        read = await owner[one["member"]["member_id"]].client.get(f"/v1/redemptions/{one['id']}/voucher")
        assert read.headers["Cache-Control"] == "no-store"
        codes.append(read.json()["code"])
    assert sorted(codes) == CODES


async def test_a_voucher_is_shown_to_nobody_else_and_each_look_is_recorded(mall: Mall) -> None:
    path, member, other = await mall.vouchers(*CODES), await mall.member(), await mall.member()
    mine = await mall.redeem(member, path)
    one = f"/v1/redemptions/{mine['id']}"
    assert (await other.client.get(f"{one}/voucher")).status_code == 404
    assert (await mall.runs.client.get(f"{one}/voucher")).status_code == 403
    assert (await mall.service("redemptions.read").get(f"{one}/voucher")).status_code == 403
    assert [entry.action for entry in await mall.audit_trail()].count("redemption.read_voucher") == 0
    for _ in range(2):
        assert (await member.client.get(f"{one}/voucher")).json()["code"] in CODES
    assert [entry.action for entry in await mall.audit_trail()].count("redemption.read_voucher") == 2
    assert not [code for code in CODES if code in repr(await mall.audit_trail())]


async def test_no_kept_answer_has_a_voucher_code(mall: Mall) -> None:
    path, member = await mall.vouchers(*CODES), await mall.member()
    headers = {"Idempotency-Key": "a-voucher"}
    first, second = [await mall.ask(member, path, headers=headers) for _ in range(2)]
    assert second.headers["Idempotency-Replayed"] == "true"
    assert first.json() == second.json()
    assert not [code for code in CODES if code in second.text]


async def test_what_goes_back_keeps_no_code_and_codes_stay_with_their_redemption(mall: Mall) -> None:
    path = await mall.vouchers(*CODES[:1], fulfilment="manual")
    first, second = await mall.member(), await mall.member()
    asked = await mall.redeem(first, path)
    await mall.decide(asked, "approve")
    assert (await first.client.get(f"/v1/redemptions/{asked['id']}/voucher")).json()["code"] == "no_code"
    await first.client.post(f"/v1/redemptions/{asked['id']}/cancel")
    again = await mall.redeem(second, path)
    await mall.decide(again, "approve")
    await mall.decide(again, "fulfil")
    assert (await second.client.get(f"/v1/redemptions/{again['id']}/voucher")).json()["code"] == CODES[0]
    assert (await second.client.post(f"/v1/redemptions/{again['id']}/cancel")).json()["code"] == "illegal_transition"
    assert (await mall.ask(first, path)).json()["code"] == "reward_sold_out"
    async with mall.harness.runtime.database.reading() as session:
        (code,) = (await session.exec(select(VoucherCode))).all()
    assert str(code.redemption_id) == again["id"]


async def test_goods_are_handed_over_only_for_the_code_of_who_collects_them(mall: Mall) -> None:
    path, member = await mall.reward(), await mall.member()
    asked = await mall.redeem(member, path)
    one = f"/v1/redemptions/{asked['id']}"
    assert (await member.client.get(f"{one}/voucher")).json()["code"] == "no_code"
    await mall.decide(asked, "approve")
    for wrong in ({}, {"pickup_code": "AAAAAAAA"}, {"pickup_code": ""}):
        refused = await mall.runs.client.post(f"{one}/fulfil", json=wrong)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "pickup_code")
    assert (await mall.read(member, one))["status"] == "approved"


async def test_to_whom_it_goes_is_seen_by_them_and_by_who_ships_it_until_it_is_over(mall: Mall) -> None:
    path, member, other = await mall.reward(delivery="shipping"), await mall.member(), await mall.member()
    recipient = {"name": "王小明", "phone": "13800000000", "address": "上海市浦东新区一号"}
    missing = await mall.ask(member, path)
    assert (missing.status_code, missing.json()["errors"][0]["code"]) == (422, "recipient")
    asked = await mall.redeem(member, path, recipient=recipient)
    one = f"/v1/redemptions/{asked['id']}"
    assert (await mall.read(mall.runs, one))["recipient"] == recipient
    assert (await other.client.get(one)).status_code == 404
    assert (await mall.service("redemptions.read").get(one)).json()["recipient"] is None
    everything = await mall.runs.client.get("/v1/redemptions", params={"community_id": str(mall.community_id)})
    assert everything.json()["items"][0]["recipient"] is None
    assert "13800000000" not in repr(await mall.audit_trail()) + repr([one.data for one in await mall.told_of(asked)])
    await mall.decide(asked, "approve")
    done = await mall.decide(asked, "fulfil", tracking="SF1234567890")
    assert (done["tracking"], done["recipient"]) == ("SF1234567890", None)
    assert (await mall.read(member, one))["recipient"] == recipient


async def test_nobody_decides_about_their_own(mall: Mall) -> None:
    path = await mall.reward(stock=9)
    asked = await mall.redeem(mall.runs, path)
    for verb, body in (("approve", None), ("reject", {"reason": "不"}), ("fulfil", {})):
        refused = await mall.runs.client.post(f"/v1/redemptions/{asked['id']}/{verb}", json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "conflict_of_interest")


@pytest.mark.parametrize(("said", "then"), [("cancel", "approve"), ("reject", "approve"), ("cancel", "fulfil")])
async def test_what_is_over_stays_over(mall: Mall, said, then) -> None:
    path, member = await mall.reward(), await mall.member()
    asked = await mall.redeem(member, path)
    one = f"/v1/redemptions/{asked['id']}"
    bodies: dict[str, Any] = {"reject": {"reason": "不合规"}, "fulfil": {}}
    client = member.client if said == "cancel" else mall.runs.client
    assert (await client.post(f"{one}/{said}", json=bodies.get(said))).status_code == 200
    refused = await mall.runs.client.post(f"{one}/{then}", json=bodies.get(then))
    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_transition")
    assert await mall.points(member) == (WITH_JOINING, 0)


async def test_what_nobody_decides_is_overdue_on_the_desk_after_two_working_days_and_never_expires(mall: Mall) -> None:
    member = await mall.member()
    asked = await mall.redeem(member, await mall.reward())
    queue = await mall.desk("redemptions_to_decide")
    assert (queue["count"], queue["overdue"]) == (1, 0)
    mall.harness.clock.advance(timedelta(days=2, minutes=1))
    assert (await mall.desk("redemptions_to_decide"))["overdue"] == 1
    overdue = await mall.runs.client.get(f"{queue['href']}&overdue=true")
    assert [one["id"] for one in overdue.json()["items"]] == [asked["id"]]
    mall.harness.clock.advance(timedelta(days=90))
    await mall.harness.run_timers()
    assert (await mall.read(member, f"/v1/redemptions/{asked['id']}"))["status"] == "requested"


async def test_who_approves_has_a_task_for_what_waits_that_is_not_their_own(mall: Mall) -> None:
    member, path = await mall.member(), await mall.reward(stock=9)
    own = await mall.redeem(mall.runs, path)
    assert await mall.tasks(mall.runs) == []
    asked = await mall.redeem(member, path)
    (task,) = await mall.tasks(mall.runs)
    assert (task["code"], task["count"], task["due_at"]) == ("approve_redemptions", 1, asked["decide_by"])
    assert task["community"]["id"] == str(mall.community_id)
    assert await mall.tasks(member) == []
    waiting = (await mall.read(mall.runs, task["href"]))["items"]
    assert {one["id"]: "approve" in one["viewer"]["can"] for one in waiting} == {own["id"]: False, asked["id"]: True}
    await mall.decide(asked, "approve")
    (task,) = await mall.tasks(mall.runs)
    assert (task["code"], task["count"]) == ("hand_over_redemptions", 1)
    approved = (await mall.read(mall.runs, task["href"]))["items"]
    assert [(one["id"], "fulfil" in one["viewer"]["can"]) for one in approved] == [(asked["id"], True)]
    assert [one["code"] for one in await mall.tasks(member)] == ["collect_reward"]
    code = (await mall.read(member, f"/v1/redemptions/{asked['id']}/voucher"))["code"]
    await mall.decide(asked, "fulfil", pickup_code=code)
    assert await mall.tasks(mall.runs) == []


async def test_who_is_to_collect_something_has_a_task_until_it_goes_back(mall: Mall) -> None:
    member = await mall.member()
    asked = await mall.redeem(member, await mall.reward())
    assert await mall.tasks(member) == []
    await mall.decide(asked, "approve")
    (task,) = await mall.tasks(member)
    assert (task["code"], task["object"]["id"]) == ("collect_reward", asked["id"])
    assert (await mall.desk("redemptions_to_fulfil"))["count"] == 1
    mall.harness.clock.advance(timedelta(days=30))
    await mall.harness.run_timers()
    assert await mall.tasks(member) == []
    assert (await mall.desk("redemptions_to_fulfil"))["count"] == 0


async def test_who_leaves_gets_what_was_approved_and_what_was_not_decided_goes_back(mall: Mall) -> None:
    path, member = await mall.reward(cost=4, stock=5), await mall.member()
    approved, waiting = await mall.redeem(member, path), await mall.redeem(member, path)
    await mall.decide(approved, "approve")
    left = mall._member(member, JOINED, status="left")
    told = received(MemberLeft(**left), occurred_at=mall.harness.clock(), version=mall._next(member.id))
    await mall.harness.deliver(told)
    await mall.harness.run_timers()
    one = f"/v1/redemptions/{approved['id']}"
    assert (await mall.read(member, one))["status"] == "approved"
    assert (await mall.read(member, f"/v1/redemptions/{waiting['id']}"))["status"] == "cancelled"
    code = (await member.client.get(f"{one}/voucher")).json()["code"]
    assert (await mall.decide(approved, "fulfil", pickup_code=code))["status"] == "fulfilled"
    async with mall.harness.runtime.database.reading() as session:
        wallet = await session.get_one(Wallet, member.id)
    assert (wallet.points, wallet.held) == (WITH_JOINING - 4, 0)
    assert (await mall.read(mall.runs, path))["stock_left"] == 4


async def test_who_is_erased_leaves_no_name_and_no_address_behind(mall: Mall) -> None:
    path, member = await mall.reward(delivery="shipping"), await mall.member()
    recipient = {"name": "王小明", "phone": "13800000000", "address": "上海市浦东新区一号"}
    sent = await mall.redeem(member, path, recipient=recipient)
    await mall.decide(sent, "approve")
    await mall.decide(sent, "fulfil", tracking="SF-1")
    refused = await mall.redeem(member, await mall.reward(cost=1))
    await mall.decide(refused, "reject", reason="王小明已离职")
    await mall.erase(member)
    async with mall.harness.runtime.database.reading() as session:
        rows = (await session.exec(select(Redemption))).all()
    kept = {(row.recipient_name, row.recipient_phone, row.recipient_address, row.tracking, row.reason) for row in rows}
    assert kept == {(None, None, None, None, None)}


async def test_to_whom_it_was_sent_is_forgotten_half_a_year_later_and_not_before(mall: Mall) -> None:
    path, member = await mall.reward(delivery="shipping"), await mall.member()
    async with mall.harness.runtime.database.transaction() as session:
        await forgetting.timers.set_periodic(session, mall.harness.clock())
    recipient = {"name": "王小明", "phone": "13800000000", "address": "上海市浦东新区一号"}
    asked = await mall.redeem(member, path, recipient=recipient)
    mall.harness.clock.advance(timedelta(days=200))
    await mall.harness.run_timers()
    await mall.decide(asked, "approve")
    await mall.decide(asked, "fulfil", tracking="SF-1")
    one = f"/v1/redemptions/{asked['id']}"
    mall.harness.clock.advance(timedelta(days=179))
    await mall.harness.run_timers()
    found = await mall.read(member, one)
    assert (found["recipient"], found["tracking"]) == (recipient, "SF-1")
    mall.harness.clock.advance(timedelta(days=2))
    await mall.harness.run_timers()
    found = await mall.read(member, one)
    assert (found["recipient"], found["tracking"], found["status"]) == (None, None, "fulfilled")


async def test_members_read_their_own_and_those_who_decide_all(mall: Mall) -> None:
    path, first, second = await mall.reward(cost=1), await mall.member(), await mall.member()
    mine, theirs = await mall.redeem(first, path), await mall.redeem(second, path)
    here = {"community_id": str(mall.community_id)}
    for client, query, expected in (
        (first.client, here, [mine]),
        (first.client, {"mine": True}, [mine]),
        (mall.runs.client, here, [theirs, mine]),
        (mall.runs.client, here | {"mine": True}, []),
        (mall.runs.client, here | {"status": "approved"}, []),
    ):
        found = (await client.get("/v1/redemptions", params=query)).json()["items"]
        assert [one["id"] for one in found] == [one["id"] for one in expected]
    assert (await first.client.get(f"/v1/redemptions/{theirs['id']}")).status_code == 404
    assert mine["viewer"]["can"] == ["cancel"]
    (seen,) = [
        one
        for one in (await mall.runs.client.get("/v1/redemptions", params=here)).json()["items"]
        if one["id"] == mine["id"]
    ]
    assert (seen["viewer"]["can"], seen["viewer"]["cannot"]["fulfil"]) == (["approve", "reject"], "illegal_transition")


async def test_who_does_not_collect_is_reminded_after_a_week_and_after_two(mall: Mall) -> None:
    path, member, quick = await mall.reward(cost=1), await mall.member(), await mall.member()
    asked, other = await mall.redeem(member, path), await mall.redeem(quick, path)
    for one in (asked, other):
        await mall.decide(one, "approve")
    code = (await quick.client.get(f"/v1/redemptions/{other['id']}/voucher")).json()["code"]
    await mall.decide(other, "fulfil", pickup_code=code)
    for days, told in ((6, []), (1, ["23_days"]), (7, ["23_days", "16_days"]), (7, ["23_days", "16_days"])):
        mall.harness.clock.advance(timedelta(days=days))
        await mall.harness.run_timers()
        reminders = await mall.harness.published("reminder.due")
        assert [one.data["lead"] for one in reminders] == told
        assert {one.data["object"]["id"] for one in reminders} <= {asked["id"]}
