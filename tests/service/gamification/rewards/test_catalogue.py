"""What is offered to whom, and what is left of it."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from chassis.ids import new_id
from chassis.testing import received
from contracts.membership import CommunityOpened, MemberJoined
from tests.service.gamification.rewards.mall import Mall
from tests.service.gamification.stage import JOINED, NOON

CODES = [f"QX-{number:04}-ABCD" for number in range(8)]


async def test_members_see_what_is_offered_the_cheapest_first(mall: Mall) -> None:
    await mall.reward(title="保温杯", cost=300)
    await mall.reward(title="贴纸", cost=5)
    await mall.reward(title="内购", cost=1, offered=False)
    member = await mall.member()
    assert [one["title"] for one in await mall.offered(member)] == ["贴纸", "保温杯"]
    assert [one["title"] for one in await mall.offered(mall.runs)] == ["内购", "贴纸", "保温杯"]


async def test_members_learn_why_they_cannot_have_it(mall: Mall) -> None:
    later = (NOON + timedelta(days=1)).isoformat()
    offers: dict[str, dict[str, Any]] = {
        "以后": {"available_from": later},
        "以前": {"available_until": (NOON - timedelta(days=1)).isoformat()},
        "没了": {"stock": 0},
        "等级": {"min_level": 3},
        "太贵": {"cost": 11},
        "可兑": {"cost": 10},
    }
    for title, facts in offers.items():
        await mall.reward(title=title, **facts)
    member = await mall.member()
    assert {one["title"]: one["mine"]["refused"] for one in await mall.offered(member)} == {
        "以后": "reward_not_yet",
        "以前": "reward_over",
        "没了": "reward_sold_out",
        "等级": "level_too_low",
        "太贵": "points_short",
        "可兑": None,
    }
    found = {one["title"]: one for one in await mall.offered(member)}
    assert (found["等级"]["min_level_name"], found["可兑"]["min_level_name"]) == ("Expert", None)
    member.client.headers["Accept-Language"] = "zh-CN"
    found = {one["title"]: one for one in await mall.offered(member)}
    assert found["等级"]["min_level_name"] == "达人"
    assert (found["等级"]["mine"]["refused_text"], found["可兑"]["mine"]["refused_text"]) == (
        "等级未达到兑换要求",
        None,
    )
    titles = {one["title"] for one in await mall.offered(member, affordable=True)}
    assert "太贵" not in titles
    assert "可兑" in titles


async def test_what_it_is_worth_is_for_those_who_run_the_catalogue(mall: Mall) -> None:
    path = await mall.reward(market_value=3990)
    assert (await mall.read(mall.runs, path))["market_value"] == 3990
    assert (await mall.read(await mall.member(), path))["market_value"] is None


async def test_a_reward_that_is_not_offered_is_not_there_for_members(mall: Mall) -> None:
    path = await mall.reward(offered=False)
    member = await mall.member()
    assert (await member.client.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("facts", "pointer", "code"),
    [
        ({"delivery": "none"}, "/delivery", "does_not_fit"),
        ({"kind": "course"}, "/delivery", "does_not_fit"),
        ({"fulfilment": "automatic"}, "/fulfilment", "does_not_fit"),
        ({"kind": "voucher", "delivery": None}, "/stock", "codes_only"),
        ({"cost": 0}, "/cost", "greater_than_equal"),
        ({"stock": -1}, "/stock", "greater_than_equal"),
        ({"per_member_limit": 0}, "/per_member_limit", "greater_than_equal"),
        (
            {"available_from": "2024-06-02T00:00:00Z", "available_until": "2024-06-01T00:00:00Z"},
            "/available_until",
            "before_start",
        ),
    ],
)
async def test_what_cannot_be_offered_is_refused(mall: Mall, facts, pointer, code) -> None:
    answer = await mall.ask_for_reward(**facts)
    assert answer.status_code == 422, answer.text
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(pointer, code)]
    assert await mall.offered(mall.runs) == []


async def test_members_do_not_run_the_catalogue(mall: Mall) -> None:
    path = await mall.reward()
    member = await mall.member()
    assert (await member.client.post(f"{path}/stock", json={"change": 1})).status_code == 403
    assert (await member.client.post(f"{path}/voucher-codes", json={"codes": CODES})).status_code == 403
    patched = await member.client.patch(path, json={"cost": 1}, headers={"If-Match": '"1"'})
    assert patched.status_code == 403


async def test_a_patch_that_would_end_before_it_begins_changes_nothing(mall: Mall) -> None:
    path = await mall.reward(available_from=NOON.isoformat())
    body = {"available_until": (NOON - timedelta(hours=1)).isoformat(), "cost": 99}
    answer = await mall.runs.client.patch(path, json=body, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "before_start")
    assert (await mall.read(mall.runs, path))["cost"] == 8


async def test_stock_goes_up_and_down_but_never_below_zero(mall: Mall) -> None:
    path = await mall.reward(stock=5)
    for change, status, left in ((3, 200, 8), (-8, 200, 0), (-1, 409, 0)):
        answer = await mall.runs.client.post(f"{path}/stock", json={"change": change})
        assert answer.status_code == status
        assert (await mall.read(mall.runs, path))["stock_left"] == left
    assert answer.json()["code"] == "stock_short"


async def test_deliveries_counted_at_the_same_moment_all_count(mall: Mall) -> None:
    path = await mall.reward(stock=0)
    answers = await asyncio.gather(*(mall.runs.client.post(f"{path}/stock", json={"change": 2}) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {200}
    assert (await mall.read(mall.runs, path))["stock_left"] == 12


async def test_codes_are_taken_once_and_never_answered(mall: Mall) -> None:
    path = await mall.vouchers(*CODES[:4])
    again = await mall.runs.client.post(f"{path}/voucher-codes", json={"codes": [*CODES[2:6], CODES[5]]})
    assert again.json() == {"added": 2, "known": 3, "stock_left": 6}
    for text in (again.text, (await mall.runs.client.get(path)).text):
        assert not [code for code in CODES if code in text]


async def test_two_rewards_cannot_hand_out_the_same_code(mall: Mall) -> None:
    await mall.vouchers(*CODES[:4])
    other = await mall.vouchers()
    answer = await mall.runs.client.post(f"{other}/voucher-codes", json={"codes": CODES[:5]})
    assert answer.json() == {"added": 1, "known": 4, "stock_left": 1}


async def test_codes_handed_in_twice_at_the_same_moment_are_there_once(mall: Mall) -> None:
    path = await mall.vouchers()
    answers = await asyncio.gather(
        *(mall.runs.client.post(f"{path}/voucher-codes", json={"codes": CODES}) for _ in range(4))
    )
    assert sorted(answer.json()["added"] for answer in answers) == [0, 0, 0, len(CODES)]
    assert (await mall.read(mall.runs, path))["stock_left"] == len(CODES)


async def test_the_stock_of_vouchers_is_their_codes_and_others_have_none(mall: Mall) -> None:
    vouchers, mugs = await mall.vouchers(), await mall.reward()
    counted = await mall.runs.client.post(f"{vouchers}/stock", json={"change": 1})
    assert (counted.status_code, counted.json()["code"]) == (409, "stock_are_codes")
    handed_in = await mall.runs.client.post(f"{mugs}/voucher-codes", json={"codes": CODES})
    assert (handed_in.status_code, handed_in.json()["code"]) == (409, "no_codes_here")


async def test_codes_are_not_in_the_audit_trail(mall: Mall) -> None:
    await mall.vouchers(*CODES)
    trail = await mall.audit_trail()
    assert not [code for code in CODES if code in repr(trail)]
    assert any(entry.action == "reward.add_codes" for entry in trail)


@pytest.fixture
async def elsewhere(mall: Mall):
    """Another community, which the operator of the mall runs, too; and one that somebody else runs."""
    ids = {}
    for slug in ("with", "without"):
        community_id = new_id()
        facts = mall._community | {"community_id": community_id, "slug": slug, "name": slug}
        await mall.harness.deliver(received(CommunityOpened(**facts), occurred_at=JOINED))
        ids[slug] = str(community_id)
    for slug, roles in (("with", ("operator",)), ("without", ())):
        there = mall._member(mall.runs, JOINED, member_id=new_id(), community_id=ids[slug], roles=roles)
        await mall.harness.deliver(received(MemberJoined(**there), occurred_at=JOINED))
    return ids


async def test_a_mall_offers_in_each_community_whose_catalogue_the_caller_runs(mall: Mall, elsewhere) -> None:
    path = await mall.reward(community_ids=[elsewhere["with"]])
    reward = await mall.read(mall.runs, path)
    assert {one["slug"] for one in reward["communities"]} == {"readers", "with"}
    there = await mall.runs.client.get("/v1/rewards", params={"community_id": elsewhere["with"]})
    assert [one["id"] for one in there.json()["items"]] == [reward["id"]]
    seen = await mall.member()
    assert [one["slug"] for one in (await mall.read(seen, path))["communities"]] == ["readers"]


async def test_nobody_offers_where_others_run_the_catalogue(mall: Mall, elsewhere) -> None:
    refused = await mall.ask_for_reward(community_ids=[elsewhere["without"]])
    assert refused.status_code == 403
    path = await mall.reward(community_ids=[elsewhere["with"]])
    moved = await mall.runs.client.patch(
        path, json={"community_ids": [elsewhere["without"]], "cost": 1}, headers={"If-Match": '"1"'}
    )
    assert moved.status_code == 403
    reward = await mall.read(mall.runs, path)
    assert (reward["cost"], len(reward["communities"])) == (8, 2)


async def test_a_mall_closes_where_it_is_not_offered_any_more(mall: Mall, elsewhere) -> None:
    path = await mall.reward(community_ids=[elsewhere["with"]])
    await mall.runs.client.patch(path, json={"community_ids": []}, headers={"If-Match": '"1"'})
    there = await mall.runs.client.get("/v1/rewards", params={"community_id": elsewhere["with"]})
    assert there.json()["items"] == []


async def test_what_an_archived_community_runs_is_offered_in_no_other_any_more(mall: Mall) -> None:
    member = await mall.member()
    their = await mall.another_community(member)
    path = await mall.reward(cost=1, community_ids=[their])
    await mall.redeem(member, path, community_id=their)
    await mall.change(status="archived")
    assert (await mall.ask(member, path, cost_seen=1, community_id=their)).status_code == 404
    assert await mall.offered(member, community_id=their) == []
    assert (await member.client.get(path, params={"community_id": their})).status_code == 404
    assert [one["id"] for one in await mall.offered(member)] == [path.rsplit("/", 1)[1]]


async def test_points_whose_day_has_passed_buy_nothing_and_the_catalogue_says_so(mall: Mall) -> None:
    owner, member, path = await mall.member(roles=("owner",)), await mall.member(), await mall.reward(cost=8)
    said = {"kind": "months", "months": 1}
    query = {"community_id": str(mall.community_id)}
    assert (await owner.client.put("/v1/wallets/expiry", params=query, json=said)).status_code == 200
    await mall.harness.run_jobs()
    assert (await mall.read(member, path))["mine"]["refused"] is None
    mall.harness.clock.advance(timedelta(days=40))
    assert (await mall.read(member, path))["mine"]["refused"] == "points_short"
    assert await mall.offered(member, affordable=True) == []
    assert (await mall.ask(member, path)).json()["code"] == "points_short"
