"""What every test may ask for by name. Servers are started at their first use and stopped with the test run."""

import contextlib
import gc
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import fault_rows, forking
from tests.support.needs import NotInstalled, missing, shared_data_folder
from tests.support.postgres import PostgresServer, binaries
from tests.support.processes import Processes

if TYPE_CHECKING:  # a test of pure rules does not wait for the Kafka client to be imported
    from tests.support.kafka import KafkaBroker


DAILY, WHOLE = "daily", "whole"
"""`make check` tries fewer examples of what holds for all; `make test` as many as Hypothesis thinks right."""


def pytest_addoption(parser: pytest.Parser) -> None:
    forking.pytest_addoption(parser)


def pytest_configure(config: pytest.Config) -> None:
    forking.pytest_configure(config)
    # `timeout make test` and a cancelled CI job end us with SIGTERM: treat it as ctrl-C, so that fixtures are torn down.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if shutil.which("pg_dump") is None:
        # A backup looks for PostgreSQL's tools as any command does; those of a wheel are not on the path.
        with contextlib.suppress(NotInstalled):
            os.environ["PATH"] += f"{os.pathsep}{binaries()}"
    # Seldom: imports make no garbage, and a test little.
    gc.set_threshold(20_000, 20, 20)
    # httpx asks at every request in this process whether it runs under trio, by looking for a package that is not there.
    sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]
    from hypothesis import HealthCheck, settings

    # On a busy machine the clock proves nothing of an example.
    unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile(DAILY, unhurried, max_examples=25)
    settings.register_profile(WHOLE, unhurried)
    settings.load_profile(config.getoption("--hypothesis-profile", None) or WHOLE)


FOLDERS = ["unit", "contract", "service", "integration", "system"]
"""From the quick to the whole."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Several test processes share the files; see there."""
    from tests.support.sharing import ByFile

    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The quick tests first."""
    here = Path(__file__).parent

    def rank(item: pytest.Item) -> int:
        folder = item.path.relative_to(here).parts[0]
        return FOLDERS.index(folder) if folder in FOLDERS else len(FOLDERS)

    fault_rows.note(items)
    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """What was imported stays: no need to look through all of it for garbage again and again."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    fault_rows.summarise(terminalreporter, config)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL server per test process, without fsync and in memory."""
    try:
        server = PostgresServer(in_memory=True)
    except NotInstalled as reason:
        missing(str(reason))
    with server:
        yield server


@pytest.fixture(scope="session")
def kafka_broker() -> "Iterator[KafkaBroker]":
    """One Kafka broker per test process. A test that hurts it makes its own (`KafkaBroker()`)."""
    from tests.support.kafka import KafkaBroker

    try:
        broker = KafkaBroker()
    except NotInstalled as reason:
        missing(str(reason))
    with broker:
        yield broker


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """Processes of the product, stopped at the end of the test."""
    with Processes(tmp_path) as started:
        yield started


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data; the test is skipped where there is none, also in CI, which does not carry it."""
    folder = shared_data_folder()
    if not folder.is_dir():
        pytest.skip(f"no real data in {folder} (QUNXUE_SHARED_DATA)")
    return folder
