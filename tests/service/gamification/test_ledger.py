"""Entries as members read them, awards taken back by hand, levels, and the check of the whole."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from chassis.testing import SettableClock, received
from contracts.membership import MemberRoleChanged
from services.gamification.definition import definition
from services.gamification.ledger.models import Wallet
from services.gamification.ledger.verification import verify
from tests.service.gamification.deeds import a_reply, an_article, an_attendance, removed
from tests.service.gamification.stage import JOINED, NOON, Stage


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        await stage.open()
        yield stage


async def owner_of(stage):
    owner = await stage.member()
    changed = MemberRoleChanged(**stage._member(owner, JOINED, roles=("owner",)))
    await stage.harness.deliver(received(changed, occurred_at=JOINED, version=stage._next(owner.id)))
    return owner


async def entries(stage, client, one, **query):
    response = await client.get("/v1/ledger-entries", params={"member_id": str(one.id)} | query)
    assert response.status_code == 200, response.text
    return response.json()


async def xp_entry(stage, client, one, rule="article"):
    found = (await entries(stage, client, one))["items"]
    return next(each for each in found if each["currency"] == "xp" and (each["rule"] or {}).get("code") == rule)


async def wallet(stage, one):
    return (await one.client.get(f"/v1/wallets/{one.id}")).json()


async def verdict_of(stage):
    async with stage.harness.runtime.database.reading() as session:
        return await verify(session)


async def test_an_entry_says_what_it_was_for_in_the_readers_language(stage):
    member = await stage.member()
    article = an_article(stage.community_id, member.id, at=NOON)
    await stage.harness.deliver(article)
    first = (await entries(stage, member.client, member))["items"][0]
    assert first["title"] == "Article published"
    assert first["amount"] == 30
    assert first["rule"] == {"code": "article", "version": 0}
    assert first["source"]["id"] == str(article.id)
    assert first["source"]["href"] == f"/v1/articles/{article.data.article_id}"
    member.client.headers["Accept-Language"] = "zh-CN"
    assert (await entries(stage, member.client, member))["items"][0]["title"] == "发布文章"


async def test_an_entry_that_undoes_another_names_it_and_says_why(stage):
    member = await stage.member()
    article = an_article(stage.community_id, member.id, at=NOON)
    await stage.harness.deliver(article, removed(article, at=NOON))
    found = (await entries(stage, member.client, member))["items"]
    undone = [each for each in found if each["reverses"]]
    assert {each["reverses"]["why"] for each in undone} == {"removed"}
    by_id = {each["id"]: each for each in found}
    for each in undone:
        assert by_id[each["reverses"]["entry_id"]]["reversed_by"] == each["id"]
        assert each["amount"] == -by_id[each["reverses"]["entry_id"]]["amount"]


async def test_entries_are_paged_by_when_they_happened(stage):
    member = await stage.member()
    await stage.harness.deliver(
        *[a_reply(stage.community_id, member.id, at=NOON + timedelta(minutes=n)) for n in range(5)]
    )
    seen, cursor = [], None
    while True:
        page = await entries(stage, member.client, member, limit=3, **({"cursor": cursor} if cursor else {}))
        seen += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len({each["id"] for each in seen}) == 11
    moments = [each["occurred_at"] for each in seen]
    assert moments == sorted(moments, reverse=True)


async def test_members_read_their_own_wallet_and_no_other(stage):
    one, other = await stage.members(2)
    assert (await one.client.get(f"/v1/wallets/{other.id}")).status_code == 403
    assert (await one.client.get("/v1/ledger-entries", params={"member_id": str(other.id)})).status_code == 403
    assert (await stage.service("wallets.read").get(f"/v1/wallets/{other.id}")).status_code == 200


async def test_one_who_left_still_reads_his_own_wallet(stage):
    member = await stage.member()
    await stage.leave(member)
    assert (await member.client.get(f"/v1/wallets/{member.id}")).status_code == 200
    other = await stage.member()
    assert (await member.client.get(f"/v1/wallets/{other.id}")).status_code in {403, 404}


async def test_an_owner_takes_an_award_back_and_it_stays_taken_back(stage):
    owner, member = await owner_of(stage), await stage.member()
    article = an_article(stage.community_id, member.id, at=NOON)
    await stage.harness.deliver(article)
    entry = await xp_entry(stage, stage.service("ledger_entries.read"), member)
    response = await owner.client.post(f"/v1/ledger-entries/{entry['id']}/reverse", json={"reason": "抄袭"})
    assert response.status_code == 201, response.text
    assert {each["amount"] for each in response.json()["items"]} == {-30}
    assert response.json()["items"][0]["reverses"]["why"] == "by_hand"
    assert response.json()["items"][0]["reverses"]["reason"] == "抄袭"
    assert (await wallet(stage, member))["points"] == 10
    # Folding again, for whatever reason, does not bring it back.
    await stage.harness.deliver(removed(article, at=NOON))
    await stage.harness.deliver(removed(article, at=NOON, version=3, restored=True))
    assert (await wallet(stage, member))["points"] == 10
    again = await owner.client.post(f"/v1/ledger-entries/{entry['id']}/reverse", json={"reason": "again"})
    assert (again.status_code, again.json()["code"]) == (409, "already_reversed")
    undoing = response.json()["items"][0]["id"]
    back = await owner.client.post(f"/v1/ledger-entries/{undoing}/reverse", json={"reason": "undo"})
    assert (back.status_code, back.json()["code"]) == (409, "is_a_reversal")
    assert (await verdict_of(stage)).holds


async def test_nobody_takes_back_his_own_award(stage):
    owner = await owner_of(stage)
    await stage.harness.deliver(an_article(stage.community_id, owner.id, at=NOON))
    entry = await xp_entry(stage, owner.client, owner)
    response = await owner.client.post(f"/v1/ledger-entries/{entry['id']}/reverse", json={"reason": "modesty"})
    assert (response.status_code, response.json()["code"]) == (403, "conflict_of_interest")


async def test_a_repeated_request_takes_back_once(stage):
    owner, member = await owner_of(stage), await stage.member()
    await stage.harness.deliver(an_article(stage.community_id, member.id, at=NOON))
    entry = await xp_entry(stage, stage.service("ledger_entries.read"), member)
    answers = [
        await owner.client.post(
            f"/v1/ledger-entries/{entry['id']}/reverse", json={"reason": "x"}, headers={"Idempotency-Key": "k"}
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


async def test_levels_are_climbed_with_the_time_of_the_entry_that_crossed(stage):
    member = await stage.member()
    deeds = [
        an_attendance(stage.community_id, member.id, at=NOON + timedelta(hours=n), role="speaker") for n in range(11)
    ]
    await stage.harness.deliver(*reversed(deeds))
    promoted = await stage.harness.published("level.promoted")
    assert [message.data["to"]["position"] for message in promoted] == [1, 2]
    assert [message.occurred_at for message in promoted] == [deeds[1].occurred_at, deeds[9].occurred_at]
    assert promoted[0].data["from"] == {"code": "sprout", "position": 0}
    assert (await wallet(stage, member))["level"]["name"] == "Backbone"
    versions = [message.version for message in await stage.harness.published() if message.subject == str(member.id)]
    assert versions == list(range(1, len(versions) + 1))
    progress = (await member.client.get("/v1/promotions/progress", params={"member_id": str(member.id)})).json()
    assert progress["missing"] == [
        {
            "kind": "xp",
            "title": "Experience points",
            "required": 1500,
            "current": 550,
            "missing": 950,
            "code": None,
            "at": None,
        }
    ]
    assert progress["since"].startswith(deeds[9].occurred_at.strftime("%Y-%m-%dT%H:%M"))


async def test_who_climbs_by_history_is_told_as_history(stage):
    member = await stage.member()
    articles = [an_article(stage.community_id, member.id, at=NOON, backfill=True) for _ in range(4)]
    await stage.harness.deliver(*articles)
    (promoted,) = await stage.harness.published("level.promoted")
    assert promoted.backfill
    await stage.harness.deliver(*[an_article(stage.community_id, member.id, at=NOON) for _ in range(13)])
    assert [message.backfill for message in await stage.harness.published("level.promoted")] == [True, False]


async def test_a_level_is_lost_only_after_the_grace_and_by_the_clock(stage):
    member = await stage.member()
    articles = [an_article(stage.community_id, member.id, at=NOON, kind="case_study") for _ in range(3)]
    await stage.harness.deliver(*articles)
    await stage.harness.deliver(removed(articles[0], at=NOON))
    assert (await wallet(stage, member))["level"]["position"] == 1
    progress = (await member.client.get("/v1/promotions/progress", params={"member_id": str(member.id)})).json()
    assert progress["lost_at"].startswith((NOON + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M"))
    stage.harness.clock.advance(timedelta(days=31))
    # By the clock, before anything recorded it.
    assert (await wallet(stage, member))["level"]["position"] == 0
    await stage.harness.run_timers()
    (demoted,) = await stage.harness.published("level.demoted")
    assert demoted.occurred_at == NOON + timedelta(days=30)
    await stage.harness.deliver(removed(articles[0], at=NOON, version=3, restored=True))
    assert (await wallet(stage, member))["level"]["position"] == 1


async def test_recovering_in_time_keeps_the_level(stage):
    member = await stage.member()
    articles = [an_article(stage.community_id, member.id, at=NOON, kind="case_study") for _ in range(3)]
    await stage.harness.deliver(*articles, removed(articles[0], at=NOON))
    await stage.harness.deliver(removed(articles[0], at=NOON, version=3, restored=True))
    stage.harness.clock.advance(timedelta(days=31))
    await stage.harness.run_timers()
    assert (await wallet(stage, member))["level"]["position"] == 1
    assert await stage.harness.published("level.demoted") == []


async def test_the_ladder_is_told_from_the_bottom(stage):
    member = await stage.member()
    member.client.headers["Accept-Language"] = "zh-CN"
    ladder = (await member.client.get("/v1/ladders", params={"community_id": str(stage.community_id)})).json()
    assert [(rung["name"], rung["xp"]) for rung in ladder["items"]] == [
        ("新芽", 0), ("学员", 100), ("骨干", 500), ("达人", 1500), ("导师", 4000), ("领航", 10000),
    ]  # fmt: skip


async def test_a_ledger_that_was_tampered_with_does_not_verify(stage):
    member = await stage.member()
    await stage.harness.deliver(an_article(stage.community_id, member.id, at=NOON))
    good = await verdict_of(stage)
    assert good.holds
    assert (good.members, good.transfers, good.sums) == (1, 3, {"points": 40, "xp": 30})
    async with stage.harness.runtime.database.transaction() as session:
        await session.execute(update(Wallet).values(points=1000))
    bad = await verdict_of(stage)
    assert {fault.invariant for fault in bad.faults} == {"balance_is_sum_of_entries", "sums_to_zero"}
