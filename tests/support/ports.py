"""Free ports on 127.0.0.1."""

import itertools
import os
import random
import socket
from collections.abc import Iterator
from functools import cache

# Below the range that the kernel gives to outgoing connections: a server that is down for a while finds its port free
# again, and a client that knocks meanwhile cannot be connected to itself.
FIRST, LAST = 20_000, 32_000

# Each test process has ports of its own: one that has killed its server finds the port still free.
_SHARES = 4
_EACH = (LAST - FIRST) // _SHARES


@cache
def _candidates(process: int) -> Iterator[int]:
    """Those of this process, in turn: one that was forked has others than the one before it."""
    first = FIRST + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _SHARES * _EACH
    start = random.Random(process ^ int.from_bytes(os.urandom(4))).randrange(first, first + _EACH)
    return itertools.cycle([*range(start, first + _EACH), *range(first, start)])


def free_port() -> int:
    """A port that nobody listens on now, different at each call in one process."""
    for _ in range(_EACH):
        port = next(_candidates(os.getpid()))
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port")


def listens(port: int) -> bool:
    """Whether something accepts connections on the port of 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
