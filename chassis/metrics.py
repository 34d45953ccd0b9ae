"""Prometheus metrics of the chassis; one registry a process, the service is a label."""

from bisect import bisect_left
from collections.abc import Iterator

from prometheus_client import Gauge, generate_latest

BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds."""

jobs_waiting = Gauge("qunxue_jobs_waiting", "Jobs queued or running.", ["service"])
timers_overdue = Gauge("qunxue_timers_overdue_seconds", "How long the oldest timer has been due.", ["service"])


class _Answers:
    """Of one route: how many by status, and how many within each time."""

    __slots__ = ("_counted", "_seconds", "_statuses", "_timed", "_within")

    def __init__(self, service: str, method: str, route: str) -> None:
        rest = f'method="{method}",route="{route}",service="{service}"'
        self._counted = f"qunxue_requests_total{{{rest},status="
        bounds = [*map(str, BUCKETS), "+Inf"]
        self._timed = [f'qunxue_request_seconds_bucket{{le="{bound}",{rest}}} ' for bound in bounds]
        self._timed += [f"qunxue_request_seconds_{what}{{{rest}}} " for what in ("count", "sum")]
        self._within = [0] * len(bounds)
        self._statuses: dict[int, int] = {}
        self._seconds = 0.0

    def add(self, status: int, seconds: float) -> None:
        self._statuses[status] = self._statuses.get(status, 0) + 1
        self._within[bisect_left(BUCKETS, seconds)] += 1
        self._seconds += seconds

    def counts(self) -> Iterator[str]:
        for status, count in sorted(self._statuses.items()):
            yield f'{self._counted}"{status}"}} {count}.0\n'

    def times(self) -> Iterator[str]:
        *buckets, count, together = self._timed
        total = 0
        for head, within in zip(buckets, self._within, strict=True):
            total += within
            yield f"{head}{total}.0\n"
        yield f"{count}{total}.0\n"
        yield f"{together}{self._seconds}\n"


class Requests:
    """The requests that this process answered: a counter and a histogram.

    Each route has fifteen lines, and prometheus_client makes each line anew for every reading: 80 ms of CPU for three hundred routes.
    Here the beginnings of the lines are kept, and reading costs a twentieth. To be used by one event loop.
    """

    FAMILIES = (
        ("qunxue_requests_total", "counter", "HTTP requests answered."),
        ("qunxue_request_seconds", "histogram", "Time to answer an HTTP request."),
    )

    def __init__(self) -> None:
        self._of: dict[tuple[str, str, str], _Answers] = {}

    def answered(self, service: str, method: str, route: str, status: int, seconds: float) -> None:
        """Count one. The labels are the product's own words: nothing of a client's may become a series."""
        answers = self._of.get((service, method, route))
        if answers is None:
            answers = self._of[service, method, route] = _Answers(service, method, route)
        answers.add(status, seconds)

    def text(self) -> str:
        """In the text format of Prometheus."""
        written = (_Answers.counts, _Answers.times)
        lines = []
        for (name, kind, told), lines_of in zip(self.FAMILIES, written, strict=True):
            lines += [f"# HELP {name} {told}\n", f"# TYPE {name} {kind}\n"]
            for answers in list(self._of.values()):
                lines += lines_of(answers)
        return "".join(lines)


requests = Requests()


def metrics_text() -> bytes:
    """All metrics of this process in the text format of Prometheus."""
    return generate_latest() + requests.text().encode()
