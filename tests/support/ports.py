"""Free ports on 127.0.0.1."""

import itertools
import os
import random
import socket

# Below the range that the kernel gives to outgoing connections: a server that is down for a while finds its port free
# again, and a client that knocks meanwhile cannot be connected to itself.
FIRST, LAST = 20_000, 32_000

# Each test process has ports of its own: one that has killed its server finds the port still free.
_SHARES = 4
_share = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _SHARES
_first = FIRST + _share * (LAST - FIRST) // _SHARES
_last = _first + (LAST - FIRST) // _SHARES
_start = random.Random(os.getpid() ^ int.from_bytes(os.urandom(4))).randrange(_first, _last)
_candidates = itertools.chain.from_iterable(itertools.repeat([*range(_start, _last), *range(_first, _start)]))


def free_port() -> int:
    """A port that nobody listens on now, different at each call in one process."""
    for _ in range(_last - _first):
        port = next(_candidates)
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
