"""Who has not acknowledged the rules in time posts in no service: by the clock, whatever the order of messages, and not a moment longer."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from chassis.acknowledging import WITHIN, due_at
from chassis.ids import new_id
from chassis.testing import received
from contracts.conduct import AcknowledgementSnapshot, RuleSetAcknowledged, RuleSetMissed, RuleSetPublished
from contracts.membership import MemberJoined
from tests.service.chassis.shop import code_of

LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
RULE_SETS = {version: new_id() for version in range(1, 4)}


def things(shop):
    return f"/v1/things?community_id={shop.community_id}"


async def post(shop, client):
    return await client.post("/v1/things", json={"community_id": str(shop.community_id), "name": "wheel"})


def joined(shop, person, member, at=LONG_AGO, version=1):
    told = MemberJoined(
        community_id=shop.community_id, member_id=member, person_id=person, display_name="张伟", roles=("owner",),
        person_kind="employee", status="active", joined_at=at, via="import",
    )  # fmt: skip
    return received(told, occurred_at=at, version=version)


def published(shop, version, at):
    told = RuleSetPublished(
        community_id=shop.community_id, rule_set_id=RULE_SETS[version], version=version, rules=(), acknowledge_by=at
    )
    return received(told, occurred_at=at - WITHIN, version=1)


def acknowledged(shop, member, version, number, *, kind=RuleSetAcknowledged, overdue=0):
    rule_set_id = RULE_SETS.get(version)
    told = kind(
        community_id=shop.community_id, member_id=member, rule_set_id=rule_set_id, version=version, overdue=overdue
    )
    return received(told, occurred_at=shop.clock(), version=number)


def says(shop, person, due_at=None, **facts):
    """What membership knows, which the projection may not know yet."""
    rules = str(RULE_SETS[1]) if due_at is not None else None
    by = due_at.isoformat() if due_at is not None else None
    shop.answer(person, shop.community_id, roles=["owner"], rule_set_id=rules, acknowledge_by=by, **facts)


@pytest.mark.parametrize("seed", range(8))
async def test_any_order_and_any_doubles_end_in_the_same(shop, seed):
    chance = random.Random(seed)
    person, member = new_id(), new_id()
    await shop.later(timedelta(days=-60))
    begun = shop.clock()
    since = begun - timedelta(days=chance.randrange(40))
    versions = {version: begun + timedelta(days=chance.randrange(-5, 15)) for version in range(1, 4)}
    given = sorted(chance.sample(range(1, 4), chance.randrange(4)))
    missed = chance.randrange(4)
    messages = [joined(shop, person, member, since)]
    messages += [published(shop, version, at) for version, at in versions.items()]
    messages += [acknowledged(shop, member, version, number) for number, version in enumerate(given, start=1)]
    last = given[-1] if given else 0
    missing = acknowledged(shop, member, last, len(given) + 1, kind=RuleSetMissed, overdue=missed)
    messages += [
        missing,
        acknowledged(shop, member, last, len(given) + 1, kind=AcknowledgementSnapshot, overdue=missed),
    ]
    shuffled = messages * 2
    chance.shuffle(shuffled)
    for first in range(0, len(shuffled), 3):
        await shop.deliver(*shuffled[first : first + 3])
    due = due_at(version=3, acknowledge_by=versions[3], acknowledged=last, overdue=missed, since=since)
    says(shop, person, due)
    client = shop.as_person(person)
    for _ in range(30):
        expected = 403 if due is not None and due <= shop.clock() else 201
        assert (await post(shop, client)).status_code == expected
        assert (await client.get(things(shop))).status_code == 200
        await shop.later(timedelta(days=1))


async def test_who_is_refused_is_told_what_to_acknowledge_and_posts_at_once_when_they_have(shop):
    person, member = new_id(), new_id()
    by = shop.clock()
    await shop.deliver(joined(shop, person, member), published(shop, 1, by))
    says(shop, person, by)
    client = shop.as_person(person)
    refused = await post(shop, client)
    assert code_of(refused) == (403, "rules_not_acknowledged")
    assert refused.json()["acknowledge"] == f"/v1/rule-sets/{RULE_SETS[1]}/acknowledge"
    # They acknowledge, and the message is still under way.
    says(shop, person)
    assert (await post(shop, client)).status_code == 201
    # Without a second question within half a minute.
    asked = len(shop.membership.asked)
    assert (await post(shop, client)).status_code == 201
    assert len(shop.membership.asked) == asked


async def test_who_reads_is_not_asked_about(shop):
    person, member = new_id(), new_id()
    await shop.deliver(joined(shop, person, member), published(shop, 1, shop.clock()))
    assert (await shop.as_person(person).get(things(shop))).status_code == 200
    assert shop.membership.asked == []


async def test_whom_an_import_let_in_as_of_long_ago_posts_as_membership_says(shop):
    person, member = new_id(), new_id()
    await shop.deliver(joined(shop, person, member, LONG_AGO), published(shop, 1, shop.clock()))
    says(shop, person, shop.clock() + timedelta(days=14))
    assert (await post(shop, shop.as_person(person))).status_code == 201


async def test_where_membership_is_away_it_is_nobodys_fault(shop):
    person, member = new_id(), new_id()
    await shop.deliver(joined(shop, person, member), published(shop, 1, shop.clock()))
    shop.membership.reachable = False
    assert code_of(await post(shop, shop.as_person(person))) == (503, "authority_unavailable")
