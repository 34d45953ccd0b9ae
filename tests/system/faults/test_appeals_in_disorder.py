"""Fault 6 on penalties: what membership told, and others answered, comes twice, late and in no order; all services end alike."""

import random
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from chassis.messaging.envelope import Received
from chassis.testing import Harness, SettableClock
from chassis.testing.harness import Published, received
from contracts.base import event_types
from contracts.conduct import PENALTY_ANSWERS
from services.analytics.definition import definition as analytics
from services.analytics.facts.catalogue import PENALTIES
from services.analytics.facts.models import Fact
from services.content.definition import definition as content
from services.events.definition import definition as events
from services.gamification.definition import definition as gamification
from services.gamification.ledger.verification import snapshot, verify
from services.membership.definition import definition as membership
from services.membership.penalties.service import Grounds, impose
from services.membership.people.models import Person
from services.membership.roster.joining import lock_member
from tests.service.membership.conftest import ADMIN_EMAIL, THEN
from tests.service.membership.scene import Scene
from tests.support.scale import scaled, seed
from tests.system.faults.playing import knows_the_present

pytestmark = [pytest.mark.fault(6), pytest.mark.slow, pytest.mark.timeout(1500)]

SEED = seed()
SHUFFLES = scaled(10, reduced=1)
MEMBERS = ("甲", "乙", "丙", "丁", "戊", "己")
SEVERITIES = ("minor", "serious", "grave")
JOINED_POINTS = 10
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ANY: dict[str, Any] = {"headers": {"If-Match": "*"}}
OTHERS = {"gamification": gamification, "content": content, "events": events, "analytics": analytics}


@dataclass
class World:
    """Membership, where it happens, and those who hear of it; all by one clock."""

    chance: random.Random
    scene: Scene
    others: dict[str, Harness]
    community: dict[str, Any] = field(default_factory=dict)
    members: dict[str, dict[str, Any]] = field(default_factory=dict)
    texts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By member, the discussion that their penalties are about."""
    removed: set[str] = field(default_factory=set)
    """Whose author removed it."""
    gone: set[str] = field(default_factory=set)
    activity_id: str = ""
    seats: dict[str, str] = field(default_factory=dict)
    heard: int = 0

    def later(self) -> None:
        self.scene.harness.clock.advance(HOUR)

    def of(self, service: str, name: str) -> Any:
        return self.others[service].as_person(self.scene.people[name])

    async def news(self) -> list[Received[Any]]:
        """What membership has told since this was asked last."""
        told = await self.scene.harness.published()
        new, self.heard = told[self.heard :], len(told)
        return [as_heard(one) for one in new]


def as_heard(told: Published) -> Received[Any]:
    event = event_types()[told.type].model_validate(told.data)
    return received(
        event, occurred_at=told.occurred_at, version=told.version, id_=told.id, actor=told.actor, backfill=told.backfill
    )


async def test_however_late_and_often_it_is_heard_all_services_end_as_membership_and_answer_once(
    start_service, database
):
    print(f"seed {SEED}")
    for number in range(SEED, SEED + SHUFFLES):
        async with AsyncExitStack() as stack:
            world = await _begun(stack, start_service, random.Random(number))
            for name in MEMBERS:
                await _judge(world, name)
            late = await world.news()
            for service, harness in world.others.items():
                await _hear_late(world, service, harness, late)
            await _answers_come(world)
            await _all_end_alike(world)


async def _begun(stack: AsyncExitStack, start_service: Any, chance: random.Random) -> World:
    """A community that everybody knows, each member with a text and a seat."""
    clock = SettableClock(THEN)
    harness = await stack.enter_async_context(start_service(membership, clock=clock, bootstrapped="with_tokens"))
    async with harness.runtime.database.reading() as session:
        found = await session.execute(select(col(Person.id)).where(col(Person.email) == ADMIN_EMAIL))
        scene = Scene(harness, harness.as_person(found.scalar_one(), platform=["admin"]))
    others = {
        name: await stack.enter_async_context(start_service(service, clock=clock)) for name, service in OTHERS.items()
    }
    world = World(chance, scene, others)
    world.community = await scene.community()
    for name, role in (("版主", "moderator"), ("运营", "operator")):
        await scene.role(name, world.community, role)
    for name in MEMBERS:
        world.members[name] = await scene.member(name, world.community)
    early = await world.news()
    for name, other in others.items():
        await knows_the_present(other, consumer=name)
        await other.deliver(*early)
    world.later()
    here = {"community_id": world.community["id"]}
    starts = clock() + 3 * DAY
    draft = here | {
        "kind": "workshop",
        "title": "怎么备课",
        "starts_at": starts.isoformat(),
        "ends_at": (starts + HOUR).isoformat(),
        "capacity": 2 * len(MEMBERS),
    }
    owner = world.of("events", "owner")
    world.activity_id = (await scene.send(owner, "/v1/activities", draft, status=201))["id"]
    await scene.send(owner, f"/v1/activities/{world.activity_id}/announce", **ANY)
    for name in MEMBERS:
        topic = here | {"kind": "topic", "title": f"{name}的话题", "body": "欢迎讨论。"}
        world.texts[name] = await scene.send(world.of("content", name), "/v1/discussions", topic, status=201)
        seat = await scene.send(world.of("events", name), "/v1/registrations", {"activity_id": world.activity_id})
        world.seats[name] = seat["id"]
    return world


async def _judge(world: World, name: str) -> None:
    """One or two penalties, and what becomes of them: seconded, lifted, appealed against, paused, decided; some leave meanwhile."""
    for _ in range(world.chance.choice([1, 1, 2])):
        penalty = await _penalised(world, name, world.chance.choice(SEVERITIES))
        world.later()
        if penalty["viewer"]["can"].count("suspend") and world.chance.random() < 0.7:
            await _decided(world, penalty, "suspend", by="owner")
            world.later()
        act = world.chance.choice(["granted", "granted", "reduced", "denied", "lift", "open", "nothing"])
        if act == "lift":
            await _decided(world, penalty, "lift", by="owner", reason="误判")
        elif act != "nothing":
            await _appealed(world, name, penalty, act)
        world.later()
    if world.chance.random() < 0.3:
        await world.scene.send(world.scene.again(name), f"/v1/members/{world.members[name]['id']}/leave")
        world.gone.add(name)


async def _penalised(world: World, name: str, severity: Any) -> Any:
    harness, scene = world.scene.harness, world.scene
    thing = {"kind": "discussion", "id": world.texts[name]["id"]}
    async with harness.runtime.database.transaction(actor=f"person:{scene.people['版主']}") as session:
        member, person = await lock_member(session, UUID(world.members[name]["id"]))
        grounds = Grounds(UUID(int=world.chance.getrandbits(128)), "rule", 1, severity, [thing])
        made = await impose(
            session, member, person, grounds, fine=world.chance.choice([0, 7, 30]), words="请遵守", now=harness.clock()
        )
        penalty_id = str(made.id)
    return await scene.see(scene.again("owner"), f"/v1/penalties/{penalty_id}")


async def _decided(world: World, penalty: Any, verb: str, *, by: str, **body: Any) -> None:
    where = f"/v1/penalties/{penalty['id']}/{verb}"
    await world.scene.send(world.scene.again(by), where, body or None, **ANY)


async def _appealed(world: World, name: str, penalty: Any, outcome: str) -> None:
    scene = world.scene
    body = {"object": {"kind": "penalty", "id": penalty["id"]}, "words": "不是那样的。"}
    made = await scene.send(scene.again(name), "/v1/appeals", body, status=201)
    if outcome == "open":
        return
    world.later()
    decision: dict[str, Any] = {"outcome": outcome, "reason": "查明。"}
    if outcome == "reduced":
        now = await scene.see(scene.again("owner"), f"/v1/penalties/{penalty['id']}")
        if now["sanction"] is None and not now["fine"]:
            return
        decision |= {"fine": now["fine"] // 2}
        if now["sanction"] is not None:
            decision |= {"sanction": "none"}
    await scene.send(scene.again("运营"), f"/v1/appeals/{made['id']}/decide", decision, **ANY)


async def _hear_late(world: World, service: str, harness: Harness, late: list[Received[Any]]) -> None:
    """Everything once or several times, in batches of any size and in no order; authors remove texts in between."""
    chance = world.chance
    messy = [one for one in late for _ in range(chance.choice([1, 1, 2, 3]))]
    chance.shuffle(messy)
    authors = [name for name in MEMBERS if chance.random() < 0.3] if service == "content" else []
    while messy:
        some = chance.choice([1, 1, 5, 20])
        await harness.deliver(*messy[:some])
        del messy[:some]
        if chance.random() < 0.5:
            await harness.run_timers()
        if authors and chance.random() < 0.3:
            await _removes(world, authors.pop())
    await harness.run_timers()
    await harness.run_jobs()


async def _removes(world: World, name: str) -> None:
    """If they can: what is hidden already, or whose author is sanctioned, stays as it is."""
    answer = await world.of("content", name).post(f"/v1/discussions/{world.texts[name]['id']}/remove", json=None)
    if answer.is_success:
        world.removed.add(name)


async def _answers_come(world: World) -> None:
    """What they answered comes back in the same manner."""
    answers = []
    for service, harness in world.others.items():
        (kind,) = [one for one in PENALTY_ANSWERS if one.SOURCE.endswith(service)]
        told = [one for one in await harness.published("penalty.applied") if one.type == kind.TYPE]
        once = Counter((one.data["penalty_id"], one.data["revision"]) for one in told)
        assert set(once.values()) <= {1}, service
        answers += [as_heard(one) for one in told for _ in range(world.chance.choice([1, 2]))]
    world.chance.shuffle(answers)
    for one in answers:
        await world.scene.harness.deliver(one)


async def _all_end_alike(world: World) -> None:
    """Each service has what membership's last revisions say, whatever they heard first."""
    standing = {name: await _penalties(world, name) for name in MEMBERS}
    for name, penalties in standing.items():
        member_id = world.members[name]["id"]
        wallet = await world.scene.see(world.of("gamification", "owner"), f"/v1/wallets/{member_id}")
        assert wallet["points"] == JOINED_POINTS - sum(one["fine"] for one in penalties), name
        text = await world.scene.see(world.of("content", "版主"), f"/v1/discussions/{world.texts[name]['id']}")
        hidden = name in world.removed or any(not one["undone"] for one in penalties)
        assert text["status"] == ("removed" if hidden else "open"), name
    await _seats_are_right(world, standing)
    counted = Counter(one["severity"] for some in standing.values() for one in some if not one["undone"])
    verbs = {int(verb): severity for severity, verb in PENALTIES.items()}
    async with world.others["analytics"].runtime.database.reading() as session:
        facts = (
            await session.execute(select(col(Fact.verb)).where(col(Fact.verb).in_(verbs), ~col(Fact.voided)))
        ).all()
    assert Counter(verbs[verb] for (verb,) in facts) == counted
    async with world.others["gamification"].runtime.database.reading() as session:
        await snapshot(session)
        verdict = await verify(session)
    assert verdict.holds, verdict.faults
    await _appeals_are_finished(world)


async def _seats_are_right(world: World, standing: dict[str, Any]) -> None:
    """Who was never rightly kept away and is still there has their seat."""
    owner = world.of("events", "owner")
    seen = await world.scene.see(owner, "/v1/registrations", activity_id=world.activity_id, limit=100)
    seats = {one["id"]: one for one in seen["items"]}
    for name, penalties in standing.items():
        kept_away = any(one["sanction"] in ("suspend", "expel") for one in penalties)
        seat = seats[world.seats[name]]
        if name in world.gone:
            assert seat["status"] == "cancelled", name
        elif not kept_away:
            assert seat["status"] == "confirmed", name


async def _appeals_are_finished(world: World) -> None:
    """Each by which something is taken back says of every service that it has answered the penalty as it stands."""
    scene = world.scene
    found = await scene.see(scene.again("owner"), "/v1/appeals", community_id=world.community["id"], limit=100)
    assert found["items"]
    for one in found["items"]:
        whole = await scene.see(scene.again("owner"), f"/v1/appeals/{one['id']}")
        assert whole["finished"] is (True if whole["status"] in ("granted", "reduced") else None), one["id"]
        assert [each["service"] for each in whole["progress"] if not each["answered"]][1:] == [], one["id"]


async def _penalties(world: World, name: str) -> list[Any]:
    scene, here = world.scene, world.community["id"]
    member_id = world.members[name]["id"]
    found = await scene.see(scene.again("owner"), "/v1/penalties", community_id=here, member_id=member_id, limit=100)
    return list(found["items"])
