"""Faults 1, 2, 3, 9 and 11 on content: members talk on while everything is killed in turn, the database restarts and the clock jumps."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.support.processes import Processes
from tests.support.scale import scaled
from tests.support.waiting import eventually_sync
from tests.system.faults.books import count, rows, versions_told
from tests.system.faults.talking import Talk, asked
from tests.system.journey import (
    ACCEPTED,
    KNOCKED_OUT,
    OWNER,
    WAITLISTED,
    Journey,
    activate,
    import_people,
    open_community,
)
from tests.system.stacks import STARTS, WAYS, Stack

pytestmark = [pytest.mark.fault(1, 2, 3, 9, 11), pytest.mark.slow, pytest.mark.timeout(1500)]

MEMBERS = (ACCEPTED, WAITLISTED, KNOCKED_OUT)
ROUNDS = scaled(6, reduced=1)
BETWEEN = scaled(60, reduced=15)
"""Replies between two faults."""
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("way", WAYS)
def test_what_was_said_stands_once_is_told_once_and_counts_once_whatever_is_killed(way, tmp_path, processes):
    with STARTS[way](tmp_path / "stack", **({"fsync": True} if way == "distributed" else {})) as stack:
        journey = Journey(stack, stack.admin())
        import_people(journey)
        open_community(journey)
        activate(journey)
        numbers = "employee_no\n" + "\n".join(MEMBERS)
        job = journey[OWNER].upload("/v1/members/imports", numbers.encode(), community_id=journey.community_id)
        assert job["failed"] == 0, job
        talk = Talk(stack, asked(journey[OWNER], journey.community_id), (OWNER, *MEMBERS))
        with talk.going_on():
            for fault in _faults(stack) * ROUNDS:
                talk.more(BETWEEN)
                fault()
            talk.more(BETWEEN)
        journey.close()
        _stands_once(stack, talk)
        _counts_once(stack, processes)
        _told_in_order(stack)


def _faults(stack: Stack) -> list[Callable[[], Any]]:
    clock = stack.clock.advance
    steps: list[Callable[[], Any]] = [lambda: clock(HOUR), lambda: clock(-2 * HOUR), lambda: clock(HOUR)]
    if stack.compose is None:
        return [lambda: _again(stack), *steps[:1], lambda: _again(stack), *steps[1:], lambda: _again(stack)]
    compose = stack.compose

    def kill(name: str) -> None:
        compose.process(name).kill()
        compose.process(name).start()

    return [
        lambda: kill("content-api"),
        lambda: kill("content-worker"),
        *steps,
        lambda: kill("gamification-worker"),
        lambda: compose.postgres.restart(immediate=True),
    ]


def _again(stack: Stack) -> None:
    assert stack.product is not None
    stack.product.kill()
    stack.product.start()
    stack.product.ready_sync(f"{stack.url}/readyz")


def _stands_once(stack: Stack, talk: Talk) -> None:
    """Every reply that was acknowledged is there, and each reply has a place of its own in the thread."""
    texts = {str(id_).replace("-", ""): body for id_, body in rows(stack, "content", "SELECT id, body FROM replies")}
    lost = [text for id_, text in talk.said.items() if texts.get(id_.replace("-", "")) != text]
    assert lost == []
    assert len(set(texts.values())) == len(texts)
    places = sorted(place for (place,) in rows(stack, "content", "SELECT position FROM replies"))
    assert places == list(range(1, len(texts) + 1))
    counted = rows(stack, "content", "SELECT reply_count, last_position FROM discussions")
    assert counted == [(len(texts), len(texts))]
    answers = [status for status in talk.refused if status >= 500 and status not in {502, 503, 504}]
    assert answers == [], talk.refused


def _counts_once(stack: Stack, processes: Processes) -> None:
    """Gamification knows each reply, as often as it was told."""
    said = count(stack, "content", "SELECT count(*) FROM replies")
    heard = "SELECT count(*) FROM earning_occurrences WHERE trigger = 'reply.posted' AND beneficiary = 'author'"
    eventually_sync(lambda: count(stack, "gamification", heard) >= said, interval=0.2, what="all replies are known")
    assert count(stack, "gamification", heard) == said
    environment = {name: value for name, value in stack.environment().items() if name.startswith("QUNXUE_")}
    assert "No dead letters" in processes.run(["qunxue", "dead-letters", "list"], env=environment)
    assert "in order" in processes.run(["qunxue", "ledger", "verify"], env=environment)


def _told_in_order(stack: Stack) -> None:
    """What content told has no gap and no step back; ends the product where it is one process."""
    eventually_sync(
        lambda: count(stack, "content", "SELECT count(*) FROM outbox") == 0, interval=0.2, what="all is sent"
    )
    replies = count(stack, "content", "SELECT count(*) FROM replies")
    likes = count(stack, "content", "SELECT count(*) FROM reactions")
    if stack.product is not None:
        assert stack.product.terminate() == 0
    told = versions_told(stack, "qunxue.content", at_least=1 + replies + likes)
    gaps = {subject: versions for subject, versions in told.items() if versions != list(range(1, len(versions) + 1))}
    assert gaps == {}
