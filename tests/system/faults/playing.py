"""Has a history happen to a running gamification service: messages through its consumer's machinery, deeds through its API."""

import random
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from chassis.messaging.envelope import Received
from chassis.testing import Harness
from tests.system.faults.history import END, Deed, History, RuleChange


async def play(
    harness: Harness,
    history: History,
    things: Iterable[Received[Any] | Deed],
    *,
    chance: random.Random | None = None,
    forget: float = 0.0,
) -> None:
    """Deliver in batches of chance sizes; without `chance` in small ones, the clock moving along.

    With `forget` the inbox is emptied after that share of the batches, as if it had been too long ago.
    """
    harness.clock.now = END
    batch: list[Received[Any]] = []
    size = 10
    for thing in things:
        if chance is None:
            harness.clock.now = thing.occurred_at if isinstance(thing, Received) else thing.at
        if isinstance(thing, Received):
            batch.append(thing)
            if len(batch) < size:
                continue
        if batch:
            await harness.deliver(*batch)
            batch = []
        if chance is not None:
            size = chance.choice([1, 10, 100, 500])
            if chance.random() < forget:
                await forget_inbox(harness)
        if not isinstance(thing, Received):
            await do(harness, history, thing)
    if batch:
        await harness.deliver(*batch)
    harness.clock.now = END


async def do(harness: Harness, history: History, deed: Deed) -> None:
    """One deed, by the owner or a service account of its community."""
    community_id = history.communities[deed.community]
    if isinstance(deed, RuleChange):
        owner = next(p for p in history.people if p.community == deed.community and "owner" in p.facts["roles"])
        valid_from = deed.valid_from.isoformat() if deed.valid_from else None
        answer = await harness.as_person(owner.person_id).put(
            f"/v1/earning-rules/{deed.code}",
            params={"community_id": str(community_id)},
            json=deed.body | {"valid_from": valid_from},
        )
        assert answer.status_code == 200, answer.text
        return
    client = harness.as_service("checkins.import", communities=[community_id])
    rows = "\n".join(f"{number},{at.isoformat()}" for number, at in deed.rows)
    answer = await client.post(
        "/v1/checkins/imports",
        params={"community_id": str(community_id)},
        content=f"employee_no,occurred_at\n{rows}".encode(),
        headers={"Content-Type": "text/csv"},
    )
    assert answer.status_code == 202, answer.text
    await harness.run_jobs()
    job = (await client.get(answer.headers["Location"])).json()
    assert (job["state"], job["failed"]) == ("succeeded", 0), job


async def forget_inbox(harness: Harness) -> None:
    inbox = harness.runtime.service.tables.messaging.inbox
    async with harness.runtime.database.transaction() as session:
        await (await session.connection()).execute(inbox.delete())


async def knows_the_present(
    harness: Harness, now: datetime = datetime(2100, 1, 1).astimezone(), *, consumer: str = "gamification"
) -> None:
    """Have the projection count as fresh: these runs have no publisher that would say so."""
    from sqlalchemy import insert

    from chassis.projections.authority import MEMBERSHIP_TOPIC

    progress = harness.runtime.service.tables.messaging.consumer_progress
    async with harness.runtime.database.transaction() as session:
        await session.execute(
            insert(progress).values(
                consumer=consumer, topic=MEMBERSHIP_TOPIC, partition=0, next_offset=0, caught_up_at=now,
                updated_at=END,
            )
        )  # fmt: skip
