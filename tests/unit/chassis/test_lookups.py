"""Names that people wrote down: a resolver that hangs for them keeps nothing else waiting."""

import asyncio
import socket
import subprocess
import sys
import threading

import pytest

from chassis import lookups
from chassis.outgoing import AddressRefusedError, check

PATIENCE = 30


@pytest.fixture
def resolver(monkeypatch):
    """A resolver that hangs for all of `hanging.example` until it is let go, and knows `quick.example`."""
    let_go, asked = threading.Event(), []

    def resolves(host, port, **_options):
        asked.append(host)
        if host.endswith("hanging.example"):
            let_go.wait(4 * PATIENCE)
            raise socket.gaierror(socket.EAI_AGAIN, "not now")
        return [(0, 0, 0, "", ("93.184.216.34", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolves)
    monkeypatch.setattr("chassis.outgoing.RESOLVE_SECONDS", 0.05)
    yield let_go, asked
    let_go.set()


async def _all_said() -> None:
    async with asyncio.timeout(PATIENCE):
        while lookups._coming:
            await asyncio.sleep(0.01)


async def test_names_that_hang_keep_no_other_name_and_no_other_thread_waiting(resolver):
    let_go, _ = resolver
    results = await asyncio.gather(
        *(check(f"https://{number}.hanging.example/") for number in range(40)), return_exceptions=True
    )
    assert {type(one) for one in results} == {AddressRefusedError}
    async with asyncio.timeout(PATIENCE):
        assert await asyncio.to_thread(lambda: "at once") == "at once"
    assert await lookups.addresses_of("quick.example", 443) == ["93.184.216.34"]
    let_go.set()
    await _all_said()


async def test_many_who_ask_for_the_same_name_wait_for_one_answer(resolver):
    let_go, asked = resolver
    waiting = [asyncio.create_task(lookups.addresses_of("a.hanging.example", 443)) for _ in range(50)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    let_go.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(one) for one in results[1:]} == {socket.gaierror}
    assert asked == ["a.hanging.example"]


async def test_no_more_than_so_many_are_asked_for_at_a_time_and_others_afterwards(resolver, monkeypatch):
    let_go, asked = resolver
    monkeypatch.setattr(lookups, "MOST", 3)
    for number in range(5):
        with pytest.raises(AddressRefusedError):
            await check(f"https://{number}.hanging.example/")
    assert len(asked) == 3
    let_go.set()
    await _all_said()
    assert await lookups.addresses_of("quick.example", 443) == ["93.184.216.34"]


def test_a_name_that_hangs_keeps_no_process_from_its_end():
    hangs = (
        "import asyncio, socket, time\n"
        "socket.getaddrinfo = lambda *_, **__: time.sleep(600)\n"
        "from chassis.lookups import addresses_of\n"
        "async def main():\n"
        "    try:\n"
        "        await asyncio.wait_for(addresses_of('hanging.example', 443), 0.05)\n"
        "    except TimeoutError:\n"
        "        print('given up')\n"
        "asyncio.run(main())\n"
    )
    ended = subprocess.run([sys.executable, "-c", hangs], capture_output=True, text=True, timeout=30, check=True)
    assert ended.stdout == "given up\n"
