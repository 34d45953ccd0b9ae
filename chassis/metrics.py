"""Prometheus metrics of the chassis; one registry a process, the service is a label."""

from prometheus_client import Counter, Gauge, Histogram

requests_total = Counter("qunxue_requests_total", "HTTP requests answered.", ["service", "method", "route", "status"])
request_seconds = Histogram(
    "qunxue_request_seconds",
    "Time to answer an HTTP request.",
    ["service", "method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
jobs_waiting = Gauge("qunxue_jobs_waiting", "Jobs queued or running.", ["service"])
timers_overdue = Gauge("qunxue_timers_overdue_seconds", "How long the oldest timer has been due.", ["service"])
