"""The gateway's part of a trace: a span of its own, under the caller's and over the service's."""

from collections.abc import AsyncIterator

import pytest

from chassis.web import telemetry
from tests.service.gateway.conftest import Begin, Scene
from tests.support.collector import Collector, Span
from tests.support.standins import bearer, person
from tests.support.streaming import Reader

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN_ID = "00f067aa0ba902b7"
HEADER = f"00-{TRACE_ID}-{SPAN_ID}-01"


@pytest.fixture
async def collector(monkeypatch) -> AsyncIterator[Collector]:
    with Collector() as listening:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", listening.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield listening
        await telemetry.close()


def came(scene: Scene, name: str) -> list[str]:
    """A header of the last request as the service got it, as often as it got it."""
    return [value for header, value in scene["gamification"].seen[-1].headers if header == name]


async def sent(collector: Collector) -> list[Span]:
    """All spans there were."""
    await telemetry.close()
    return collector.spans()


async def test_the_service_is_told_of_the_gateways_span_once(begin: Begin, collector):
    scene = begin(telemetry=True)
    headers = [("traceparent", HEADER), ("TraceState", "vendor=1"), ("traceparent", HEADER)]
    await scene.client.get("/v1/checkins", headers=headers)
    (span,) = await sent(collector)
    assert came(scene, "traceparent") == [f"00-{TRACE_ID}-{span.span_id}-01"]
    assert came(scene, "tracestate") == ["vendor=1"]
    assert (span.trace_id, span.parent_id) == (TRACE_ID, SPAN_ID)


async def test_what_the_caller_does_not_want_recorded_is_not(begin: Begin, collector):
    scene = begin(telemetry=True)
    await scene.get("/v1/checkins", traceparent=HEADER[:-2] + "00")
    assert await sent(collector) == []
    (header,) = came(scene, "traceparent")
    assert (header[3:35], header[-2:]) == (TRACE_ID, "00")


@pytest.mark.parametrize("header", ["", "x" * 5000, "00-0-0-00", HEADER.upper()])
async def test_a_malformed_trace_begins_a_new_one(begin: Begin, collector, header):
    scene = begin(telemetry=True)
    assert (await scene.get("/v1/checkins", traceparent=header)).status_code == 200
    (span,) = await sent(collector)
    assert (span.parent_id, span.trace_id == TRACE_ID) == ("", False)


async def test_a_service_that_is_not_there_is_a_failed_span(begin: Begin, collector):
    scene = begin(without=("events",), telemetry=True)
    assert (await scene.get("/v1/activities")).status_code == 503
    (span,) = await sent(collector)
    assert (span.service, span.name, span.status, span.failed) == ("qunxue-gateway", "GET events", 503, True)


async def test_a_made_up_method_is_no_name_of_a_span(begin: Begin, collector):
    scene = begin(telemetry=True)
    assert (await scene.send("BREW", "/v1/checkins")).status_code == 405
    (span,) = await sent(collector)
    assert (span.name, span.failed) == ("_OTHER gamification", False)


async def test_switched_off_the_callers_trace_passes_untouched(begin: Begin, collector):
    scene = begin()
    await scene.get("/v1/checkins", traceparent=HEADER)
    assert came(scene, "traceparent") == [HEADER]
    assert await sent(collector) == []


async def test_the_span_of_a_stream_ends_when_it_is_open(begin: Begin, collector):
    scene = begin(telemetry=True)
    reader = await Reader(scene.gateway, headers=bearer(person())).open()
    spans = await sent(collector)
    assert [span.name for span in spans if span.name == "GET gateway"] == ["GET gateway"]
    assert not reader.over
    await reader.leave()
