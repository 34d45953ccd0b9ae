"""What the system tests share."""

from collections.abc import Iterator

import pytest

from tests.support.kafka import KafkaBroker
from tests.support.needs import NotInstalled, missing

pytest.register_assert_rewrite("tests.system.journey", "tests.system.api")


@pytest.fixture
def broker() -> Iterator[KafkaBroker]:
    """The company's broker, beside what is tested."""
    try:
        made = KafkaBroker()
    except NotInstalled as reason:
        missing(str(reason))
    with made:
        yield made
