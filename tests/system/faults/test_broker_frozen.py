"""Fault 4 on the whole product: the broker is frozen while people are registered."""

import time

import pytest

from tests.support.scale import scaled
from tests.support.waiting import eventually_sync
from tests.system.api import Api
from tests.system.compose import ADMIN_EMAIL, ADMIN_PASSWORD
from tests.system.faults.books import count
from tests.system.faults.writers import Writers
from tests.system.stacks import distributed

pytestmark = [pytest.mark.fault(4), pytest.mark.slow, pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(600)]

PARTS = ["kafka", "membership-api", "membership-worker", "gamification-worker"]
FROZEN = scaled(30, reduced=6)
"""Seconds."""


def test_nobody_is_refused_while_the_broker_hangs_and_all_is_told_soon_after(tmp_path):
    with distributed(tmp_path / "stack", services=PARTS) as stack:
        compose = stack.compose
        assert compose is not None
        url = compose.service_url("membership")
        with Api(url) as anyone:
            token = anyone.log_in(ADMIN_EMAIL, ADMIN_PASSWORD).tokens["access_token"]
        writers = Writers(url, token, count=100_000)
        with writers.writing():
            eventually_sync(lambda: writers.done >= 20, what="people are registered")
            compose.kafka.pause()
            time.sleep(FROZEN)  # not a wait for something: the length of the fault
            before = writers.done
            eventually_sync(lambda: writers.done >= before + 20, what="people are registered all the while")
            compose.kafka.resume()
            writers.stop()
        assert {attempt.status for attempt in writers.attempts} == {201}
        people = "SELECT count(*) FROM people"
        known = "SELECT count(*) FROM known_people"
        eventually_sync(
            lambda: count(stack, "gamification", known) == count(stack, "membership", people),
            timeout=30,
            interval=0.5,
            what="everybody is known 30 seconds after",
        )
