import asyncio
import os
import sys
import threading
import time

import pytest
from argon2 import extract_parameters

from chassis.problems import Problem
from services.membership.credentials import passwords
from services.membership.credentials.passwords import NOBODYS, PRIORITY, QUEUE, THREADS, PasswordHashing


async def test_hashes_are_argon2id_with_19_mib_two_passes_one_lane():
    parameters = extract_parameters(await PasswordHashing().hash("a password"))
    assert parameters.type.name == "ID"
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (19 * 1024, 2, 1)
    assert parameters == extract_parameters(NOBODYS)


async def test_only_the_right_password_of_somebody_is_right():
    hashing = PasswordHashing()
    kept = await hashing.hash("a password")
    assert await hashing.verify("a password", kept)
    assert not await hashing.verify("another", kept)
    assert not await hashing.verify("a password", None)
    assert not await hashing.verify("a password", "no hash")


async def test_checking_nobodys_password_takes_as_long_as_checking_somebodys():
    hashing = PasswordHashing()
    kept = await hashing.hash("a password")

    async def fastest(against):
        took = []
        for _ in range(7):
            began = time.process_time()
            await hashing.verify("a guess", against)
            took.append(time.process_time() - began)
        return min(took)

    somebody, nobody = await fastest(kept), await fastest(None)
    assert 0.5 < nobody / somebody < 2


async def test_a_long_queue_is_refused_instead_of_growing(monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(passwords, "_matches", lambda password, kept: release.wait(10))
    hashing = PasswordHashing()
    waiting = [asyncio.create_task(hashing.verify("x", "y")) for _ in range(THREADS + QUEUE)]
    await asyncio.sleep(0)
    with pytest.raises(Problem) as refused:
        await hashing.verify("x", "y")
    assert refused.value.type.status == 503
    release.set()
    assert all(await asyncio.gather(*waiting))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere threads have no priorities of their own")
async def test_hashes_give_way_to_whoever_serves():
    def priority() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    assert await PasswordHashing()._run(priority) == max(priority(), PRIORITY)
    assert PRIORITY > 0
