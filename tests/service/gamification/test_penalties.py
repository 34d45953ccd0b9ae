"""What follows from a penalty: its fine, streaks that it should not have cost, levels; in any order, and answered once."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import MetaData
from sqlmodel import select

from chassis.ids import new_id
from chassis.penalties import Penalties
from chassis.testing import SettableClock, received
from contracts.conduct import (
    ContentApplied,
    GamificationApplied,
    PenaltyEnded,
    PenaltyImposed,
    PenaltyLifted,
    PenaltyRevised,
    PenaltySnapshot,
)
from services.gamification.base import penalties
from services.gamification.definition import definition
from services.gamification.ledger.expiring import timers
from services.gamification.ledger.models import LotRow
from services.gamification.ledger.verification import verify
from tests.service.gamification.deeds import a_reply, an_article, removed
from tests.service.gamification.stage import NOON, OnStage, Stage

DAY = timedelta(days=1)
JOINED_POINTS = 10
"""Everybody has them for joining."""
RESTRICTED = "qunxue.gamification.restricted"


class Judged(Stage):
    """A community with an owner, whose points run out some day: so every point is in a lot."""

    owner: OnStage

    async def keep_lots(self) -> None:
        params = {"community_id": str(self.community_id)}
        said = await self.owner.client.put("/v1/wallets/expiry", params=params, json={"kind": "months", "months": 24})
        assert said.status_code == 200, said.text
        async with self.harness.runtime.database.transaction() as session:
            await timers.set_periodic(session, self.harness.clock())
        self.harness.clock.now += DAY
        await self.harness.run_timers()
        await self.harness.run_jobs()

    async def pay(self, member: OnStage, *, points: int) -> Any:
        """Have a member earn so many points by one article, which nobody else's rule pays."""
        rule = {"trigger": "article.published", "points": points, "xp": points, "beneficiary": "author"}
        params = {"community_id": str(self.community_id)}
        put = await self.owner.client.put("/v1/earning-rules/article", params=params, json=rule)
        assert put.status_code == 200, put.text
        article = an_article(self.community_id, member.id, at=self.harness.clock())
        await self.harness.deliver(article)
        return article

    async def lots(self, member: OnStage) -> list[tuple[UUID, int]]:
        async with self.harness.runtime.database.reading() as session:
            rows = (await session.exec(select(LotRow).where(LotRow.member_id == member.id))).all()
        return sorted((row.source_id, row.remaining) for row in rows if row.remaining)

    async def wallet(self, member: OnStage) -> dict[str, Any]:
        return (await member.client.get(f"/v1/wallets/{member.id}")).json()

    async def answers(self, penalty: "Penalty | None" = None) -> list[tuple[int, dict[str, int]]]:
        told = await self.harness.published("penalty.applied")
        return [
            (one.data["revision"], one.data["undone"])
            for one in told
            if penalty is None or one.data["penalty_id"] == str(penalty.id)
        ]

    async def in_order(self) -> None:
        async with self.harness.runtime.database.reading() as session:
            verdict = await verify(session)
        assert verdict.holds, verdict.faults


@dataclass
class Penalty:
    """A penalty as membership tells of it, revision by revision."""

    stage: Judged
    member: OnStage
    id: UUID = field(default_factory=new_id)
    case_id: UUID = field(default_factory=new_id)
    revision: int = 0

    def told(self, kind: type[Any], *, at: datetime | None = None, **facts: Any) -> Any:
        if kind is not PenaltyEnded and kind is not PenaltySnapshot:
            self.revision += 1
        at = at or self.stage.harness.clock()
        facts.setdefault("undone", kind is PenaltyLifted)
        event = kind(
            community_id=self.stage.community_id,
            penalty_id=self.id,
            revision=self.revision,
            case_id=self.case_id,
            member_id=self.member.id,
            severity=facts.pop("severity", "serious"),
            violation_points=0 if facts["undone"] else 3,
            since=facts.pop("since", NOON),
            **facts,
        )
        return received(event, occurred_at=at, version=self.revision)


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Judged(harness)
        await stage.open()
        stage.owner = await stage.member(roles=("owner",))
        yield stage


async def test_a_fine_takes_points_and_no_xp_and_what_is_lifted_goes_back_to_the_lots_it_came_from(stage):
    member = await stage.member()
    await stage.keep_lots()
    old = await stage.pay(member, points=20)
    new = await stage.pay(member, points=30)
    before = await stage.lots(member)
    assert {amount for _, amount in before} == {JOINED_POINTS, 20, 30}
    penalty = Penalty(stage, member)
    await stage.harness.deliver(penalty.told(PenaltyImposed, fine=30))
    wallet = await stage.wallet(member)
    assert (wallet["points"], wallet["xp"]) == (30, 50)
    assert [amount for _, amount in await stage.lots(member)] == [30]
    await stage.harness.deliver(penalty.told(PenaltyRevised, fine=15))
    assert (await stage.wallet(member))["points"] == 45
    await stage.harness.deliver(penalty.told(PenaltyLifted))
    assert (await stage.wallet(member))["points"] == 60
    assert await stage.lots(member) == before
    assert await stage.answers() == [
        (1, {"points_taken": 30}),
        (2, {"points_given_back": 15}),
        (3, {"points_given_back": 15}),
    ]
    await stage.in_order()
    # What was earned can be taken back as if nothing had been.
    await stage.harness.deliver(removed(old, at=NOON), removed(new, at=NOON))
    assert (await stage.wallet(member))["points"] == JOINED_POINTS
    await stage.in_order()


async def test_whoever_has_less_than_the_fine_owes_the_rest_and_repays_it_by_earning(stage):
    member = await stage.member()
    await stage.keep_lots()
    await stage.pay(member, points=5)
    penalty = Penalty(stage, member)
    await stage.harness.deliver(penalty.told(PenaltyImposed, fine=30))
    assert (await stage.wallet(member))["points"] == -15
    await stage.pay(member, points=25)
    assert (await stage.wallet(member))["points"] == 10
    await stage.harness.deliver(penalty.told(PenaltyLifted))
    assert (await stage.wallet(member))["points"] == 40
    await stage.in_order()


async def test_everybody_may_read_the_topic_and_nobody_reads_of_it_who_is_penalised(stage):
    member = await stage.member()
    penalty = Penalty(stage, member)
    await stage.harness.deliver(penalty.told(PenaltyImposed, fine=30))
    await stage.harness.deliver(penalty.told(PenaltyLifted))
    told = [one for one in await stage.harness.published("points.") if one.data["points"] in (-30, 30)]
    assert [one.data["kind"] for one in told] == ["correction"] * 2
    assert str(penalty.id) not in "".join(str(one.data) for one in told)
    assert all("object" not in one.data["cause"] for one in told)
    entries = (await member.client.get("/v1/ledger-entries", params={"member_id": str(member.id)})).json()["items"]
    titles = {entry["title"] for entry in entries if entry["source"]["object_id"] == str(penalty.id)}
    assert titles == {"Penalty", "Penalty, taken back"}


async def test_a_revision_is_answered_once_however_often_it_comes_and_an_older_one_not_at_all(stage):
    member = await stage.member()
    penalty = Penalty(stage, member)
    imposed = penalty.told(PenaltyImposed, fine=30)
    ended = penalty.told(PenaltyEnded, fine=30)
    lifted = penalty.told(PenaltyLifted)
    restated = penalty.told(PenaltySnapshot, undone=True)
    for message in (lifted, imposed, lifted, ended, restated, imposed):
        await stage.harness.deliver(message)
    assert await stage.answers() == [(2, {})]
    assert (await stage.wallet(member))["points"] == JOINED_POINTS
    (told,) = await stage.harness.published("penalty.applied")
    assert (told.version, told.partition_key, GamificationApplied.TOPIC) == (1, str(member.id), RESTRICTED)


@pytest.mark.parametrize("seed", range(4))
async def test_any_order_and_any_duplicates_end_as_the_last_revision_alone(stage, seed):
    random = Random(seed)
    pairs = [await stage.members(2) for _ in range(8)]
    await stage.keep_lots()
    for shuffled, alone in pairs:
        have = random.choice([0, 12, 80])
        if have:
            await stage.pay(shuffled, points=have)
            await stage.pay(alone, points=have)
    last: list[Any] = []
    messy: list[Any] = []
    for shuffled, alone in pairs:
        for _ in range(random.choice([1, 1, 2])):
            fines = [random.choice([0, 10, 30, 60]) for _ in range(random.randint(1, 4))]
            lifted = random.random() < 0.4
            told, same = Penalty(stage, shuffled), Penalty(stage, alone)
            kinds = [PenaltyImposed, *[PenaltyRevised] * (len(fines) - 1)]
            facts: list[dict[str, Any]] = [{"fine": fine} for fine in fines]
            if lifted:
                kinds, facts = [*kinds, PenaltyLifted], [*facts, {"fine": 0}]
            messages = [told.told(kind, **one) for kind, one in zip(kinds, facts, strict=True)]
            same.revision = len(messages) - 1
            last.append(same.told(kinds[-1], **facts[-1]))
            messy += [message for message in messages for _ in range(random.choice([1, 1, 2]))]
    random.shuffle(messy)
    while messy:
        some = random.randint(1, 6)
        await stage.harness.deliver(*messy[:some])
        del messy[:some]
    await stage.harness.deliver(*last)
    for shuffled, alone in pairs:
        ends = [await stage.wallet(one) for one in (shuffled, alone)]
        assert ends[0]["points"] == ends[1]["points"]
        assert ends[0]["available"] == ends[1]["available"]
        assert sum(n for _, n in await stage.lots(shuffled)) == sum(n for _, n in await stage.lots(alone))
    answered = [
        (one.data["penalty_id"], one.data["revision"]) for one in await stage.harness.published("penalty.applied")
    ]
    assert len(answered) == len(set(answered))
    await stage.in_order()


async def test_days_of_a_mute_that_should_not_have_been_are_bridged_without_a_freeze(stage):
    member = await stage.member()
    await stage.check_in_on(member, 0, 1, 2)
    since = NOON + 2 * DAY + timedelta(hours=1)
    penalty = Penalty(stage, member)
    await stage.harness.deliver(
        penalty.told(PenaltyImposed, sanction="mute", since=since, until=since + 3 * DAY, at=since)
    )
    # Two days are missed: a new beginning.
    (again,) = await stage.check_in_on(member, 6)
    assert again["streak"]["current"] == 1
    lifted = penalty.told(PenaltyLifted, since=since, at=NOON + 6 * DAY)
    await stage.harness.deliver(lifted)
    streak = (await stage.wallet(member))["streak"]
    assert (streak["current"], streak["freezes"]) == (4, 0)
    assert await stage.answers(penalty) == [(1, {}), (2, {"streaks": 1})]
    (after,) = await stage.check_in_on(member, 7)
    assert after["streak"]["current"] == 5


async def test_it_is_bridged_too_where_the_mute_is_heard_of_after_it_was_lifted(stage):
    other = await stage.member()
    await stage.check_in_on(other, 0, 6)
    told = Penalty(stage, other)
    imposed = told.told(PenaltyImposed, sanction="mute", since=NOON, until=NOON + 6 * DAY, at=NOON)
    await stage.harness.deliver(told.told(PenaltyLifted, at=NOON + 6 * DAY))
    assert (await stage.wallet(other))["streak"]["current"] == 1
    await stage.harness.deliver(imposed)
    assert (await stage.wallet(other))["streak"]["current"] == 2
    assert await stage.answers(told) == [(2, {})]


async def test_only_the_end_is_bridged_of_a_mute_that_was_shortened(stage):
    member = await stage.member()
    await stage.check_in_on(member, 0)
    penalty = Penalty(stage, member)
    mute: dict[str, Any] = {"sanction": "mute", "since": NOON}
    await stage.harness.deliver(penalty.told(PenaltyImposed, until=NOON + 3 * DAY, **mute))
    await stage.check_in_on(member, 3)
    await stage.harness.deliver(
        penalty.told(PenaltyRevised, until=NOON + timedelta(hours=2), **mute, at=NOON + 3 * DAY)
    )
    assert (await stage.wallet(member))["streak"]["current"] == 2
    await stage.harness.deliver(penalty.told(PenaltyRevised, until=NOON + 3 * DAY, **mute, at=NOON + 3 * DAY))
    assert (await stage.wallet(member))["streak"]["current"] == 1


async def test_a_live_penalty_keeps_from_a_level_and_lifting_it_gives_what_was_missed(stage):
    rungs = [
        {"code": "sprout", "name_zh": "新芽", "name_en": "Sprout", "xp": 0},
        {"code": "learner", "name_zh": "学员", "name_en": "Learner", "xp": 100, "no_live_penalty": True},
    ]
    params = {"community_id": str(stage.community_id)}
    put = await stage.owner.client.put("/v1/ladders", params=params, json={"items": rungs})
    assert put.status_code == 200, put.text
    await stage.harness.run_jobs()
    member = await stage.member()
    penalty = Penalty(stage, member)
    await stage.harness.deliver(penalty.told(PenaltyImposed, sanction="mute", until=NOON + 3 * DAY))
    await stage.pay(member, points=120)
    assert (await stage.wallet(member))["level"]["code"] == "sprout"
    progress = (await member.client.get("/v1/promotions/progress", params={"member_id": str(member.id)})).json()
    assert [(lack["kind"], lack["at"]) for lack in progress["missing"]] == [
        ("penalty", (NOON + 3 * DAY).isoformat().replace("+00:00", "Z"))
    ]
    await stage.harness.deliver(penalty.told(PenaltyLifted))
    assert (await stage.wallet(member))["level"]["code"] == "learner"
    assert await stage.answers(penalty) == [(1, {}), (2, {"levels": 1})]


async def test_what_was_answered_is_told_again_as_it_was(stage):
    member = await stage.member()
    penalty = Penalty(stage, member)
    await stage.harness.deliver(a_reply(stage.community_id, member.id, at=NOON), penalty.told(PenaltyImposed, fine=10))
    (told,) = await stage.harness.published("penalty.applied")
    async with stage.harness.runtime.database.reading() as session:
        (again,) = [message async for message in penalties.again(session, None)]
        # Another service answers the same penalty as often: membership hears both, and would take one id once.
        (others,) = [one async for one in Penalties(MetaData(), answer=ContentApplied).again(session, None)]
    assert (again.id, again.version, again.occurred_at, again.backfill) == (told.id, 1, told.occurred_at, True)
    assert again.event.model_dump(mode="json") == told.data
    assert (others.version, others.id == told.id) == (1, False)
