"""Who sends many requests at once waits for their own: see `chassis.admission`."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from chassis import admission, patience
from chassis.admission import EACH
from tests.service.chassis.shop import code_of


def a_thing(shop, name="wheel"):
    return {"community_id": str(shop.community_id), "name": name}


@pytest.fixture
def busy(monkeypatch):
    monkeypatch.setattr(admission, "IDLE", 2.0)
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 0.05)


@pytest.fixture
async def member(shop, busy):
    """Somebody whose places are all taken."""
    member = await shop.member()
    async with AsyncExitStack() as taken:
        for _ in range(EACH):
            await taken.enter_async_context(shop.runtime.admission.at_work(f"person:{member.person_id}"))
        yield member


async def test_whose_places_are_taken_is_refused_in_the_end_and_nobody_else_waits(shop, member):
    assert code_of(await member.post("/v1/things", json=a_thing(shop))) == (429, "rate_limited")
    other = await shop.member("owner")
    assert (await other.post("/v1/things", json=a_thing(shop))).status_code == 201


async def test_what_the_token_alone_decides_waits_for_nothing(shop, member):
    member.headers["Authorization"] += "x"
    assert (await member.post("/v1/things", json=a_thing(shop))).status_code == 401


async def test_many_at_once_are_all_answered(shop):
    owner = await shop.member("owner")
    answers = await asyncio.gather(*(owner.post("/v1/things", json=a_thing(shop, f"thing {n}")) for n in range(30)))
    assert [answer.status_code for answer in answers] == [201] * 30
    assert shop.runtime.admission.of == {}
