"""What a service knows of members: the newest state whatever the order, and never a guess where it does not know."""

import asyncio
import random
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select

from chassis.ids import new_id
from chassis.resolver import REMEMBER_FOUND, REMEMBER_MISSING
from chassis.testing import received
from contracts.membership import (
    CommunityArchived,
    CommunityOpened,
    CommunityUpdated,
    MemberJoined,
    MemberLeft,
    MemberRoleChanged,
    MemberStatusChanged,
    PersonRegistered,
    PersonSuspended,
    PersonUpdated,
    SanctionChanged,
)
from tests.service.chassis.shop import code_of
from tests.service.chassis.workshop_things import known

LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)


def history(shop, community_id, person_id, member_id):
    """A community, a person and a member, each in several states; the last version of each counts."""
    community = {
        "community_id": community_id, "slug": "readers", "name": "读书会", "kind": "training", "status": "open",
        "visibility": "internal", "join": "open", "time_zone": "Asia/Shanghai", "day_starts_at": time(0),
        "streak_days": "every_day", "charter_version": 1,
    }  # fmt: skip
    person = {"person_id": person_id, "display_name": "张伟", "kind": "employee", "status": "active"}
    member = {
        "member_id": member_id, "person_id": person_id, "community_id": community_id, "display_name": "张伟",
        "person_kind": "employee", "roles": (), "status": "active", "joined_at": LONG_AGO, "via": "import",
    }  # fmt: skip
    states = [
        (CommunityOpened(**community), 1),
        (CommunityUpdated(**community | {"name": "新读书会"}), 2),
        (CommunityArchived(**community | {"name": "新读书会", "status": "archived"}), 3),
        (PersonRegistered(**person), 1),
        (PersonUpdated(**person | {"display_name": "张小伟"}), 2),
        (PersonSuspended(**person | {"display_name": "张小伟", "status": "suspended"}), 3),
        (MemberJoined(**member), 1),
        (MemberRoleChanged(**member | {"roles": ("owner",)}), 2),
        (MemberStatusChanged(**member | {"status": "muted"}), 3),
        (MemberLeft(**member | {"status": "left"}), 4),
    ]
    return [received(event, occurred_at=shop.clock(), version=version) for event, version in states]


@pytest.mark.parametrize("seed", range(6))
async def test_any_order_and_any_duplicates_end_in_the_newest_state(shop, seed):
    ids = new_id(), new_id(), new_id()
    messages = history(shop, *ids)
    chance = random.Random(seed)
    shuffled = messages * 3
    chance.shuffle(shuffled)
    for first in range(0, len(shuffled), 4):
        await shop.deliver(*shuffled[first : first + 4])
    [community] = await shop.rows(select(known.communities).where(known.communities.c.id == ids[0]))
    [person] = await shop.rows(select(known.people).where(known.people.c.id == ids[1]))
    [member] = await shop.rows(select(known.members).where(known.members.c.id == ids[2]))
    assert (community.name, community.status, community.version) == ("新读书会", "archived", 3)
    assert (person.display_name, person.status, person.version) == ("张小伟", "suspended", 3)
    assert (member.status, list(member.roles), member.version) == ("left", [], 4)


# --- failing closed ---


def things(shop):
    return f"/v1/things?community_id={shop.community_id}"


def a_thing(shop):
    return {"community_id": str(shop.community_id), "name": "wheel"}


async def test_whoever_is_not_known_yet_is_asked_about_once(shop):
    person = new_id()
    shop.answer(person, shop.community_id, roles=["owner"])
    client = shop.as_person(person)
    assert (await client.get(things(shop))).status_code == 200
    assert (await client.post("/v1/things", json=a_thing(shop))).status_code == 201
    assert shop.membership.asked == [(person, shop.community_id)]


async def test_a_found_answer_is_good_for_thirty_seconds_and_a_missing_one_for_five(shop):
    found, missing = new_id(), new_id()
    shop.answer(found, shop.community_id, roles=[])
    shop.answer(missing, shop.community_id)
    for person, good_for in ((found, REMEMBER_FOUND), (missing, REMEMBER_MISSING)):
        shop.membership.asked.clear()
        client = shop.as_person(person)
        await client.get(things(shop))
        shop.clock.advance(good_for - timedelta(seconds=1))
        await client.get(things(shop))
        assert len(shop.membership.asked) == 1
        shop.clock.advance(timedelta(seconds=1))
        await client.get(things(shop))
        assert len(shop.membership.asked) == 2


async def test_whoever_came_since_is_let_in_after_five_seconds(shop):
    person = new_id()
    client = shop.as_person(person)
    shop.answer(person, shop.community_id)
    assert code_of(await client.post("/v1/things", json=a_thing(shop))) == (403, "forbidden")
    shop.answer(person, shop.community_id, roles=[])
    shop.clock.advance(REMEMBER_MISSING)
    assert (await client.post("/v1/things", json=a_thing(shop))).status_code == 201


async def test_a_community_that_membership_does_not_know_is_not_found(shop):
    assert code_of(await shop.as_person().get(f"/v1/things?community_id={new_id()}")) == (404, "not_found")


@pytest.mark.parametrize("client", ["stranger", "nobody", "account"])
async def test_an_unreachable_owner_is_never_a_403_or_404(shop, client):
    shop.membership.reachable = False
    unknown = f"/v1/things?community_id={new_id()}"
    asked = {
        "stranger": shop.as_person(),
        "nobody": shop.anonymous(),
        "account": shop.as_service("things.read"),
    }[client]
    answer = await asked.get(unknown)
    assert code_of(answer) == (503, "authority_unavailable")
    assert answer.headers["retry-after"] == "2"


async def test_an_owner_that_answers_nonsense_is_an_unreachable_one(shop, monkeypatch):
    shop.membership.answers[None, (unknown := new_id())] = {"surprise": True}
    answer = await shop.anonymous().get(f"/v1/things?community_id={unknown}")
    assert code_of(answer) == (503, "authority_unavailable")


async def test_an_owner_that_takes_too_long_is_an_unreachable_one(shop, monkeypatch):
    monkeypatch.setattr("chassis.resolver.TIMEOUT_SECONDS", 0.05)

    async def never(*_arguments, **_options):
        await asyncio.Event().wait()

    monkeypatch.setattr(shop.runtime.peers, "call", never)
    answer = await shop.as_person().get(things(shop))
    assert code_of(answer) == (503, "authority_unavailable")


async def test_a_projection_over_a_minute_old_is_not_enough_for_what_a_muted_member_may_not_do(shop):
    owner = await shop.member("owner")
    shop.clock.advance(timedelta(seconds=60))
    assert (await owner.post("/v1/things", json=a_thing(shop))).status_code == 201
    assert shop.membership.asked == []
    shop.clock.advance(timedelta(seconds=1))
    shop.answer(owner.person_id, shop.community_id, roles=[], status="muted")
    assert code_of(await owner.post("/v1/things", json=a_thing(shop))) == (403, "forbidden")
    assert shop.membership.asked == [(owner.person_id, shop.community_id)]


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 0, 2, 1]])
async def test_a_sanction_comes_by_its_own_topic_and_counts_in_whatever_order(shop, order):
    person, member = new_id(), new_id()
    until = shop.clock() + timedelta(seconds=30)
    state = {"community_id": shop.community_id, "member_id": member}
    joined = MemberJoined(
        **state, person_id=person, display_name="张伟", person_kind="employee", status="active", joined_at=LONG_AGO,
        via="import",
    )  # fmt: skip
    told = [
        received(joined, occurred_at=LONG_AGO, version=1),
        received(SanctionChanged(**state, status="none"), occurred_at=LONG_AGO, version=1),
        received(SanctionChanged(**state, status="muted", until=until), occurred_at=shop.clock(), version=2),
    ]
    for index in order:
        await shop.deliver(told[index])
    client = shop.as_person(person)
    assert (await client.get(things(shop))).status_code == 200
    assert code_of(await client.post("/v1/things", json=a_thing(shop))) == (403, "forbidden")
    shop.clock.advance(timedelta(seconds=30))
    assert (await client.post("/v1/things", json=a_thing(shop))).status_code == 201


@pytest.mark.parametrize("asked", [False, True])
async def test_a_mute_that_outlasts_a_suspension_holds_from_its_end_on_though_nothing_more_is_told(shop, asked):
    over, until = (shop.clock() + timedelta(seconds=seconds) for seconds in (20, 40))
    if asked:
        person = new_id()
        held = {"status_until": over.isoformat(), "then_muted_until": until.isoformat()}
        shop.answer(person, shop.community_id, roles=[], status="suspended", **held)
        client = shop.as_person(person)
    else:
        member = new_id()
        client = await shop.member(id=member)
        state = {"community_id": shop.community_id, "member_id": member, "status": "suspended"}
        told = SanctionChanged(**state, until=over, then_muted_until=until)
        await shop.deliver(received(told, occurred_at=shop.clock()))
    assert code_of(await client.get(things(shop))) == (403, "forbidden")
    shop.clock.advance(timedelta(seconds=20))
    assert (await client.get(things(shop))).status_code == 200
    assert code_of(await client.post("/v1/things", json=a_thing(shop))) == (403, "forbidden")
    shop.clock.advance(timedelta(seconds=20))
    assert (await client.post("/v1/things", json=a_thing(shop))).status_code == 201


async def test_an_old_projection_and_no_owner_refuse_the_write_and_allow_the_read(shop):
    owner = await shop.member("owner")
    shop.clock.advance(timedelta(seconds=61))
    shop.membership.reachable = False
    assert code_of(await owner.post("/v1/things", json=a_thing(shop))) == (503, "authority_unavailable")
    assert (await owner.get(things(shop))).status_code == 200


async def test_a_projection_that_was_never_caught_up_is_old(shop):
    owner = await shop.member("owner")
    await shop.caught_up(None)
    shop.membership.reachable = False
    assert code_of(await owner.post("/v1/things", json=a_thing(shop))) == (503, "authority_unavailable")


async def test_of_projection_and_answer_the_newer_counts(shop):
    owner = await shop.member("owner")
    shop.clock.advance(timedelta(seconds=61))
    shop.answer(owner.person_id, shop.community_id, roles=[], status="muted")
    assert code_of(await owner.post("/v1/things", json=a_thing(shop))) == (403, "forbidden")
    # The mute is lifted, which the projection learns before the remembered answer has run out.
    await shop.later(timedelta(seconds=1))
    assert (await owner.post("/v1/things", json=a_thing(shop))).status_code == 201


async def test_many_requests_that_do_not_know_ask_one_question(shop):
    person = new_id()
    shop.answer(person, shop.community_id, roles=[])
    client = shop.as_person(person)
    answers = await asyncio.gather(*(client.get(things(shop)) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(shop.membership.asked) == 1


async def test_the_one_who_asked_first_may_go_away(shop, monkeypatch):
    person = new_id()
    shop.answer(person, shop.community_id, roles=[])
    client = shop.as_person(person)
    first = asyncio.create_task(client.get(things(shop)))
    while not shop.runtime.resolver._asking:
        await asyncio.sleep(0)
    second = asyncio.create_task(client.get(things(shop)))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).status_code == 200


async def test_a_service_token_that_is_refused_is_thrown_away(shop):
    await shop.as_person().get(things(shop))
    shop.membership.good_token = "token-2"  # membership's keys are others now
    person = new_id()
    shop.answer(person, shop.community_id, roles=[])
    assert (await shop.as_person(person).get(things(shop))).status_code == 200
    assert shop.membership.tokens_issued == 2


async def test_a_suspended_person_is_nobody_here_either(shop):
    gone = await shop.member("owner", person_status="suspended")
    assert code_of(await gone.get(things(shop))) == (401, "session_revoked")


# --- batches ---


async def test_a_batch_decides_each_as_if_it_had_come_alone(shop):
    owner = await shop.member("owner")
    elsewhere = await shop.community(new_id())
    open_, closed, foreign, missing = (
        await shop.thing(),
        await shop.thing(status="closed"),
        await shop.thing(community_id=elsewhere),
        new_id(),
    )
    shop.answer(owner.person_id, elsewhere)
    ids = [str(one) for one in (open_, closed, foreign, missing, open_)]
    answer = await owner.post("/v1/things/batch", json={"ids": ids})
    items = answer.json()["items"]
    assert answer.status_code == 200
    assert [item["id"] for item in items] == ids[:4]
    assert [item["status"] for item in items] == [200, 409, 403, 404]
    assert [item["problem"] and item["problem"]["code"] for item in items] == [
        None,
        "illegal_transition",
        "forbidden",
        "not_found",
    ]


async def test_a_standing_that_is_not_known_begins_one_item_anew_and_not_the_batch(shop):
    person = new_id()
    shop.answer(person, shop.community_id, roles=["owner"])
    other = await shop.community(new_id())
    shop.answer(person, other, roles=["owner"])
    things_ = [await shop.thing(), await shop.thing(community_id=other), await shop.thing()]
    answer = await shop.as_person(person).post("/v1/things/batch", json={"ids": [str(one) for one in things_]})
    assert [item["status"] for item in answer.json()["items"]] == [200, 200, 200]


async def test_an_owner_out_of_reach_is_told_by_item(shop):
    known_here = await shop.member("owner")
    here, elsewhere = await shop.thing(), await shop.thing(community_id=await shop.community(new_id()))
    shop.membership.reachable = False
    answer = await known_here.post("/v1/things/batch", json={"ids": [str(here), str(elsewhere)]})
    assert [item["status"] for item in answer.json()["items"]] == [200, 503]
