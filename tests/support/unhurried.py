"""Services in the test process that give up only when something hangs.

The product stops waiting after seconds: for a row, a connection, an answer of membership. On a machine that stands still for as long, a
test would fail which is about something else. A test about such a limit sets it to what it needs.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from chassis.turnstile import Turnstile
from tests.support.scale import FULL
from tests.support.waiting import PATIENCE

LIMITS = (
    "chassis.database.engine.CONNECT_SECONDS",
    "chassis.database.engine.POOL_WAIT_SECONDS",
    "chassis.database.engine.ROW_WAIT_SECONDS",
    "chassis.database.engine.STATEMENT_SECONDS",
    "chassis.database.engine.WRITER_WAIT_SECONDS",
    "chassis.database.lines.STILL_SECONDS",
    "chassis.database.sqlite.BUSY_SECONDS",
    "chassis.database.wiping.PATIENCE",
    "chassis.first_sight.PATIENCE_SECONDS",
    "chassis.patience.PATIENCE_SECONDS",
    "chassis.peers.TIMEOUT_SECONDS",
    "chassis.resolver.TIMEOUT_SECONDS",
)
DEFAULTS: tuple[tuple[Callable[..., Any], str], ...] = ((Turnstile.__init__, "wait_seconds"),)
"""Those that are a parameter's default."""


@contextmanager
def unhurried(
    limits: Sequence[str] = LIMITS, defaults: Sequence[tuple[Callable[..., Any], str]] = DEFAULTS
) -> Iterator[None]:
    """These limits are far away while the block runs, except with the full figures of faults, which are the product's own."""
    if FULL:
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        for limit in limits:
            patch.setattr(limit, PATIENCE)
        for function, parameter in defaults:
            assert function.__kwdefaults__ is not None
            patch.setitem(function.__kwdefaults__, parameter, PATIENCE)
        yield
