"""What the product counts itself is read as prometheus_client writes it."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from chassis.metrics import BUCKETS, Requests

ANSWERS = [
    ("content", "GET", "/v1/discussions/{discussion_id}", 200, 0.0),
    ("content", "GET", "/v1/discussions/{discussion_id}", 404, 0.002),
    ("content", "GET", "/v1/discussions/{discussion_id}", 200, 0.0021),
    ("content", "POST", "/v1/discussions", 201, 10.0),
    ("gateway", "GET", "content", 200, 99.5),
]


def read(text: str) -> dict[tuple[str, str, str, frozenset[tuple[str, str]]], float]:
    return {
        (family.name, family.type, sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def test_requests_are_told_as_prometheus_client_would_tell_them():
    registry, ours = CollectorRegistry(), Requests()
    total = Counter("qunxue_requests_total", "", ["service", "method", "route", "status"], registry=registry)
    seconds = Histogram(
        "qunxue_request_seconds", "", ["service", "method", "route"], registry=registry, buckets=BUCKETS
    )
    for service, method, route, status, took in ANSWERS:
        total.labels(service, method, route, str(status)).inc()
        seconds.labels(service, method, route).observe(took)
        ours.answered(service, method, route, status, took)
    assert read(ours.text()) == read(generate_latest(registry).decode())
