"""The log on Kafka, through kafka-python, which has no asyncio API: each client lives in a thread of its own."""

import asyncio
import functools
import logging
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import kafka
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient, OffsetSpec
from kafka.errors import KafkaError, TopicAlreadyExistsError
from kafka.partitioner import Partitioner

from chassis.ids import new_id
from chassis.messaging.codec import encode
from chassis.messaging.envelope import Message, Record, TopicPartition, owner_of
from chassis.messaging.kafka_clients import built
from chassis.messaging.kafka_consumer import KafkaSubscription
from chassis.messaging.kafka_refusals import tell_refusal
from chassis.messaging.log import MARK_SUFFIX, PARTITIONS, RETENTION_DAYS, LogUnavailableError
from chassis.messaging.partitioner import partition_of
from chassis.settings import Settings
from chassis.threads import WorkerThread

ResultT = TypeVar("ResultT")

logger = logging.getLogger(__name__)

_RETRY = (0.2, 5.0)
_CLOSE_SECONDS = 1.0
# A batch that expires lets later ones of its partition pass it: rather wait as long as the broker is away.
_DELIVERY_TIMEOUT_MS = 7 * 86_400_000


@dataclass(frozen=True)
class KafkaOptions:
    """How to reach the brokers. `prefix` stands before every topic's and group's name, for installations sharing a cluster."""

    bootstrap: tuple[str, ...]
    connection: Mapping[str, Any] = field(repr=False)  # it holds the password
    replication: int = 1
    prefix: str = ""
    instance_id: str | None = None
    """Set only where each replica has its own: a restarted one then keeps its partitions."""

    @classmethod
    def of(cls, settings: Settings) -> "KafkaOptions":
        """From `QUNXUE_KAFKA_*`; ValueError without a bootstrap server."""
        if not settings.kafka_bootstrap:
            raise ValueError("QUNXUE_KAFKA_BOOTSTRAP names no broker")
        password = settings.kafka_sasl_password
        connection = {
            "security_protocol": settings.kafka_security_protocol,
            "sasl_mechanism": settings.kafka_sasl_mechanism,
            "sasl_plain_username": settings.kafka_sasl_username,
            "sasl_plain_password": password.get_secret_value() if password else None,
            "ssl_cafile": _path(settings.kafka_ssl_cafile),
            "ssl_certfile": _path(settings.kafka_ssl_certfile),
            "ssl_keyfile": _path(settings.kafka_ssl_keyfile),
        }
        return cls(
            bootstrap=tuple(part.strip() for part in settings.kafka_bootstrap.split(",")),
            connection={name: value for name, value in connection.items() if value is not None},
            replication=settings.kafka_replication,
            prefix=settings.kafka_topic_prefix,
            instance_id=settings.instance_id,
        )

    def client(self) -> dict[str, Any]:
        """What every kind of client is given."""
        return {
            **self.connection,
            "bootstrap_servers": list(self.bootstrap),
            "client_id": "qunxue",
            # Short, or a client that missed the broker's return would wait half a minute before it knocks again.
            "reconnect_backoff_max_ms": 2000,
            "bootstrap_timeout_ms": 10000,
        }


class KafkaLog:
    """Topics on a cluster."""

    def __init__(self, options: KafkaOptions) -> None:
        self.options = options

    async def ensure_topics(self, topics: Sequence[str]) -> Mapping[str, int]:
        thread = WorkerThread("kafka-admin")
        try:
            return await _until_up(thread, lambda: self._create_missing(topics), "topics")
        finally:
            thread.stop()

    async def lost(self, positions: Mapping[TopicPartition, int]) -> Mapping[TopicPartition, int]:
        thread = WorkerThread("kafka-admin")
        try:
            begins = await _until_up(thread, lambda: self._begins(positions), "beginnings")
        finally:
            thread.stop()
        return {key: begin for key, begin in begins.items() if begin > positions[key]}

    async def producer(self) -> "KafkaLogProducer":
        thread = WorkerThread("kafka-producer")
        try:
            producer = await _until_up(thread, self._build_producer, "producer")
        except BaseException:
            thread.stop()
            raise
        return KafkaLogProducer(producer, thread, self.options.prefix)

    async def subscribe(
        self, consumer: str, topics: Sequence[str], positions: Mapping[TopicPartition, int]
    ) -> KafkaSubscription:
        """The group's offsets are the broker's; `positions` concern the local log alone."""
        settings = {
            **self.options.client(),
            "group_id": self.options.prefix + consumer,
            "group_instance_id": f"{consumer}-{self.options.instance_id}" if self.options.instance_id else None,
        }
        return KafkaSubscription(settings, list(topics), prefix=self.options.prefix)

    async def close(self) -> None:
        """Clients are closed by those who asked for them."""

    def _begins(self, keys: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        theirs = {kafka.TopicPartition(self.options.prefix + key.topic, key.partition): key for key in keys}
        admin = built(KafkaAdminClient, **self.options.client())
        try:
            found = admin.list_partition_offsets(dict.fromkeys(theirs, OffsetSpec.EARLIEST)) if theirs else {}
            return {theirs[partition]: answer.offset for partition, answer in found.items()}
        finally:
            admin.close()

    def _create_missing(self, topics: Sequence[str]) -> dict[str, int]:
        admin = built(KafkaAdminClient, **self.options.client())
        try:
            present = set(admin.list_topics())
            wanted = {self.options.prefix + topic: self._topic() for topic in topics}
            for name, description in wanted.items():
                if name in present:
                    continue
                try:
                    admin.create_topics({name: description}, wait_for_metadata=True)
                except TopicAlreadyExistsError:
                    logger.debug("another process made the topic %s", name)
            described = {found["name"]: len(found["partitions"]) for found in admin.describe_topics(list(wanted))}
            # A topic made a moment ago may not be described everywhere yet; it has what we asked for.
            return {topic: described.get(self.options.prefix + topic) or PARTITIONS for topic in topics}
        finally:
            admin.close()

    def _topic(self) -> dict[str, Any]:
        replication = self.options.replication
        configs = {
            "retention.ms": str(RETENTION_DAYS * 86_400_000),
            # By the broker's clock: what happened years ago must not be deleted as too old the moment it is sent.
            "message.timestamp.type": "LogAppendTime",
            "max.message.bytes": str(1024 * 1024),
        }
        if replication >= 3:
            configs["min.insync.replicas"] = "2"
        return {"num_partitions": PARTITIONS, "replication_factor": replication, "configs": configs}

    def _build_producer(self) -> Any:
        return built(
            KafkaProducer,
            **self.options.client(),
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            batch_size=262144,
            compression_type="lz4",
            allow_auto_create_topics=False,
            delivery_timeout_ms=_DELIVERY_TIMEOUT_MS,
            partitioner=_ByKey(),
            metrics_enabled=False,
        )


class _ByKey(Partitioner):  # type: ignore[misc]
    """The default partitioner's rule, remembered: in pure Python the hash costs as much as the rest of a send."""

    def partition(
        self, topic: str, key: Any, serialized_key: bytes | None, value: Any, serialized_value: Any, cluster: Any
    ) -> int:
        return partition_of(serialized_key or b"", len(cluster.partitions_for_topic(topic)))


class KafkaLogProducer:
    """One KafkaProducer and the thread that fills it."""

    def __init__(self, producer: Any, thread: WorkerThread, prefix: str) -> None:
        self._producer = producer
        self._thread = thread
        self._prefix = prefix
        self._clean = True

    async def send(self, records: Sequence[Record]) -> None:
        await self._run(functools.partial(self._send, records))

    async def mark(self, topics: Sequence[str], up_to: datetime) -> None:
        await self._run(functools.partial(self._mark, topics, up_to))

    async def close(self) -> None:
        # Not through our thread: it may be blocked for as long as the broker is away.
        closer = WorkerThread("kafka-producer-close")
        try:
            async with asyncio.timeout(2 * _CLOSE_SECONDS):
                await closer.run(self._close)
        except TimeoutError:
            logger.warning("the Kafka producer did not close in time")
        finally:
            closer.stop()
            self._thread.stop()

    async def _run(self, call: Callable[[], None]) -> None:
        # Until it has come back without an error, whatever it left in the buffer must not be sent any more.
        self._clean = False
        try:
            await self._thread.run(call)
        except KafkaError as error:
            raise LogUnavailableError(f"{type(error).__name__}: {error}") from error
        self._clean = True

    def _send(self, records: Sequence[Record]) -> None:
        send, prefix = self._producer.send, self._prefix
        futures = [
            send(prefix + record.topic, value=record.value, key=record.key, headers=list(record.headers))
            for record in records
        ]
        self._acknowledged(futures)

    def _mark(self, topics: Sequence[str], up_to: datetime) -> None:
        futures = []
        for topic in topics:
            record = mark_record(topic, up_to)
            for partition in self._producer.partitions_for(self._prefix + topic):
                futures.append(
                    self._producer.send(
                        self._prefix + topic, value=record.value, headers=list(record.headers), partition=partition
                    )
                )
        self._acknowledged(futures)

    def _acknowledged(self, futures: Sequence[Any]) -> None:
        self._producer.flush()
        for future in futures:
            future.get(timeout=0)

    def _close(self) -> None:
        sender = self._producer._sender  # noqa: SLF001
        if not self._clean:
            # close() would first send what is left, and a later message would pass the one that failed.
            sender.force_close()
        try:
            self._producer.close(timeout=_CLOSE_SECONDS)
        except KafkaError:
            # It gives up in its flush, before it stops the sender.
            sender.force_close()


def mark_record(topic: str, up_to: datetime) -> Record:
    """A message to consumers' machinery alone: everything the topic's owner recorded until `up_to` has been sent."""
    source = owner_of(topic)
    message = Message(
        id=str(new_id()),
        source=source,
        type=source[1:].replace("/", ".") + MARK_SUFFIX,
        subject=topic,
        occurred_at=up_to,
        partition_key="",
        version=0,
        recorded_at=datetime.now(UTC),
        actor="system",
        data=b"{}",
    )
    return encode(message, topic)._replace(key=None)


async def _until_up(thread: WorkerThread, build: Callable[[], ResultT], what: str) -> ResultT:
    """kafka-python's constructors connect, and raise where no broker answers; several clients must not knock in step."""
    failures = 0
    while True:
        began = time.monotonic()
        try:
            return await thread.run(build)
        except (KafkaError, OSError) as error:
            failures += 1
            tell_refusal(error, what, time.monotonic() - began)
            longest: float = min(_RETRY[0] * 2 ** min(failures, 10), _RETRY[1])
            await asyncio.sleep(random.uniform(0.5, 1.0) * longest)


def _path(path: Any) -> str | None:
    return str(path) if path is not None else None
