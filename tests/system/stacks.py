"""The whole product, running: in one process, or as docker-compose.yml has it."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

import pytest

from tests.support import shifted_clock
from tests.support.needs import NotInstalled, missing
from tests.support.ports import free_port
from tests.support.processes import Processes, ProductProcess, clean_environment, product_command
from tests.system.api import Api
from tests.system.compose import ADMIN_EMAIL, ADMIN_PASSWORD, Compose
from tests.system.migrated import is_usual, kept

Way = Literal["embedded", "distributed"]


STARTS_AT: Final = datetime.fromisoformat(os.environ.get("QUNXUE_TEST_STARTS_AT", "2027-11-23T09:00:00+08:00"))
"""A working day's morning where the communities of these tests are: what passes at noon passes at midnight, too.

Set the variable to look at another moment on purpose.
"""


class Clock:
    """How far the product's clock is ahead of the machine's."""

    def __init__(self, file: Path, starts_at: datetime | None) -> None:
        self.file = file
        self.ahead = timedelta()
        self.advance(starts_at - datetime.now(UTC) if starts_at else timedelta())

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def advance(self, by: timedelta) -> None:
        self.ahead += by
        temporary = self.file.with_suffix(".new")
        temporary.write_text(str(self.ahead.total_seconds()), encoding="ascii")
        temporary.replace(self.file)


@dataclass
class Stack:
    """A running product."""

    way: Way
    url: str
    clock: Clock
    product: ProductProcess | None = None
    compose: Compose | None = None

    def admin(self) -> Api:
        with Api(self.url) as anyone:
            return anyone.log_in(ADMIN_EMAIL, ADMIN_PASSWORD)

    def environment(self) -> dict[str, str]:
        """The environment for an operator's command."""
        if self.compose is not None:
            return self.compose.environment("migrate")
        assert self.product is not None
        return dict(self.product.env)


@contextmanager
def embedded(folder: Path, *, starts_at: Any = STARTS_AT, **variables: str) -> Iterator[Stack]:
    """`qunxue up` on a new directory. With `starts_at` None it has the machine's time, as servers have that it talks to."""
    folder.mkdir(parents=True, exist_ok=True)
    clock = Clock(folder / "clock", starts_at)
    port = free_port()
    environment = _environment(folder, clock, QUNXUE_PORT=str(port), **variables)
    if is_usual(variables) and not (folder / "data").exists():
        shutil.copytree(kept(_migrated_files, starts_at), folder / "data")
    product = ProductProcess(
        "qunxue", product_command(["qunxue", "up"], clock=clock.file), log=folder / "qunxue.log", env=environment
    )
    product.start()
    try:
        url = f"http://127.0.0.1:{port}"
        product.ready_sync(f"{url}/readyz")
        yield Stack("embedded", url, clock, product=product)
    finally:
        product.stop()


def _environment(folder: Path, clock: Clock, **variables: str) -> dict[str, str]:
    return clean_environment(
        {
            "QUNXUE_DATA_DIR": str(folder / "data"),
            "QUNXUE_ADMIN_EMAIL": ADMIN_EMAIL,
            "QUNXUE_ADMIN_PASSWORD": ADMIN_PASSWORD,
            # Tests move the clock by weeks, and nobody in them has a phone.
            "QUNXUE_SECOND_FACTOR": "optional",
            shifted_clock.VARIABLE: str(clock.file),
            **variables,
        }
    )


def _migrated_files(data: Path, starts_at: datetime | None) -> None:
    clock = Clock(data.parent / "clock", starts_at)
    with Processes(data.parent) as processes:
        there = _environment(data.parent, clock)
        processes.run(product_command(["qunxue", "migrate"], clock=clock.file), env=there)


def _migrated_server(data: Path, starts_at: datetime | None) -> None:
    clock = Clock(data.parent / "clock", starts_at)
    with Compose(data.parent / "stack", clock=clock.file, services=["migrate"]) as compose:
        compose.postgres.stop()
        subprocess.run(["cp", "-a", str(compose.postgres.data), str(data)], check=True)  # owners stay


@contextmanager
def distributed(folder: Path, *, starts_at: Any = STARTS_AT, **options: Any) -> Iterator[Stack]:
    """The stack of docker-compose.yml on a real PostgreSQL and a real Kafka, in time as the other."""
    folder.mkdir(parents=True, exist_ok=True)
    clock = Clock(folder / "clock", starts_at)
    try:
        like = kept(_migrated_server, starts_at) if is_usual(options.get("variables", {})) else None
        compose = Compose(folder, clock=clock.file, like=like, **options)
    except NotInstalled as reason:
        missing(str(reason))
    with compose:
        yield Stack("distributed", compose.gateway_url, clock, compose=compose)


STARTS = {"embedded": embedded, "distributed": distributed}


def set_to(way: Way, variables: Mapping[str, str]) -> dict[str, Any]:
    """What `STARTS` takes to have these settings."""
    return dict(variables) if way == "embedded" else {"variables": variables}


WAYS = [
    pytest.param("embedded", id="embedded"),
    pytest.param("distributed", id="distributed", marks=[pytest.mark.postgres, pytest.mark.kafka]),
]
