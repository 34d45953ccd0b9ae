"""The broker's settings as the environment gives them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from chassis.messaging.kafka import KafkaOptions, mark_record
from chassis.messaging.kafka_consumer import CONSUMER_SETTINGS, _batch
from chassis.messaging.merging import Run
from chassis.settings import Settings


def options(**settings) -> KafkaOptions:
    return KafkaOptions.of(Settings(**{"kafka_bootstrap": "one:9092, two:9092"} | settings))


def test_every_broker_is_named():
    assert options().client()["bootstrap_servers"] == ["one:9092", "two:9092"]


def test_no_broker_is_an_error_with_the_settings_name():
    with pytest.raises(ValueError, match="QUNXUE_KAFKA_BOOTSTRAP"):
        KafkaOptions.of(Settings())


def test_log_in_by_scram_over_tls():
    client = options(
        kafka_security_protocol="SASL_SSL",
        kafka_sasl_mechanism="SCRAM-SHA-512",
        kafka_sasl_username="qunxue",
        kafka_sasl_password=SecretStr("秘密"),
        kafka_ssl_cafile=Path("/etc/ca.pem"),
    ).client()
    assert client["security_protocol"] == "SASL_SSL"
    assert client["sasl_mechanism"] == "SCRAM-SHA-512"
    assert (client["sasl_plain_username"], client["sasl_plain_password"]) == ("qunxue", "秘密")
    assert client["ssl_cafile"] == "/etc/ca.pem"


def test_a_client_certificate():
    client = options(
        kafka_security_protocol="SSL", kafka_ssl_certfile=Path("/c.pem"), kafka_ssl_keyfile=Path("/k.pem")
    ).client()
    assert (client["ssl_certfile"], client["ssl_keyfile"]) == ("/c.pem", "/k.pem")
    assert "sasl_mechanism" not in client


def test_the_password_shows_in_no_text():
    made = options(kafka_sasl_mechanism="PLAIN", kafka_sasl_username="u", kafka_sasl_password=SecretStr("canary-77"))
    assert "canary-77" not in repr(made)


def test_a_new_consumer_reads_from_the_beginning_and_commits_by_itself_never():
    assert CONSUMER_SETTINGS["auto_offset_reset"] == "earliest"
    assert CONSUMER_SETTINGS["enable_auto_commit"] is False


def test_a_consumer_reads_what_is_committed_and_makes_no_topics():
    assert CONSUMER_SETTINGS["isolation_level"] == "read_committed"
    assert CONSUMER_SETTINGS["allow_auto_create_topics"] is False


class Raw:
    """A record as kafka-python gives it."""

    def __init__(self, offset: int, key: bytes | None, headers: list[tuple[str, bytes]]) -> None:
        self.offset = offset
        self.key = key
        self.value = b"{}"
        self.headers = headers


class Partition:
    topic = "pre.qunxue.membership"
    partition = 3


def test_marks_are_taken_out_of_what_handlers_see():
    moment = datetime(2026, 3, 4, tzinfo=UTC)
    headers = list(mark_record("qunxue.membership", moment).headers)
    batch = _batch([Run(Partition(), [Raw(5, b"k", []), Raw(6, None, headers)])], "pre.")
    assert [delivery.offset for delivery in batch.deliveries] == [5]
    assert list(batch.positions.values()) == [7]
    assert list(batch.marks.values()) == [moment]


def test_a_mark_by_someone_else_is_no_mark():
    headers = list(mark_record("qunxue.content", datetime(2026, 3, 4, tzinfo=UTC)).headers)
    batch = _batch([Run(Partition(), [Raw(6, None, headers)])], "pre.")
    assert batch.marks == {}
    assert len(batch.deliveries) == 1
