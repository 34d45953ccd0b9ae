"""Fault 20: SIGTERM while requests are in flight."""

import time

import pytest

from tests.system.api import Api
from tests.system.compose import ADMIN_EMAIL, ADMIN_PASSWORD
from tests.system.faults.writers import Writers
from tests.system.stacks import distributed, embedded

pytestmark = [pytest.mark.fault(20), pytest.mark.slow, pytest.mark.timeout(300)]

EXIT_SECONDS = 15
SURELY_ARRIVED = 0.1
"""A request begun so long before the signal is in the process, no longer in the kernel's queue of connections."""


def _stop_under_load(url: str, process) -> None:
    with Api(url) as anyone:
        token = anyone.post("/v1/sessions", {"login": ADMIN_EMAIL, "password": ADMIN_PASSWORD})["access_token"]
    writers = Writers(url, token, 100_000)
    with writers.writing():
        while writers.done < 100:
            time.sleep(0.01)
        signalled = time.monotonic()
        process.terminate(within=EXIT_SECONDS)
        writers.stop()
    assert process.exit_code == 0, process.tail()
    failed = [
        attempt
        for attempt in writers.attempts
        if attempt.begun < signalled - SURELY_ARRIVED and (attempt.status is None or attempt.status >= 500)
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
