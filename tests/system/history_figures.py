"""What a real community's seven years come to in analytics: who wrote in which month, how questions fared, and who still wrote later.

The figures are those that the data's own description gives, or what is counted in the file itself; who stays is what DuckDB finds in it.
Nothing of the product is used to compute them.
"""

from collections import Counter
from datetime import date, datetime
from statistics import median
from typing import Any

import pytest

from tests.support.raw_facts import RawFacts
from tests.system.api import Api
from tests.system.archive_recount import first_answers

WRITERS = {"2011-10-01": 42, "2012-03-01": 19, "2015-06-01": 16, "2018-08-01": 11}
WRITERS_EVER = 378
YEARS: dict[str, Any] = {"from": "2011-10-01", "to": "2018-12-31"}
THREE_YEARS = [("2011-10-01", "2013-12-31"), ("2014-01-01", "2016-12-31"), ("2017-01-01", "2018-12-31")]
"""Questions of three years at most are read at once, so they are asked for in pieces."""

Lines = list[dict[str, Any]]


def some_are_counted(service: Api, community: str) -> bool:
    """Whether analytics is at it already."""
    (first,) = service.get("/v1/metrics/posts", community_id=community, **YEARS)["items"]
    return bool(first["value"])


def figures_are_those_of_the_file(service: Api, community: str, lines: Lines) -> None:
    """Each once, however often it was told."""
    here = {"community_id": community}
    _everything_is_counted_once(service, here, lines)
    _writers_are_counted(service, here)
    _questions_are_measured(service, here, lines)
    _who_stays_is_counted(service, here, lines)


def _everything_is_counted_once(service: Api, here: dict[str, Any], lines: Lines) -> None:
    for code, kinds in (("posts", {"discussion"}), ("replies", {"reply", "comment"}), ("joined", {"person"})):
        expected = Counter(line["at"][:7] for line in lines if line["kind"] in kinds and line["at"][:7] >= "2011-10")

        def all_have_come(answer: dict[str, Any], expected: Counter[str] = expected) -> bool:
            return sum(_by_month(answer).values()) >= expected.total()

        found = service.until(f"/v1/metrics/{code}", all_have_come, **(here | YEARS), grain="month")
        assert {month[:7]: n for month, n in _by_month(found).items() if n} == expected, code


def _writers_are_counted(service: Api, here: dict[str, Any]) -> None:
    asked = here | YEARS
    by_month = _by_month(service.get("/v1/metrics/active_members", **asked, grain="month"))
    assert {month: by_month[month] for month in WRITERS} == WRITERS
    (ever,) = service.get("/v1/metrics/active_members", **asked)["items"]
    assert ever["value"] == WRITERS_EVER
    # Whoever accepts an answer is active, too: who wrote is counted as well by who took part.
    (took_part,) = service.get("/v1/metrics/participation", **asked)["items"]
    assert (round(took_part["value"] * took_part["n"], 6), took_part["n"]) == (WRITERS_EVER, 2294)


def _by_month(answer: dict[str, Any]) -> dict[str, int]:
    return {item["from"]: item["value"] for item in answer["items"]}


def _questions_are_measured(service: Api, here: dict[str, Any], lines: Lines) -> None:
    """As the data's own description says: 88.3 % have an answer, and the first one came after 3.68 h in the middle."""
    asked = first_answers(lines)
    times = [seconds for _, seconds in asked if seconds is not None]
    assert (round(len(times) / len(asked), 3), round(median(times) / 3600, 2)) == (0.883, 3.68)
    for from_, to in THREE_YEARS:
        within = [seconds for day, seconds in asked if from_ <= str(day) <= to]
        times = [seconds for seconds in within if seconds is not None]

        def measured(code: str, value: float, n: int, days: dict[str, Any]) -> Any:
            def holds(body: dict[str, Any]) -> bool:
                first = body["items"][0]
                return first["n"] == n and first["value"] == pytest.approx(value, abs=1e-6)

            return service.until(f"/v1/metrics/{code}", holds, **days)

        days: dict[str, Any] = here | {"from": from_, "to": to}
        measured("answered_share", len(times) / len(within), len(within), days)
        assert measured("response_time", median(times), len(times), days)["items"][0]["part"] == "median"


def _who_stays_is_counted(service: Api, here: dict[str, Any], lines: Lines) -> None:
    raw = _raw_facts(lines)
    for count in ("calendar", "rolling"):
        sizes, active = raw.retention(zone="UTC", grain="month", rolling=count == "rolling", staff=True)
        found = service.get("/v1/retention", **(here | YEARS), cohort="month", count=count)["items"]
        assert {date.fromisoformat(item["cohort"]): item["size"] for item in found if item["size"]} == sizes
        # Of each cohort as many months as there have been since the first one: more than the file has.
        cells = {
            (date.fromisoformat(item["cohort"]), k): cell["n"]
            for item in found
            for k, cell in enumerate(item["cells"])
            if cell is not None and cell["n"]
        }
        assert cells == active
        assert sum(cells.values()) > WRITERS_EVER


def _raw_facts(lines: Lines) -> RawFacts:
    askers = {line["id"]: line["author"] for line in lines if line["kind"] == "discussion"}
    people = [line for line in lines if line["kind"] == "person"]
    wrote = [line for line in lines if line["kind"] != "person"]
    raw = RawFacts()
    raw.join((line["id"], _at(line)) for line in people)
    raw.tell((f"{line['kind']} {line['id']}", line["author"], _at(line), 1, True) for line in wrote)
    # The file does not say when an answer was accepted: the import says, when it was given.
    raw.tell(
        (f"accepted {line['id']}", askers[line["discussion"]], _at(line), 1, True)
        for line in wrote
        if line.get("accepted")
    )
    return raw


def _at(line: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(line["at"])
