"""A real Kafka broker for tests and benchmarks: one KRaft node, started with `java`.

    with KafkaBroker() as broker:
        broker.create_topics("qunxue.membership", partitions=12)
        settings = {"QUNXUE_KAFKA_BOOTSTRAP": broker.bootstrap}

`kill9` and `start` again lose nothing and keep the port; clients are back about 20 s later.
"""

import atexit
import base64
import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError

from tests.support import jars
from tests.support.children import Child
from tests.support.ports import free_port, listens
from tests.support.waiting import eventually_sync

TOPIC_SETTINGS = {"message.timestamp.type": "LogAppendTime"}  # a record of 2011 is not deleted by the clock of today


class KafkaBroker:
    """One broker and controller; `start`, `stop`, `kill9` and `restart` keep port and data, `close` removes the data."""

    def __init__(
        self,
        *,
        settings: Mapping[str, str] | None = None,
        heap: str = "512m",
        classes: Sequence[str] | None = None,
    ) -> None:
        self._java = jars.java()
        self._jars = jars.kafka()
        self._classes = _loaded_classes(self._java) if classes is None else classes
        self.port = free_port()
        self.controller_port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="qunxue-kafka-"))
        self.data = self.folder / "data"
        atexit.register(self.close)  # for whoever forgets
        self.properties = self.folder / "server.properties"
        self.properties.write_text("".join(f"{k}={v}\n" for k, v in {**self._defaults(), **(settings or {})}.items()))
        self._child = Child(
            "kafka",
            [*self._jvm(heap), "kafka.Kafka", self.properties],
            log=self.folder / "kafka.log",
            cwd=self.folder,
        )

    def advertise(self, port: int) -> None:
        """Before it starts: send clients to another port of this machine, where somebody passes on what they say."""
        listeners = f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{self.controller_port}"
        with self.properties.open("a") as properties:
            properties.write(f"advertised.listeners={listeners}\n")

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def running(self) -> bool:
        return self._child.running

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self, *, within: float = 180.0) -> None:
        """Start it and return when it answers clients."""
        if not self.data.exists():
            self._format()
        self._child.start()
        eventually_sync(self._answers, timeout=within, interval=0.1, what="Kafka answers")

    def stop(self) -> None:
        """The orderly shutdown."""
        if self.running:
            self._child.terminate(within=60)

    def kill9(self) -> None:
        self._child.kill()

    def restart(self, *, kill: bool = False) -> None:
        if kill:
            self.kill9()
        else:
            self.stop()
        self.start()

    def pause(self) -> None:
        """Freeze it (SIGSTOP): connections stay open and nothing answers."""
        self._child.pause()

    def resume(self) -> None:
        self._child.resume()

    def close(self) -> None:
        """Stop it and remove its data. What was in the topics is of no use to anyone, so it is not asked twice."""
        self._child.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.close)

    def create_topics(self, *names: str, partitions: int = 12, settings: Mapping[str, str] | None = None) -> None:
        """Create those that are not there."""
        configs = {**TOPIC_SETTINGS, **(settings or {})}
        with self.admin() as admin:
            existing = set(admin.list_topics())
            new = [NewTopic(name, partitions, 1, topic_configs=configs) for name in names if name not in existing]
            if new:
                admin.create_topics(new)

    @contextlib.contextmanager
    def admin(self) -> Iterator[KafkaAdminClient]:
        client = KafkaAdminClient(bootstrap_servers=self.bootstrap, client_id="tests")
        try:
            yield client
        finally:
            client.close()

    def forget_records(self) -> None:
        """Delete what lies in all topics of the product now, as past its retention."""
        reader = KafkaConsumer(bootstrap_servers=self.bootstrap)
        try:
            topics = [topic for topic in reader.topics() if topic.startswith("qunxue.")]
            partitions = [
                TopicPartition(topic, number) for topic in topics for number in reader.partitions_for_topic(topic) or ()
            ]
            ends = reader.end_offsets(partitions)
        finally:
            reader.close()
        with self.admin() as admin:
            admin.delete_records({partition: end for partition, end in ends.items() if end})

    def _answers(self) -> bool:
        if not self._child.running:
            raise RuntimeError(f"Kafka ended at once\n{self._child.tail()}")
        if not listens(self.port):
            return False
        try:
            with self.admin() as admin:
                admin.list_topics()
        except KafkaError:
            return False
        return True

    def _jvm(self, heap: str) -> list[str]:
        return [
            self._java,
            f"-Xmx{heap}",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            *(self._classes or ()),
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-cp",
            f"{self._jars}/*",
        ]

    def _format(self) -> None:
        # As `random-uuid` makes it, without a Java of its own; what begins with a hyphen would be an option.
        identity = "Q" + base64.urlsafe_b64encode(uuid4().bytes).decode("ascii").rstrip("=")[1:]
        self._tool("format", "--standalone", "-t", identity, "-c", str(self.properties))

    def _tool(self, *arguments: str) -> str:
        command = [*self._jvm("128m"), "kafka.tools.StorageTool", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder)
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout.strip().splitlines()[-1]

    def _defaults(self) -> dict[str, str]:
        here, controller = f"127.0.0.1:{self.port}", f"127.0.0.1:{self.controller_port}"
        return {
            "process.roles": "broker,controller",
            "node.id": "1",
            "listeners": f"PLAINTEXT://{here},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{here},CONTROLLER://{controller}",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.quorum.bootstrap.servers": controller,
            "log.dirs": str(self.data),
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "1",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            "auto.create.topics.enable": "false",
        }


def _loaded_classes(java: str) -> list[str]:
    """Options by which a broker takes its classes as one before it has loaded them: it is up for half the work.

    The first one on this machine, or with another Java or Kafka, lives for that alone.
    """
    program = Path(java).resolve().stat()
    kept = jars.kafka().with_name(f"{jars.kafka().name}-{program.st_size}-{program.st_mtime_ns}.jsa")
    if not kept.exists():
        with jars.locked(kept.with_suffix(".lock")):
            if not kept.exists():
                made = kept.with_suffix(".new")
                made.unlink(missing_ok=True)
                with KafkaBroker(classes=[f"-XX:ArchiveClassesAtExit={made}"]) as first:
                    first.stop()
                if not made.exists():
                    return []  # this Java cannot
                made.rename(kept)
    return [f"-XX:SharedArchiveFile={kept}"]
