"""Free ports on 127.0.0.1, which no other test process of this machine takes meanwhile."""

import fcntl
import itertools
import os
import random
import socket
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import IO

# Below the range that the kernel gives to outgoing connections: a server that is down for a while finds its port free
# again, and a client that knocks meanwhile cannot be connected to itself.
FIRST, LAST = 20_000, 32_000

# A test process has blocks of its own, so long as it lives: one that has killed its server finds the port still free,
# whoever else tests on this machine.
EACH = 200
MOST = 5
"""Blocks of one process. When it has handed out all of their ports, it begins again with the first."""


def free_port() -> int:
    """A port that nobody listens on now, different at each call in one process until it has had a thousand."""
    ports = _ports(os.getpid())
    for _ in range(EACH * MOST):
        port = next(ports)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port")


@cache
def _ports(_process: int) -> Iterator[int]:
    """Those of this process, in turn: one that was forked has others than the one before it."""
    return itertools.cycle(itertools.chain.from_iterable(range(first, first + EACH) for first in _blocks()))


def _blocks() -> Iterator[int]:
    """The first ports of blocks that are this process's from now on, each taken when it is asked for."""
    blocks = list(range(FIRST, LAST, EACH))
    random.Random(os.urandom(8)).shuffle(blocks)
    taken = itertools.islice((first for first in blocks if _taken(first)), MOST)
    one = next(taken, None)
    if one is None:
        raise RuntimeError(f"other test processes have all ports from {FIRST} to {LAST}")
    yield one
    yield from taken


def _taken(first: int) -> bool:
    """Whether the block is ours now: it was nobody else's."""
    folder = Path(tempfile.gettempdir(), f"qunxue-ports-{os.getuid()}")
    folder.mkdir(exist_ok=True)
    file = Path(folder, str(first)).open("w")  # noqa: SIM115 - open, and so locked, as long as the process lives
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return False
    _kept(os.getpid()).append(file)
    return True


@cache
def _kept(_process: int) -> list[IO[str]]:
    return []


def listens(port: int) -> bool:
    """Whether something accepts connections on the port of 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
