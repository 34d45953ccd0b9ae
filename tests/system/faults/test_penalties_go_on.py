"""Faults 1, 2, 3, 4, 7 and 16 on what penalties bring and appeals take back: in every service once, whatever happens meanwhile."""

import asyncio
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.messaging.envelope import Delivery, Record
from chassis.messaging.log import Log
from contracts.base import IntegrationEvent
from contracts.conduct import PENALTY_ANSWERS, PENALTY_STATES
from services.analytics.facts.catalogue import PENALTIES
from tests.support.processes import Processes
from tests.support.scale import scaled, seed
from tests.support.waiting import eventually_sync
from tests.system.faults.books import count, log_of, rows
from tests.system.faults.judging import AUTHORS, FINE, Court, open_court
from tests.system.faults.test_poison import REASONS, spoiled
from tests.system.stacks import STARTS, WAYS, Stack

pytestmark = [pytest.mark.fault(1, 2, 3, 4, 7, 16), pytest.mark.slow, pytest.mark.timeout(1500)]

SEED = seed()
ROUNDS = scaled(4, reduced=1)
BETWEEN = scaled(6, reduced=1)
"""Appeals that are granted between two faults."""
LEASE = timedelta(seconds=61)
LOOKING = 0.5
"""Seconds between two looks into a database: each is a connection of its own, or the log-in of somebody."""
ANSWERS = {kind.SOURCE.rpartition("/")[2]: kind for kind in PENALTY_ANSWERS}
TOPIC = PENALTY_STATES[0].TOPIC
PARTS = [f"{name}-worker" for name in ("membership", *ANSWERS)] + [
    f"{name}-api" for name in ("membership", "gamification", "content", "events")
]
SPOILT = b"5b011700"
"""How the ids begin of what was spoilt."""
ANSWERED = "SELECT count(*) FROM known_penalties WHERE answered_at IS NOT NULL AND undone"


@pytest.mark.parametrize("way", WAYS)
def test_what_an_appeal_takes_back_is_taken_back_once_in_every_service_whatever_happens(way, tmp_path, processes):
    print(f"seed {SEED}")
    options = {"services": ["kafka", "gateway", *PARTS], "fsync": True}
    with STARTS[way](tmp_path / "stack", **(options if way == "distributed" else {})) as stack:
        court = open_court(stack)
        with court.going_on():
            court.more(BETWEEN)
            for fault in _faults(stack, court, processes) * ROUNDS:
                fault()
                court.more(BETWEEN)
        _while_nothing_ran_for_two_days(stack, court)
        print(f"{len(court.appeals)} appeals granted")
        _all_have_answered(stack, court)
        _nothing_is_left(stack, court)
        _put_aside(stack)
        assert "in order" in processes.run(["qunxue", "ledger", "verify"], env=_environment(stack))
        _told_once(stack, court)


def _faults(stack: Stack, court: Court, processes: Processes) -> list[Callable[[], Any]]:
    if stack.compose is None:
        kill = lambda: _down(stack)  # noqa: E731
        return [kill, lambda: _down(stack, then=lambda: _told_again(stack)), kill, lambda: _paused(stack), kill]
    compose = stack.compose

    def killed(*names: str) -> None:
        for name in names:
            compose.process(name).kill()
        stack.clock.advance(LEASE)
        for name in names:
            compose.process(name).start()

    def broker() -> None:
        compose.kafka.kill9()
        compose.kafka.start()

    return [
        lambda: killed("membership-api"),
        lambda: killed("membership-worker", "gamification-worker"),
        lambda: killed("content-worker", "events-worker", "analytics-worker"),
        broker,
        lambda: _told_again(stack),
        lambda: _zombie(stack, court, processes),
    ]


def _down(stack: Stack, *, then: Callable[[], None] = lambda: None) -> None:
    assert stack.product is not None
    stack.product.kill()
    then()
    stack.clock.advance(LEASE)
    stack.product.start()
    stack.product.ready_sync(f"{stack.url}/readyz")


def _paused(stack: Stack) -> None:
    """The one process sleeps beyond its leases."""
    assert stack.product is not None
    stack.product.pause()
    stack.clock.advance(LEASE)
    stack.product.resume()


def _zombie(stack: Stack, court: Court, processes: Processes) -> None:
    """Two workers sleep, others take over what they held, and the sleepers come back."""
    assert stack.compose is not None
    names = ("membership-worker", "gamification-worker")
    sleepers = [stack.compose.process(name) for name in names]
    for sleeper in sleepers:
        sleeper.pause()
    stack.clock.advance(LEASE)
    others = []
    for sleeper in sleepers:
        assert sleeper.cwd is not None
        env = dict(sleeper.env) | {"QUNXUE_OPS_PORT": "0"}
        others.append(processes.add(f"other-{uuid4().hex[:6]}", sleeper.command, env=env, cwd=sleeper.cwd))
    for other in others:
        other.start()
    known = count(stack, "gamification", ANSWERED)
    took_over = lambda: count(stack, "gamification", ANSWERED) > known  # noqa: E731
    eventually_sync(took_over, timeout=180, interval=LOOKING, what="others took over")
    for sleeper in sleepers:
        sleeper.resume()
    court.more(1)
    for other in others:
        other.kill()


def _told_again(stack: Stack) -> None:
    """Append to the log, among what is written to it meanwhile: all that was told of penalties, in another order, and five that are spoilt."""
    undone = count(stack, "membership", "SELECT count(*) FROM penalties WHERE undone")
    asyncio.run(_append_again(stack, 3 * undone // 2))


async def _append_again(stack: Stack, at_least: int) -> None:
    chance, log = random.Random(SEED), log_of(stack)
    found = await _read(log, TOPIC, PENALTY_STATES, at_least)
    records = [Record(TOPIC, one.key, one.value, one.headers) for one in found]
    bad = [_of_its_own(spoiled(chance.choice(records), reason)) for reason in REASONS]
    chance.shuffle(records)
    producer = await log.producer()
    await producer.send([*records[: len(records) // 2], *bad, *records[len(records) // 2 :]])
    await producer.close()
    await log.close()


async def _read(log: Log, topic: str, kinds: Sequence[type[IntegrationEvent]], at_least: int) -> list[Delivery]:
    """The messages of these kinds in a topic, the first time that each stands there, up to where it is so many."""
    types = {kind.TYPE.encode() for kind in kinds}
    found: dict[bytes, Delivery] = {}
    subscription = await log.subscribe(f"looking-{uuid4().hex[:8]}", [topic], {})
    try:
        async with asyncio.timeout(120):
            while len(found) < at_least:
                batch = await subscription.poll()
                for one in batch.deliveries:
                    headers = dict(one.headers)
                    if headers["ce_type"] in types and headers["ce_id"][:8] != SPOILT:
                        found.setdefault(headers["ce_id"], one)
                await subscription.commit(batch.positions)
    finally:
        await subscription.close()
    return list(found.values())


def _of_its_own(record: Record) -> Record:
    """As a message of its own, which no inbox knows."""
    headers = dict(record.headers) | {"ce_id": SPOILT + str(uuid4())[8:].encode()}
    return record._replace(headers=tuple(headers.items()))


def _while_nothing_ran_for_two_days(stack: Stack, court: Court) -> None:
    """Nobody hears for two days that somebody was suspended: the streak that this would have cost goes on where it was."""
    sanctioned = [(author, court.penalise(author)) for author in AUTHORS]
    if stack.compose is None:
        assert stack.product is not None
        stack.product.kill()
        stack.clock.advance(timedelta(days=2))
        stack.product.start()
        stack.product.ready_sync(f"{stack.url}/readyz")
    else:
        worker = stack.compose.process("gamification-worker")
        worker.kill()
        stack.clock.advance(timedelta(days=2))
    for author, penalty in sanctioned:
        court.grant(author, penalty)
    if stack.compose is not None:
        worker.start()
    for author in AUTHORS:
        here = {"community_id": court.community_id}
        court.said(author, "/v1/checkins", here)
        wallet = f"/v1/wallets/{court.member_ids[author]}"
        two_days = lambda: court.read(author, wallet)["streak"]["current"] == 2  # noqa: B023, E731
        eventually_sync(two_days, interval=LOOKING, what="a streak of two days")
        assert court.read(author, wallet)["streak"]["freezes"] == 0


def _all_have_answered(stack: Stack, court: Court) -> None:
    """Each appeal that was granted is, its penalty is undone, and every service has answered that."""
    granted = {
        str(UUID(str(key))) for (key,) in rows(stack, "membership", "SELECT id FROM appeals WHERE status = 'granted'")
    }
    assert granted == set(court.appeals)
    for appeal in court.appeals:
        eventually_sync(
            lambda: court.read("00001", f"/v1/appeals/{appeal}")["finished"],  # noqa: B023
            timeout=180,
            interval=LOOKING,
            what=f"every service has answered {appeal}",
        )
    undone = {str(UUID(str(key))) for (key,) in rows(stack, "membership", "SELECT id FROM penalties WHERE undone")}
    assert undone == set(court.penalties)


def _nothing_is_left(stack: Stack, court: Court) -> None:
    """Fines went back once, texts are seen, seats are theirs, and nobody counts as penalised."""
    assert rows(stack, "gamification", "SELECT * FROM fines") == []
    taken = rows(
        stack, "gamification", f"SELECT id, amount FROM ledger_transfers WHERE kind = 'penalty' AND amount <= {FINE}"
    )
    back = rows(
        stack,
        "gamification",
        "SELECT reverses, amount FROM ledger_transfers WHERE kind = 'reversal' AND target_kind = 'penalty'",
    )
    assert taken
    assert sorted(map(str, taken)) == sorted(map(str, back))
    hidden = rows(stack, "content", "SELECT id, status FROM discussions WHERE status = 'removed'")
    assert hidden == []
    seats = rows(stack, "events", "SELECT status FROM registrations")
    assert seats == [("confirmed",)] * len(AUTHORS)
    assert rows(stack, "events", "SELECT confirmed, waiting FROM activities") == [(len(AUTHORS), 0)]
    verbs = ", ".join(str(int(verb)) for verb in PENALTIES.values())
    counted = f"SELECT count(*) FROM facts WHERE verb IN ({verbs}) AND NOT voided"
    eventually_sync(lambda: count(stack, "analytics", counted) == 0, interval=LOOKING, what="no penalty counts")
    assert count(stack, "analytics", f"SELECT count(*) FROM facts WHERE verb IN ({verbs})") == len(court.penalties)


def _put_aside(stack: Stack) -> None:
    """Of what was spoilt each service has put each piece aside; and nothing else."""
    for service in ANSWERS:
        reasons = Counter(reason for (reason,) in rows(stack, service, "SELECT reason FROM dead_letters"))
        assert reasons == Counter(dict.fromkeys(REASONS, ROUNDS)), service


def _told_once(stack: Stack, court: Court) -> None:
    """Of a penalty's revision each service has told once, and each has no gap. Ends the product where it is one process."""
    for service in ("membership", *ANSWERS):
        waits = "SELECT count(*) FROM outbox"
        all_is_sent = lambda: count(stack, service, waits) == 0  # noqa: B023, E731
        eventually_sync(all_is_sent, timeout=120, interval=LOOKING, what=f"{service} has sent all")
    penalties = {str(UUID(one)) for one in court.penalties}
    answered = {one: count(stack, one, "SELECT sum(answers) FROM known_penalties") for one in ANSWERS}
    if stack.product is not None:
        assert stack.product.terminate() == 0
    told = _all(stack, TOPIC, PENALTY_STATES, 3 * len(penalties))
    assert _versions(told) == {one: [1, 2, 3] for one in penalties}
    for service, kind in ANSWERS.items():
        told = _all(stack, kind.TOPIC, [kind], answered[service])
        said = [json.loads(one.value) for one in told]
        pairs = Counter((one["penalty_id"], one["revision"]) for one in said)
        assert {pair for pair, n in pairs.items() if n > 1} == set(), service
        # Imposed, seconded, lifted.
        assert {key for key, revision in pairs if revision == 3} == penalties, service
        assert [seen for seen in _versions(told).values() if seen != list(range(1, len(seen) + 1))] == [], service


def _all(stack: Stack, topic: str, kinds: Sequence[type[IntegrationEvent]], at_least: int) -> list[Delivery]:
    async def read() -> list[Delivery]:
        log = log_of(stack)
        try:
            return await _read(log, topic, kinds, at_least)
        finally:
            await log.close()

    return asyncio.run(read())


def _versions(told: Sequence[Delivery]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for one in told:
        headers = dict(one.headers)
        found[headers["ce_subject"].decode()].append(int(headers["ce_aggregateversion"]))
    return found


def _environment(stack: Stack) -> dict[str, str]:
    return {name: value for name, value in stack.environment().items() if name.startswith("QUNXUE_")}
