"""Lists of what was done between two days or two moments, of a member, of a community, or of the caller's own everywhere."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.ids import new_id
from chassis.testing import SettableClock, received
from contracts.membership import CommunityOpened, MemberJoined
from services.gamification.definition import definition
from tests.service.gamification.stage import JOINED, NOON, Stage

DAYS = (0, 1, 2, 3)
"""Monday to Thursday, the 6th to the 9th of May."""


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        await stage.open()
        yield stage


async def listed(client, path, **query):
    answer = await client.get(path, params={"limit": 100} | query)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def days_of(one, **query):
    items = await listed(one.client, "/v1/checkins", member_id=str(one.id), **query)
    return [item["day"][8:] for item in items]


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ({"from": "2024-05-07", "to": "2024-05-08"}, ["08", "07"]),
        ({"from": "2024-05-08"}, ["09", "08"]),
        ({"to": "2024-05-06"}, ["06"]),
        ({"from": "2024-05-07T04:00:00Z", "to": "2024-05-08T04:00:00Z"}, ["07"]),
        ({"from": "2024-05-07T12:00:01+08:00"}, ["09", "08"]),
    ],
)
async def test_days_are_both_included_and_of_moments_the_second_is_not(stage, query, days):
    member = await stage.member()
    await stage.check_in_on(member, *DAYS)
    assert await days_of(member, **query) == days


async def test_a_day_is_the_communitys(stage):
    member = await stage.member()
    # The 7th in Shanghai, still the 6th in UTC.
    stage.harness.clock.now = NOON + timedelta(hours=13)
    await stage.check_in(member)
    assert await days_of(member, **{"from": "2024-05-07"}) == ["07"]
    assert await days_of(member, to="2024-05-06") == []


@pytest.mark.parametrize("path", ["/v1/checkins", "/v1/ledger-entries"])
@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"from": "yesterday"}, "#/query/from"),
        ({"from": "2024-05-07T04:00:00"}, "#/query/from"),
        ({"from": "2024-05-07", "to": "2024-05-05"}, "#/query/to"),
        ({}, "#/query/community_id"),
    ],
)
async def test_what_is_no_span_is_refused(stage, path, query, pointer):
    member = await stage.member()
    whose = {"member_id": str(member.id)} if query else {}
    answer = await member.client.get(path, params=query | whose)
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (422, [pointer])


async def test_ones_own_are_listed_in_all_communities(stage):
    here, stranger = await stage.members(2)
    there = Stage(stage.harness)
    opened = CommunityOpened(**there._community)
    joined = MemberJoined(**there._member(replace(here, id=new_id()), JOINED))
    await stage.harness.deliver(*(received(each, occurred_at=JOINED) for each in (opened, joined)))
    for place, one in ((stage, here), (there, here), (stage, stranger)):
        assert (await place.check_in(one)).status_code == 201
    for path in ("/v1/checkins", "/v1/ledger-entries"):
        items = await listed(here.client, path, mine=True)
        assert {item["community_id"] for item in items} == {str(stage.community_id), str(there.community_id)}
        assert str(stranger.id) not in str(items)


@pytest.mark.parametrize("path", ["/v1/checkins", "/v1/ledger-entries"])
async def test_a_program_has_nothing_of_its_own(stage, path):
    answer = await stage.service("checkins.read", "ledger_entries.read").get(path, params={"mine": True})
    assert answer.status_code == 403


async def test_the_entries_of_a_community_are_for_those_who_run_it(stage):
    operator, one, two = await stage.member(roles=("operator",)), await stage.member(), await stage.member()
    for member in (one, two):
        await stage.check_in_on(member, 0)
    here = {"community_id": str(stage.community_id)}
    everyones = await listed(operator.client, "/v1/ledger-entries", currency="xp", **here)
    assert {item["member_id"] for item in everyones} == {str(one.id), str(two.id)}
    assert {item["currency"] for item in everyones} == {"xp"}
    own = await listed(one.client, "/v1/ledger-entries", **here)
    assert {item["member_id"] for item in own} == {str(one.id)}
    assert await listed(operator.client, "/v1/ledger-entries", kind="reversal", **here) == []
    assert len(await listed(operator.client, "/v1/ledger-entries", mine=True, **here)) == 1


async def test_who_left_finds_their_entries_and_the_community_none_of_others(stage):
    one, two = await stage.members(2)
    await stage.check_in_on(two, 0)
    await stage.leave(one)
    for query in ({"mine": True}, {"community_id": str(stage.community_id)}):
        items = await listed(one.client, "/v1/ledger-entries", **query)
        assert {item["member_id"] for item in items} == {str(one.id)}
    assert await listed(one.client, "/v1/checkins", mine=True) == []


async def test_what_is_listed_over_members_and_communities_names_both(stage):
    member = await stage.member()
    await stage.tell_department("D1", "研发部")
    await stage.check_in(member)
    for path in ("/v1/ledger-entries", "/v1/checkins"):
        for item in await listed(member.client, path, mine=True):
            assert (item["member"]["member_id"], item["member"]["department_name"]) == (str(member.id), "研发部")
            assert item["community"]["id"] == item["community_id"] == str(stage.community_id)
            assert item["community"]["name"]
