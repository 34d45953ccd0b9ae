"""What a real community's seven years come to: who wrote in which month, and who of those who joined together still wrote later.

The writers are those that the data's own description gives. Retention is what DuckDB finds in the file itself; nothing of the product is used there.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.raw_facts import RawFacts
from tests.system.api import Api
from tests.system.archive_recount import lines_of
from tests.system.stacks import STARTS, WAYS
from tests.system.test_real_history import SCOPES, Importer

WRITERS = {"2011-10-01": 42, "2012-03-01": 19, "2015-06-01": 16, "2018-08-01": 11}
WRITERS_EVER = 378
YEARS: dict[str, Any] = {"from": "2011-10-01", "to": "2018-12-31"}


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.timeout(900)
@pytest.mark.parametrize("way", WAYS)
def test_seven_years_of_a_community_are_counted_exactly(way, tmp_path, shared_data):
    archive = shared_data / "history-meta.ndjson.gz"
    with STARTS[way](tmp_path / "stack") as stack, stack.admin() as admin:
        scopes = [*SCOPES, "metrics.read", "retention.read"]
        account = admin.post("/v1/service-accounts", {"name": "history", "scopes": scopes, "community_ids": None})
        here = {"community_id": _open_community(admin)}
        importer = Importer(stack, account, tmp_path)
        importer.run("people", archive, community=None)
        importer.run("archive", archive, community=here["community_id"])
        with admin.as_service(account) as service:
            _writers_are_counted(service, here)
            _who_stays_is_counted(service, here, archive)


def _writers_are_counted(service: Api, here: dict[str, Any]) -> None:
    def has_come(answer: dict[str, Any]) -> bool:
        return _by_month(answer)["2018-08-01"] == WRITERS["2018-08-01"]

    asked = here | YEARS
    by_month = service.until("/v1/metrics/active_members", has_come, **asked, grain="month")
    assert {month: _by_month(by_month)[month] for month in WRITERS} == WRITERS
    (ever,) = service.get("/v1/metrics/active_members", **asked)["items"]
    assert ever["value"] == WRITERS_EVER
    # Whoever accepts an answer is active, too: who wrote is counted as well by who took part.
    (took_part,) = service.get("/v1/metrics/participation", **asked)["items"]
    assert (round(took_part["value"] * took_part["n"], 6), took_part["n"]) == (WRITERS_EVER, 2294)


def _by_month(answer: dict[str, Any]) -> dict[str, int]:
    return {item["from"]: item["value"] for item in answer["items"]}


def _who_stays_is_counted(service: Api, here: dict[str, Any], archive: Path) -> None:
    raw = _raw_facts(archive)
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


def _raw_facts(archive: Path) -> RawFacts:
    lines = lines_of(archive)
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


def _open_community(admin: Api) -> str:
    body = {
        "slug": "history-figures",
        "name": "History Meta",
        "visibility": "private",
        "time_zone": "Etc/UTC",
        "positioning": {"purpose": "culture", "statement": "Talk about how we talk about history", "topics": ["meta"]},
        "charter": {"vision": "History for everybody", "values": [], "code_of_conduct": ["Be kind"]},
    }
    community: dict[str, Any] = admin.post("/v1/communities", body, expect=201)
    admin.post(f"/v1/communities/{community['id']}/open")
    return str(community["id"])
