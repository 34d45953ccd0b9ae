"""What is logged while Kafka does not let us in."""

import logging

import pytest
from kafka.errors import KafkaConnectionError, SaslAuthenticationFailedError

from chassis.messaging import kafka, kafka_refusals
from chassis.threads import WorkerThread


@pytest.fixture
def quick(monkeypatch, caplog):
    caplog.set_level(logging.WARNING, "kafka")  # a command that ran here before may have silenced it
    monkeypatch.setattr(kafka_refusals, "_told", {})
    monkeypatch.setattr(kafka_refusals, "_wrong_password", [])
    monkeypatch.setattr(kafka, "_RETRY", (0.0, 0.0))


async def after(error: Exception, times: int) -> None:
    """Build a client that is refused so many times."""
    left = [error] * times
    thread = WorkerThread("test")

    def build() -> None:
        if left:
            raise left.pop()

    await kafka._until_up(thread, build, "producer")
    thread.stop()


async def test_a_wrong_password_is_called_so_and_told_once_a_minute(quick, monkeypatch, caplog):
    with caplog.at_level(logging.WARNING):
        await after(SaslAuthenticationFailedError("Invalid credentials"), 50)
        assert [record.getMessage().partition(" (")[0] for record in caplog.records] == ["Kafka: authentication failed"]
        monkeypatch.setattr(kafka_refusals, "TOLD_SECONDS", 0.0)
        await after(SaslAuthenticationFailedError("Invalid credentials"), 1)
    assert len(caplog.records) == 2


async def test_a_broker_that_is_away_is_told_once_a_minute(quick, caplog):
    with caplog.at_level(logging.WARNING):
        await after(KafkaConnectionError(), 50)
    assert [record.getMessage().partition(" (")[0] for record in caplog.records] == ["Kafka is not reachable"]


async def test_a_wrong_password_that_only_the_library_sees_is_called_so(quick, caplog):
    library = logging.getLogger("kafka.net.manager")
    with caplog.at_level(logging.WARNING):
        for _ in range(50):
            library.error("Connection failed: %s", SaslAuthenticationFailedError("Invalid credentials"))
            await after(KafkaConnectionError("Unable to bootstrap"), 1)
    assert [record.getMessage().partition(" (")[0] for record in caplog.records] == ["Kafka: authentication failed"]


@pytest.mark.parametrize("name", ["kafka.net.manager", "kafka.net.connection"])
async def test_what_the_library_says_of_each_attempt_is_told_once_a_minute(quick, name, caplog):
    with caplog.at_level(logging.WARNING):
        for attempt in range(50):
            logging.getLogger(name).error("%s: Connection lost: %s", attempt, KafkaConnectionError())
    assert len(caplog.records) == 1
