"""What the system tests share."""

from collections.abc import Iterator

import pytest

from gateway.app import create_gateway
from tests.support.kafka import KafkaBroker
from tests.support.needs import NotInstalled, missing
from tests.support.unhurried import unhurried

pytest.register_assert_rewrite("tests.system.journey", "tests.system.api")


@pytest.fixture(scope="session", autouse=True)
def whatever_the_machine_does() -> Iterator[None]:
    """What runs in the test process waits longer than the product would, where a test is about something else."""
    with unhurried(), unhurried((), [(create_gateway, "deadline_seconds")]):
        yield


@pytest.fixture
def broker() -> Iterator[KafkaBroker]:
    """The company's broker, beside what is tested."""
    try:
        made = KafkaBroker()
    except NotInstalled as reason:
        missing(str(reason))
    with made:
        yield made
