"""Traces, from requests at the gateway to messages, as a collector of OpenTelemetry gets them; and a collector that is not there."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.collector import Collector, Span
from tests.support.ports import free_port
from tests.support.processes import Processes
from tests.support.waiting import PATIENCE, eventually_sync
from tests.system.api import Api
from tests.system.compose import ADMIN_EMAIL, ADMIN_PASSWORD
from tests.system.stacks import Stack, embedded

pytestmark = pytest.mark.slow

A_MINUTE = timedelta(seconds=59)  # less the time that a line takes to be written


def switched_on(collector_url: str, **variables: str) -> dict[str, str]:
    """What docs/operations.md says to set; and spans leave soon, and not through a proxy of this machine's."""
    return {
        "QUNXUE_TELEMETRY": "true",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector_url,
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        "NO_PROXY": "127.0.0.1",
        **variables,
    }


@dataclass
class Watched:
    """The product and the collector that it sends to."""

    stack: Stack
    collector: Collector

    def trace(self, trace_id: str, number: int, route: str | None = None) -> list[Span]:
        """The spans of a trace, once there are so many and one is of this route: what encloses others ends after them."""

        def found() -> list[Span]:
            spans = self.collector.spans(lambda span: span.trace_id == trace_id)
            assert len(spans) >= number, spans
            assert route is None or any(span.route == route for span in spans), spans
            return spans

        return eventually_sync(found, interval=0.05, what="the spans arrive")


class Trace:
    """A trace that a client began."""

    def __init__(self) -> None:
        self.id = uuid4().hex
        self.span_id = uuid4().hex[:16]

    @property
    def headers(self) -> dict[str, str]:
        return {"traceparent": f"00-{self.id}-{self.span_id}-01"}


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("telemetry")
    with Collector() as collector, embedded(folder, **switched_on(collector.url)) as stack:
        yield Watched(stack, collector)


@pytest.fixture
def admin(watched: Watched) -> Iterator[Api]:
    with watched.stack.admin() as api:
        yield api


def a_community(**options: Any) -> dict[str, Any]:
    body = {"slug": f"c{uuid4().hex[:10]}", "name": "社群", "kind": "training", "time_zone": "Asia/Shanghai"}
    return {"json": body, **options}


def messages(stack: Stack, trace_id: str) -> dict[str, str]:
    """The messages of a trace, as the log of the one process holds them: their trace header by type."""
    with sqlite3.connect(f"file:{stack_folder(stack)}/log.sqlite?mode=ro", uri=True) as log:
        rows = [dict(json.loads(headers)) for (headers,) in log.execute("SELECT headers FROM records ORDER BY seq")]
    return {row["ce_type"]: row["ce_traceparent"] for row in rows if trace_id in row.get("ce_traceparent", "")}


def stack_folder(stack: Stack) -> str:
    return stack.environment()["QUNXUE_DATA_DIR"]


def test_a_request_is_a_span_of_the_gateway_over_one_of_the_service(watched, admin):
    trace = Trace()
    created = admin.client.post("/v1/communities", **a_community(headers=trace.headers))
    assert created.status_code == 201
    spans = {span.service: span for span in watched.trace(trace.id, 2)}
    gateway, service = spans["qunxue-gateway"], spans["qunxue-membership"]
    assert (gateway.parent_id, service.parent_id) == (trace.span_id, gateway.span_id)
    assert (gateway.name, gateway.kind, gateway.status) == ("POST membership", "server", 201)
    assert (service.name, service.kind, service.status) == ("POST /v1/communities", "server", 201)


def test_a_span_tells_the_route_and_nothing_of_whom_it_is_about(watched, admin):
    name = f"p{uuid4().hex[:10]}"
    person = admin.post("/v1/people", {"display_name": name, "email": f"{name}@example.com", "kind": "employee"})
    code = admin.post(f"/v1/people/{person['id']}/activation")["code"]
    trace = Trace()
    answers = [
        admin.client.get(f"/v1/people/{person['id']}", params={"secret": code}, headers=trace.headers),
        admin.client.get("/v1/people", params={"q": f"{name}@example.com"}, headers=trace.headers),
        admin.client.get(f"/v1/landings/{code}", headers=trace.headers),
    ]
    spans = [span for span in watched.trace(trace.id, 6) if span.service == "qunxue-membership"]
    assert [(span.route, span.status) for span in spans] == [
        ("/v1/people/{person_id}", 422),
        ("/v1/people", answers[1].status_code),
        ("/v1/landings/{token}", 404),
    ]
    assert [span.name for span in spans] == [f"GET {span.route}" for span in spans]
    sent = b"".join(body for _, body in watched.collector.bodies)
    for private in (person["id"], name, code, ADMIN_EMAIL, ADMIN_PASSWORD, admin.tokens["access_token"]):
        assert private.encode() not in sent


def test_each_service_goes_by_its_own_name(watched, admin):
    community_id = admin.client.post("/v1/communities", **a_community()).json()["id"]
    trace = Trace()
    home = admin.client.get("/v1/me/home", params={"community_id": community_id}, headers=trace.headers)
    assert home.status_code == 200
    spans = watched.trace(trace.id, 4, route="/v1/me/home")
    (composed,) = [span for span in spans if span.route == "/v1/me/home"]
    assert composed.service == "qunxue-gateway"

    def below() -> set[str]:
        return {span.service for span in watched.collector.spans(lambda span: span.parent_id == composed.span_id)}

    # Each service sends in its own time.
    eventually_sync(
        lambda: {"qunxue-membership", "qunxue-gamification"} <= below(), what="the spans of its parts arrive"
    )
    spans = watched.trace(trace.id, 4)
    assert community_id not in str(spans)


def test_what_nobody_has_is_a_span_too(watched, admin):
    trace = Trace()
    assert admin.client.get("/v1/no-such-thing", headers=trace.headers).status_code == 404
    (span,) = watched.trace(trace.id, 1)
    assert (span.service, span.name, span.status, span.failed) == ("qunxue-gateway", "GET none", 404, False)


def test_a_request_without_a_trace_begins_one(watched, admin):
    before = len(watched.collector.spans())
    admin.get("/v1/communities")

    def begun() -> list[Span]:
        return [span for span in watched.collector.spans()[before:] if span.route == "/v1/communities"]

    (span,) = eventually_sync(begun, what="the span arrives")
    (above,) = [found for found in watched.trace(span.trace_id, 2) if found.span_id == span.parent_id]
    assert (above.service, above.parent_id) == ("qunxue-gateway", "")


def test_what_is_asked_every_few_seconds_is_not_traced(watched, admin):
    trace = Trace()
    for path in ("/livez", "/readyz", "/metrics"):
        assert admin.client.get(path, headers=trace.headers).status_code == 200
    admin.client.get("/v1/communities", headers=trace.headers)
    assert {span.route for span in watched.trace(trace.id, 2)} == {None, "/v1/communities"}
    assert watched.collector.spans(lambda span: span.route == "/v1/revocations") == []


def test_a_trace_goes_on_in_messages_and_in_what_follows_from_them(watched, admin):
    trace = Trace()
    assert admin.client.post("/v1/communities", **a_community(headers=trace.headers)).status_code == 201
    (service,) = [span for span in watched.trace(trace.id, 2) if span.service == "qunxue-membership"]

    def told() -> dict[str, str]:
        found = messages(watched.stack, trace.id)
        # Membership's own, and what gamification, which heard of the member, did about it.
        return found if "qunxue.gamification.points.awarded.v1" in found else {}

    found = eventually_sync(told, what="the member is welcomed")
    assert {"qunxue.membership.community.created.v1", "qunxue.membership.member.joined.v1"} <= set(found)
    assert set(found.values()) == {f"00-{trace.id}-{service.span_id}-01"}


def test_each_item_of_a_batch_is_of_the_batchs_trace(watched, admin):
    """Its items have transactions of their own."""
    people = [
        admin.post(
            "/v1/people", {"display_name": "张伟", "email": f"{uuid4().hex[:10]}@example.com", "kind": "employee"}
        )
        for _ in range(2)
    ]
    trace = Trace()
    body = {"action": "suspend", "ids": [person["id"] for person in people]}
    answer = admin.client.post("/v1/people/batch", json=body, headers=trace.headers)
    assert [item["status"] for item in answer.json()["items"]] == [200, 200]
    eventually_sync(
        lambda: "qunxue.membership.person.suspended.v1" in messages(watched.stack, trace.id), what="they are told of"
    )


def test_only_traces_are_sent(watched, admin):
    admin.client.post("/v1/communities", json={"slug": 7})
    trace = Trace()
    admin.client.get("/v1/communities", headers=trace.headers)
    watched.trace(trace.id, 2)
    assert {path for path, _ in watched.collector.bodies} == {"/v1/traces"}


def test_what_the_last_requests_did_is_sent_before_the_process_ends(tmp_path):
    with Collector() as collector:
        # So seldom that only the end can have sent it.
        with embedded(tmp_path, **switched_on(collector.url, OTEL_BSP_SCHEDULE_DELAY="600000")) as stack:
            with stack.admin() as admin:
                admin.get("/v1/communities")
            assert collector.spans() == []
            assert stack.product is not None
            assert stack.product.terminate() == 0
        assert {span.route for span in collector.spans()} >= {"/v1/sessions", "/v1/communities"}


@pytest.mark.parametrize(("collector", "patience"), [("absent", "0.2"), ("absent", "600"), ("silent", "600")])
def test_without_a_collector_everything_goes_on(tmp_path, collector, patience):
    with Collector(answers=False) as silent:
        url = silent.url if collector == "silent" else f"http://127.0.0.1:{free_port()}"
        # A queue that is full at once, and tries without end: what a day without a collector would come to.
        hurried = {
            "OTEL_BSP_MAX_QUEUE_SIZE": "4",
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "2",
            "OTEL_EXPORTER_OTLP_TIMEOUT": patience,
        }
        with embedded(tmp_path, **switched_on(url, **hurried)) as stack:
            with stack.admin() as admin:
                # Who waited for the collector would wait for five times as long.
                admin.client.timeout = httpx.Timeout(PATIENCE)
                for _ in range(60):
                    admin.get("/v1/communities")
            assert stack.product is not None
            assert stack.product.terminate(within=PATIENCE) == 0
            lines = [json.loads(line) for line in stack.product.output().splitlines() if line.startswith("{")]
    said: dict[str, list[datetime]] = {}
    for line in lines:
        if line["logger"] == "qunxue.telemetry":
            said.setdefault(line["message"], []).append(datetime.fromisoformat(line["at"]))
    assert said, "nobody was told"
    assert len(set(said)) <= 5
    assert [line for line, times in said.items() if any(b - a < A_MINUTE for a, b in pairwise(times))] == []
    assert [line for line in lines if line["logger"].startswith(("opentelemetry", "urllib3"))] == []
    assert [line for line in lines if line["level"] == "error" and line["logger"] != "qunxue.telemetry"] == []


def test_switched_off_nothing_of_it_is_loaded_or_sent(tmp_path):
    with Collector() as collector:
        variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "FASTAPI_OTEL_AUTO_CONFIGURE": "true"}
        # Python then tells on standard error what it imports.
        with embedded(tmp_path, **variables, PYTHONPROFILEIMPORTTIME="1") as stack:
            trace = Trace()
            with stack.admin() as admin:
                admin.client.post("/v1/communities", **a_community(headers=trace.headers))
            assert stack.product is not None
            assert stack.product.terminate() == 0
            imported = {line.rpartition("|")[2].strip() for line in stack.product.output().splitlines()}
        assert collector.bodies == []
    assert "chassis.web.telemetry" in imported
    assert "chassis.web.span_export" not in imported
    assert [name for name in imported if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter"))] == []
    # Without spans of our own the trace is the client's to the letter.
    assert set(messages(stack, trace.id).values()) == {trace.headers["traceparent"]}


def test_it_goes_from_process_to_process(tmp_path, processes: Processes):
    ports = {"membership": free_port(), "gateway": free_port()}
    with Collector() as collector:
        environment = {
            "QUNXUE_DATA_DIR": str(tmp_path / "data"),
            "QUNXUE_ADMIN_EMAIL": ADMIN_EMAIL,
            "QUNXUE_ADMIN_PASSWORD": ADMIN_PASSWORD,
            "QUNXUE_MEMBERSHIP_URL": f"http://127.0.0.1:{ports['membership']}",
            **switched_on(collector.url),
        }
        processes.run(["qunxue", "migrate"], env=environment)
        for name, port in ports.items():
            processes.start(name, ["qunxue", "serve", name, "--port", str(port)], env=environment)
        for name, port in ports.items():
            processes[name].ready_sync(f"http://127.0.0.1:{port}/readyz")
        trace = Trace()
        with Api(f"http://127.0.0.1:{ports['gateway']}") as anyone, anyone.log_in(ADMIN_EMAIL, ADMIN_PASSWORD) as admin:
            assert admin.client.get("/v1/communities", headers=trace.headers).status_code == 200
        for name in ports:
            assert processes[name].terminate() == 0
        # Both have sent what they had by now.
        spans = {span.service: span for span in collector.spans(lambda span: span.trace_id == trace.id)}
    assert set(spans) == {"qunxue-gateway", "qunxue-membership"}
    assert spans["qunxue-membership"].route == "/v1/communities"
    assert spans["qunxue-membership"].parent_id == spans["qunxue-gateway"].span_id


def test_of_an_answer_that_nobody_is_told_of_there_is_no_span(watched, admin):
    trace, after = Trace(), Trace()
    path = f"/v1/surveys/{uuid4()}/answers"
    answer = admin.client.post(path, json={"answers": []}, headers=trace.headers)
    assert answer.status_code == 404
    assert admin.client.get(path, headers=after.headers).status_code == 404
    watched.trace(after.id, 2)
    assert not watched.collector.spans(lambda span: span.trace_id == trace.id)
