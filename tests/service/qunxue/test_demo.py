"""What `qunxue demo` leaves alone: directories, installations and people that are not its own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.settings import settings
from qunxue.demo.client import Client, DemoFailed
from qunxue.demo.company import SLUG, people
from qunxue.demo.filling import check_fresh
from qunxue.demo.leaving import take_out
from qunxue.demo.running import FILLED, keep, remove, state_of
from tests.service.qunxue.conftest import Command

Answers = Callable[[httpx.Request], httpx.Response]


def client(answers: Answers) -> Client:
    return Client("http://qunxue", "token", transport=httpx.MockTransport(answers))


def page(*items: dict[str, Any]) -> httpx.Response:
    return httpx.Response(200, json={"items": list(items), "next": None})


def test_a_directory_with_something_else_in_it_is_neither_used_nor_deleted(tmp_path: Path):
    (tmp_path / "mine.txt").write_text("mine")
    for use in (state_of, remove):
        with pytest.raises(DemoFailed, match="no whole demo"):
            use(tmp_path)
    assert (tmp_path / "mine.txt").exists()


def test_a_demo_that_is_whole_is_known_by_its_own_file_and_goes(tmp_path: Path):
    folder = tmp_path / "demo"
    assert state_of(folder) is None
    assert remove(folder) is False
    folder.mkdir()
    keep(folder, {"community_id": "17"})
    assert state_of(folder) == {"community_id": "17"}
    assert (folder / FILLED).exists()
    assert remove(folder) is True
    assert not folder.exists()


@pytest.mark.parametrize(
    ("people_there", "communities_there"), [([{"employee_no": "00123"}], []), ([], [{"slug": "everybody"}])]
)
def test_where_somebody_works_already_nothing_is_filled_in(people_there, communities_there):
    def answers(request: httpx.Request) -> httpx.Response:
        return page(*(people_there if request.url.path == "/v1/people" else communities_there))

    with client(answers) as admin, pytest.raises(DemoFailed, match="needs a fresh one"):
        check_fresh(admin)


def test_a_fresh_installation_has_its_administrator_alone():
    def answers(request: httpx.Request) -> httpx.Response:
        return page({"employee_no": None}) if request.url.path == "/v1/people" else page()

    with client(answers) as admin:
        check_fresh(admin)


def test_taken_out_of_an_installation_only_its_own_people_leave():
    first, second = people()[:2]
    rows = [
        {"id": "1", "employee_no": first.no, "email": first.email, "status": "active"},
        {"id": "2", "employee_no": second.no, "email": "somebody.else@example.com", "status": "active"},
        {"id": "3", "employee_no": "00123", "email": "zhang.wei@example.com", "status": "active"},
    ]
    told: list[tuple[str, Any]] = []

    def answers(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            body = json.loads(request.content)
            told.append((request.url.path, body))
            return httpx.Response(200, json={"items": [{"status": 200} for _ in body.get("ids", [])]})
        return (
            page({"id": "c", "slug": SLUG, "status": "open"}) if request.url.path == "/v1/communities" else page(*rows)
        )

    with client(answers) as admin:
        assert take_out(admin) == 1
    assert told == [
        ("/v1/communities/c/archive", {}),
        ("/v1/people/batch", {"action": "leave", "ids": ["1"]}),
    ]


def test_where_there_is_no_demo_nobody_leaves():
    with client(lambda request: page()) as admin, pytest.raises(DemoFailed, match="there is no community"):
        take_out(admin)


def test_a_server_that_others_reach_wants_a_password_of_ones_own(
    qunxue: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("QUNXUE_HOST", "0.0.0.0")
    monkeypatch.setenv("QUNXUE_DATA_DIR", str(tmp_path / "demo"))
    settings.cache_clear()
    done = qunxue("demo", "--only-fill")
    assert done.exit_code == 1
    assert "password of your own" in done.output
    assert not (tmp_path / "demo").exists()


def test_what_was_not_done_for_want_of_time_is_asked_again_and_a_refusal_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("qunxue.demo.client.time.sleep", lambda seconds: None)
    asked: list[str] = []

    def answers(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["Idempotency-Key"])
        if len(asked) < 3:
            return httpx.Response(503, headers={"Retry-After": "1"}, json={"code": "overloaded"})
        return (
            httpx.Response(201, json={"id": "7"}) if len(asked) == 3 else httpx.Response(422, json={"code": "invalid"})
        )

    with client(answers) as one:
        assert one.post("/v1/ideas", {"title": "x"}) == {"id": "7"}
        assert len(set(asked)) == 1
        with pytest.raises(DemoFailed, match="POST /v1/ideas: 422"):
            one.post("/v1/ideas", {"title": "y"})
