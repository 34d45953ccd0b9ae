"""Fault 6 with everything: all messages of all services three times, shuffled across keys; analytics counts what it does in the clean run."""

import random
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from contracts.membership import MemberLeft
from services.analytics.definition import definition
from services.analytics.facts.catalogue import CATALOGUE
from tests.support.scale import scaled, seed
from tests.system.faults.company import Company
from tests.system.faults.history import END, in_order, shuffled
from tests.system.faults.net_figures import net_figures
from tests.system.faults.net_state import differences
from tests.system.faults.playing import knows_the_present, play

pytestmark = [pytest.mark.fault(6), pytest.mark.slow, pytest.mark.timeout(1500)]

SEED = seed()
HAPPENINGS = scaled(1500, reduced=300)
METRICS = (("active_members", 20), ("replies", 500), ("joined", 50))


def company() -> Company:
    """Every message that is a fact is told; what membership says of members hangs together, so its examples are left out."""
    kinds = [kind for kind in CATALOGUE if kind.__module__ != MemberLeft.__module__]
    return Company(SEED, HAPPENINGS, kinds)


async def counted(start_service, company: Company, things: Iterable[Any], **options: Any) -> dict[str, Any]:
    """What is so at the end, how far goals are included."""
    async with start_service(definition) as harness:
        await knows_the_present(harness, consumer="analytics")
        await play(harness, company, things, **options)
        await harness.run_jobs()
        for community in (0, 1):
            await _set_goals(harness, company, community)
        harness.clock.now = END + timedelta(days=1)
        await harness.run_timers()
        await harness.run_jobs()
        return await net_figures(harness)


async def _set_goals(harness: Any, company: Company, community: int) -> None:
    owner = next(one for one in company.people if one.community == community and "owner" in one.facts["roles"])
    for code, target in METRICS:
        body = {
            "community_id": str(company.communities[community]),
            "title": code,
            "horizon": "short",
            "metric": {"code": code},
            "baseline": 0,
            "target": target,
            "starts_on": "2024-05-06",
            "due_on": "2024-06-02",
            "relevance": "让新人第一个月就愿意开口。",
        }
        answer = await harness.as_person(owner.person_id).post("/v1/goals", json=body)
        assert answer.status_code == 201, answer.text


async def test_every_message_of_every_service_three_times_in_disorder_counts_once(start_service, database, caplog):
    print(f"seed {SEED}")
    told = company()
    expected = await counted(start_service, told, in_order(told))
    assert all(expected.values()), [name for name, rows in expected.items() if not rows]
    for shuffle in range(SEED, SEED + scaled(3, reduced=1)):
        chance = random.Random(shuffle)
        found = await counted(start_service, told, shuffled(told, chance), chance=chance)
        assert differences(expected, found) == {}, f"seed {shuffle}"
    assert "taken apart" not in caplog.text


async def test_figures_come_out_alike_in_no_order_at_all_and_when_the_inbox_has_forgotten(start_service, database):
    print(f"seed {SEED}")
    told, chance = company(), random.Random(SEED + 1)
    expected = await counted(start_service, told, in_order(told))
    found = await counted(start_service, told, shuffled(told, chance, keys=False), chance=chance, forget=0.3)
    assert differences(expected, found) == {}
