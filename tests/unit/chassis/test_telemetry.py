"""Traces are sent where they are asked for, say no more than the log does, and complain once."""

import asyncio
import logging
import subprocess
import sys
import threading
from typing import Any

import pytest
from opentelemetry.trace import get_current_span
from pydantic import SecretStr

from chassis.settings import Settings, SettingsInvalid
from chassis.trace import traceparent
from chassis.web import telemetry


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    for name in (
        "OTEL_SDK_DISABLED",
        "OTEL_SERVICE_NAME",
        "OTEL_RESOURCE_ATTRIBUTES",
        "OTEL_TRACES_EXPORTER",
        "OTEL_TRACES_SAMPLER",
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    ):
        monkeypatch.delenv(name, raising=False)
    # Nobody listens on it, and no span of these tests is to wait for somebody.
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    sdk = logging.getLogger("opentelemetry")
    handlers, propagate = sdk.handlers[:], sdk.propagate
    yield
    asyncio.run(telemetry.close())
    sdk.handlers[:], sdk.propagate = handlers, propagate


def settings(*, on: bool) -> Settings:
    return Settings(secret_key=SecretStr("of these tests alone"), telemetry=on)


def provider(service: str = "membership") -> Any:
    return telemetry.tracer_provider(settings(on=True), service)


def exporting() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("Otel")]


def test_switched_off_nothing_is_made(monkeypatch):
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    told = telemetry.telemetry(settings(on=False), "membership")
    assert set(told.values()) == {False}
    assert telemetry.tracer_provider(settings(on=False), "gateway") is None
    assert exporting() == []


@pytest.mark.slow
def test_switched_off_the_sdk_is_not_even_imported():
    program = (
        "import sys; import qunxue.embedded, gateway.app; "
        "print([name for name in sys.modules if name.startswith(('opentelemetry.sdk', 'opentelemetry.exporter'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(("name", "value"), [("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_EXPORTER", "none")])
def test_the_standard_variables_switch_it_off_too(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    assert provider() is None
    assert exporting() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_TRACES_EXPORTER", "zipkin"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "collector"),
    ],
)
def test_what_it_cannot_do_is_refused_by_name(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid, match=name):
        telemetry.telemetry(settings(on=True), "membership")
    assert exporting() == []


def test_the_services_of_a_process_share_one_exporter_and_have_their_own_names():
    made = [provider(name) for name in ("membership", "gateway", "membership")]
    assert [one.resource.attributes["service.name"] for one in made] == [
        "qunxue-membership",
        "qunxue-gateway",
        "qunxue-membership",
    ]
    assert made[0] is made[2]
    assert len(exporting()) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("OTEL_SERVICE_NAME", "academy"), ("OTEL_RESOURCE_ATTRIBUTES", "service.name=academy,deployment.environment=x")],
)
def test_a_name_of_the_operators_choice_goes_before_ours(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    assert provider().resource.attributes["service.name"] == "academy"


def test_a_closed_exporter_leaves_no_thread_behind():
    provider()
    assert len(exporting()) == 1
    asyncio.run(telemetry.close())
    assert exporting() == []


def test_paths_and_queries_are_not_told():
    tracer = provider().get_tracer("test")
    given = {"url.path": "/v1/people/7", "url.query": "q=a@example.com", "http.route": "/v1/people/{id}"}
    span = tracer.start_span("GET", attributes=given)
    assert dict(span.attributes) == given | {"url.path": "REDACTED", "url.query": "REDACTED"}
    bare = tracer.start_span("GET", attributes={"url.path": "/v1/people"})
    assert dict(bare.attributes) == {"url.path": "REDACTED"}


def test_the_same_complaint_is_shown_once_a_minute(caplog):
    from chassis.web.span_export import Seldom

    handler = Seldom()

    def say(text, *arguments):
        handler.handle(logging.LogRecord("opentelemetry.x", logging.WARNING, "x.py", 1, text, arguments, None))

    with caplog.at_level(logging.WARNING, logger="qunxue.telemetry"):
        for seconds in range(5):
            say("retrying in %d s", seconds)
        say("queue full")
        handler._next = dict.fromkeys(handler._next, 0.0)  # a minute later
        say("retrying in %d s", 9)
    assert [record.getMessage() for record in caplog.records] == [
        "opentelemetry: retrying in 0 s",
        "opentelemetry: queue full",
        "opentelemetry: retrying in 9 s",
    ]


def test_a_span_of_our_own_is_what_goes_on_and_a_good_header_else(monkeypatch):
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")  # it goes on all the same, and says so
    header = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert traceparent(header) == header.decode()
    assert traceparent(None) is None
    assert traceparent(header + b"\n") is None
    with provider().get_tracer("test").start_as_current_span("ours"):
        context = get_current_span().get_span_context()
        assert not context.trace_flags.sampled
        assert traceparent(header) == f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
    assert traceparent(header) == header.decode()
