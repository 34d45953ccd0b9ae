"""Fault 20: SIGTERM while requests are in flight, and while everything that they wait for hangs."""

import contextlib
import socket
import sqlite3
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.support.waiting import PATIENCE
from tests.system.api import Api
from tests.system.compose import ADMIN_EMAIL, ADMIN_PASSWORD
from tests.system.faults.writers import Writers
from tests.system.stacks import distributed, embedded

pytestmark = [pytest.mark.fault(20), pytest.mark.slow, pytest.mark.timeout(600)]

EXIT_SECONDS = 15


def _stop_under_load(url: str, process) -> None:
    with Api(url) as anyone:
        token = anyone.post("/v1/sessions", {"login": ADMIN_EMAIL, "password": ADMIN_PASSWORD})["access_token"]
    writers = Writers(url, token, 100_000)
    with writers.writing():
        while writers.done < 100:
            time.sleep(0.01)
        # What is answered was sent later than all that was sent before it: those are in the process too, no longer in the
        # kernel's queue of connections.
        asked = time.monotonic()
        httpx.get(f"{url}/livez", timeout=PATIENCE, trust_env=False).raise_for_status()
        process.terminate(within=EXIT_SECONDS)
        writers.stop()
    assert process.exit_code == 0, process.tail()
    failed = [
        attempt
        for attempt in writers.attempts
        if attempt.sent is not None and attempt.sent < asked and (attempt.status is None or attempt.status >= 500)
    ]
    assert failed == []


def test_one_process_finishes_what_is_in_flight_and_exits(tmp_path):
    with embedded(tmp_path / "stack") as stack:
        _stop_under_load(stack.url, stack.product)


@pytest.mark.postgres
def test_an_api_finishes_what_is_in_flight_and_exits(tmp_path):
    with distributed(tmp_path / "stack", services=["membership-api"]) as stack:
        assert stack.compose is not None
        _stop_under_load(stack.compose.service_url("membership"), stack.compose.process("membership-api"))


@pytest.mark.postgres
@pytest.mark.kafka
def test_an_api_and_a_worker_whose_database_and_broker_hang_end_when_told_to(tmp_path):
    with distributed(tmp_path / "stack", services=["membership-api", "membership-worker"]) as stack:
        compose = stack.compose
        assert compose is not None
        compose.postgres.pause()
        compose.kafka.pause()
        try:
            with a_request_without_an_answer(compose.service_url("membership")):
                for name in ("membership-api", "membership-worker"):
                    compose.process(name).terminate(within=EXIT_SECONDS)
        finally:
            compose.kafka.resume()
            compose.postgres.resume()


def test_one_process_whose_database_is_locked_by_others_ends_when_told_to(tmp_path):
    with embedded(tmp_path / "stack") as stack:
        assert stack.product is not None
        database = sqlite3.connect(tmp_path / "stack" / "data" / "membership.sqlite", isolation_level=None)
        with contextlib.closing(database), a_request_without_an_answer(stack.url):
            database.execute("BEGIN IMMEDIATE")
            stack.product.terminate(within=EXIT_SECONDS)


@contextlib.contextmanager
def a_request_without_an_answer(url: str) -> Iterator[None]:
    """One that waits for the database, and one whose body never comes."""
    port = int(url.rpartition(":")[2])
    body = b'{"login": "nobody", "password": "x"}'
    head = b"POST /v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port)) as whole, socket.create_connection(("127.0.0.1", port)) as half:
        whole.sendall(head % len(body) + body)
        half.sendall(head % len(body) + b"{")
        yield
