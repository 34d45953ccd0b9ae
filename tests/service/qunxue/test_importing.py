"""What `qunxue import` does with a server that is starting, and what it tells of a job that has ended."""

import json
from pathlib import Path

import httpx
import pytest

import qunxue.importing
from qunxue.importing import Importer

JOB = {"state": "succeeded", "done": 3, "failed": 0, "total": 3, "result": {"created": 1, "updated": 1, "unchanged": 1}}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "staff.csv"
    path.write_text("employee_no,display_name\n1,张伟\n", encoding="utf-8")
    return path


def test_a_server_that_is_starting_is_waited_for(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(qunxue.importing, "POLL_SECONDS", 0.001)
    asked: list[str] = []

    def server(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if len(asked) < 3:
            raise httpx.ConnectError("not yet")
        answers = {
            "/livez": httpx.Response(200, json={}),
            "/v1/tokens": httpx.Response(200, json={"access_token": "t", "expires_in": 900}),
            "/v1/people/imports": httpx.Response(202, headers={"Location": "/v1/people/imports/7"}),
            "/v1/people/imports/7": httpx.Response(200, text=json.dumps(JOB)),
            "/v1/people/imports/7/errors": httpx.Response(200, json={"items": []}),
        }
        return answers[request.url.path]

    with Importer(url="http://qunxue", client_id="a", client_secret="b", transport=httpx.MockTransport(server)) as one:
        job = one.run("people", file, community=None, dry_run=True, report=lambda done, total: None)
    assert asked[:3] == ["/livez"] * 3
    assert job.counts == {"created": 1, "updated": 1, "unchanged": 1}
