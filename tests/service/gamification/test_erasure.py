"""What somebody wrote here, and what was written of them, goes when they are erased; that they did it stays."""

import pytest
from sqlalchemy import select

from chassis.testing import SettableClock
from services.gamification.base import Base
from services.gamification.definition import definition
from tests.service.gamification.plans.camp import Camp
from tests.service.gamification.plans.test_files import receipt, sent, told
from tests.service.gamification.stage import NOON

SAID = "heartfelt-words-of-one-person"
"""Written by whoever is erased, or of them."""
KEPT = {"audit_entries", "outbox"}
"""The trail says what was done for ever, and messages wait there until they are sent."""


@pytest.fixture
async def camp(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        camp = Camp(harness)
        await camp.open()
        yield camp


async def erase(camp, one):
    """As it may happen: twice."""
    for _ in range(2):
        async with camp.harness.runtime.database.transaction() as session:
            for feature in definition.features:
                if feature.erasure is not None:
                    await feature.erasure(session, one.person_id, camp.harness.clock())


async def where_it_stands(camp):
    """The tables of the service in which it is said."""
    found = []
    async with camp.harness.runtime.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            if table.name in KEPT:
                continue
            rows = (await session.execute(select(table))).all()
            found += [table.name for row in rows if SAID in str(row)]
    return sorted(set(found))


async def post(one, path, expect=201, **body):
    answer = await one.client.post(path, json=body)
    assert answer.status_code == expect, answer.text
    return answer.json()


async def test_nothing_that_was_written_by_or_about_somebody_is_left_when_they_are_erased(camp):
    one, fellow, owner = await camp.member(), await camp.member(), await camp.member(roles=("owner",))
    community_id = str(camp.community_id)
    path = await camp.plan(one, fellow)
    (mine,) = await camp.hand_in(one, path, note=SAID, link=f"https://example.com/{SAID}")
    (theirs,) = await camp.hand_in(fellow, path)
    await post(one, f"/v1/checkin-plans/entries/{theirs['entry_id']}/comments", body=SAID)
    await post(
        camp.runs, f"/v1/checkin-plans/entries/{mine['entry_id']}/review", 200, verdict="returned", reason=SAID
    )  # fmt: skip
    await post(one, "/v1/kudos", community_id=community_id, receiver_id=str(fellow.id), text=f"{SAID} 谢谢你")
    badge = await post(owner, "/v1/badges", community_id=community_id, code="star", name_zh="星", name_en="Star")
    for deed in ("award", "revoke"):
        await post(owner, f"/v1/badges/{badge['id']}/{deed}", 200, member_id=str(one.id), reason=SAID)
    proposed = {"community_id": community_id, "member_id": str(one.id), "reason": SAID, "citation": SAID}
    await post(owner, "/v1/awards", **proposed, points=10)
    waiting = await post(camp.runs, "/v1/awards", **proposed, points=101)
    await post(owner, f"/v1/awards/{waiting['id']}/refuse", 200, refusal=SAID)
    rungs = [
        {"code": "first", "name_zh": "一", "name_en": "One", "xp": 0},
        {"code": "second", "name_zh": "二", "name_en": "Two", "xp": 1, "decided": True},
    ]
    params = {"community_id": community_id}
    assert (await owner.client.put("/v1/ladders", params=params, json={"items": rungs})).status_code == 200
    committee = {"member_ids": [str(one.id), str(fellow.id)]}
    named = await owner.client.put("/v1/promotions/committee", params=params, json=committee)
    assert named.status_code == 200, named.text
    for nominee, judge in ((one, fellow), (fellow, one)):
        body = {"member_id": str(nominee.id), "level": "second", "reason": SAID if nominee is one else "带教三期"}
        nomination = await post(judge, "/v1/promotions/nominations", **body)
        await post(judge, f"/v1/promotions/nominations/{nomination['id']}/vote", 200, in_favour=True, reason=SAID)
    decided = f"/v1/promotions/nominations/{nomination['id']}/decide"
    await post(owner, decided, 200, outcome="declined", reason="下次再议")
    assert set(await where_it_stands(camp)) >= {
        "awards", "badge_awards", "checkins", "kudos", "plan_comments", "plan_entries", "promotion_nominations", "promotion_votes",
        "written_texts",
    }  # fmt: skip
    await erase(camp, one)
    assert await where_it_stands(camp) == []
    # That they did it stays.
    assert len(await camp.progress(camp.runs, path)) == 2
    seen = await fellow.client.get(f"/v1/checkin-plans/entries/{theirs['entry_id']}/comments")
    assert len(seen.json()["items"]) == 1


async def test_the_files_that_somebody_handed_in_go_and_are_let_go_when_they_are_erased(camp):
    one, fellow = await camp.members(2)
    path = await camp.plan(one, fellow, requires="file")
    for who in (one, fellow):
        assert (await camp.hand_in(who, path, files=[receipt(camp, sent(camp, who, name=SAID))]))[0]["counts"]
    await erase(camp, one)
    kept = {
        row["member"]["member_id"]: row["files"] for row in (await camp.read(camp.runs, f"{path}/entries"))["items"]
    }
    assert (kept[str(one.id)], len(kept[str(fellow.id)])) == ([], 1)
    assert [kind for kind, *_ in await told(camp)].count("unlinked") == 1
