"""One process with a broker beside it: other systems of the company read what happens, and the HR system is followed."""

import contextlib
import json
import sys

import httpx
import pytest
from kafka import KafkaConsumer

from tests.support.needs import ROOT
from tests.support.waiting import PATIENCE, eventually_sync
from tests.system.api import Api
from tests.system.compose import ADMIN_EMAIL, ADMIN_PASSWORD
from tests.system.stacks import embedded
from tests.system.touring import program_of

pytestmark = [pytest.mark.fault(4), pytest.mark.slow, pytest.mark.kafka, pytest.mark.timeout(600)]

GUIDE = ROOT / "docs/events-guide.md"


class Reader:
    """Another system, which remembers each message by subject and version."""

    def __init__(self, broker):
        self.consumer = KafkaConsumer(
            "qunxue.membership",
            bootstrap_servers=broker.bootstrap,
            group_id="reader",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            metadata_max_age_ms=1000,  # a broker that has just started does not know its topics yet
        )
        self.people = {}
        self.versions = {}

    def close(self):
        self.consumer.close()

    def knows(self, number):
        for records in self.consumer.poll(timeout_ms=200).values():
            for record in records:
                self._apply({name: value.decode() for name, value in record.headers}, record)
        return number in self.people

    def _apply(self, headers, record):
        if not headers["ce_type"].startswith("qunxue.membership.person."):
            return
        assert record.key.decode() == headers["ce_subject"]
        version, known = int(headers["ce_aggregateversion"]), self.versions.get(headers["ce_subject"], 0)
        assert version <= known + 1, "a version is missing"
        self.versions[headers["ce_subject"]] = max(version, known)
        data = json.loads(record.value)
        self.people[data.get("employee_no")] = data


def test_other_systems_tell_and_are_told_through_kills_and_a_broker_that_is_away(tmp_path, broker, processes):
    with embedded(tmp_path / "stack", QUNXUE_KAFKA_BOOTSTRAP=broker.bootstrap) as stack:
        product = stack.product
        assert product is not None
        with Api(stack.url) as anyone:
            admin = anyone.log_in(ADMIN_EMAIL, ADMIN_PASSWORD)
        eventually_sync(lambda: "corporate.hr" in topics(broker), what="the topic of the HR system")
        reader = Reader(broker)
        addresses = {"KAFKA": broker.bootstrap, "DATABASE": str(tmp_path / "people.sqlite")}
        follower = processes.start("reader", [sys.executable, "-c", program_of(GUIDE, "read_people.py")], env=addresses)
        processes.run([sys.executable, "-c", program_of(GUIDE, "tell_hr.py")], env=addresses)
        admin.until("/v1/people", lambda page: [one["status"] for one in page["items"]] == ["left"], q="00124")
        assert admin.get("/v1/people", q="00123")["items"][0]["title"] == "经理"
        eventually_sync(lambda: reader.knows("00124"))
        eventually_sync(lambda: "person.left.v1 00124 李雷 left" in follower.output())
        follower.stop()
        assert not [topic for topic in topics(broker) if topic.endswith(".restricted")]

        admin.post("/v1/people", {"employee_no": "00222", "display_name": "张伟"}, expect=201)
        product.kill()
        product.start()
        product.ready_sync(f"{stack.url}/readyz")
        eventually_sync(lambda: reader.knows("00222"))

        # A client of the library that outlives its broker leaves sockets open: the reader starts anew afterwards.
        reader.close()
        broker.kill9()
        admin.post("/v1/people", {"employee_no": "00333", "display_name": "李雷"}, expect=201)
        assert httpx.get(f"{stack.url}/readyz", trust_env=False, timeout=PATIENCE).status_code == 200
        admin.until("/status", lambda status: status["kafka"]["waiting"] > 0)
        broker.start()
        with contextlib.closing(Reader(broker)) as reader:
            eventually_sync(lambda: reader.knows("00333"))
        admin.until("/status", lambda status: status["kafka"]["waiting"] == 0)
        admin.client.close()


def topics(broker):
    with broker.admin() as client:
        return client.list_topics()
