"""What `qunxue import` does with a server that is starting, and what it tells of a job that has ended."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

import qunxue.importing
from qunxue.importing import FinishedJob, Importer

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
        job = one.run("people", file, community=None, dry_run=True, report=lambda done, total, paused: None)
    assert asked[:3] == ["/livez"] * 3
    assert job.counts == {"created": 1, "updated": 1, "unchanged": 1}


@pytest.fixture
def finished(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is imported has been."""
    job = FinishedJob(
        path="/v1/people/imports/7",
        done=3,
        failed=0,
        total=3,
        counts={"created": 1, "changed": 1, "unchanged": 1},
        errors=[],
    )

    def run(
        self: Importer, *arguments: object, report: Callable[[int, int, bool], None], **options: object
    ) -> FinishedJob:
        report(3, 3, True)
        return job

    monkeypatch.setattr(Importer, "run", run)


ACCOUNT = ("--client-id", "a", "--client-secret", "b")


def test_an_import_tells_what_it_made_changed_and_left_and_its_bar_is_no_output(qunxue, finished, file: Path):
    done = qunxue("import", "people", file, *ACCOUNT)
    assert done.stdout == "1 created, 1 changed, 1 unchanged\n3 of 3 rows done, 0 with errors\n"
    assert "importing people (paused" in done.stderr


def test_a_dry_run_says_that_it_wrote_nothing(qunxue, finished, file: Path):
    done = qunxue("import", "people", file, *ACCOUNT, "--dry-run")
    assert "dry run, nothing was written; it would be: 1 created, 1 changed, 1 unchanged\n" in done.stdout


def test_an_import_goes_to_the_port_that_the_product_listens_on():
    """Read when the command is made, so in a process of its own."""
    program = "from qunxue.commands.imports import DEFAULT_URL; print(DEFAULT_URL)"
    environment = {**os.environ, "QUNXUE_PORT": "8123"}
    said = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout == "http://127.0.0.1:8123\n"
