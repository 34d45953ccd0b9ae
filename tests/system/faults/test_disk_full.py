"""Fault 10: the disk of the database is full, and that of files with it, and later there is room again."""

import sqlite3
import tempfile
from pathlib import Path

import httpx
import pytest

from tests.support.small_disk import SmallDisk, small_disk
from tests.support.waiting import eventually_sync
from tests.system.api import Api
from tests.system.stacks import Stack, distributed, embedded

pytestmark = [pytest.mark.fault(10), pytest.mark.slow, pytest.mark.timeout(600)]

PEOPLE = 20
MANY = 600
"""Requests until a full disk is noticed at the latest: files have some room of their own left."""

FULL = "the disk is full"
HALF = b"0123456789abcde\n" * 0x8000
"""Of a file, 512 KiB."""


def _register(api: Api, number: str) -> int:
    answer = api.client.post("/v1/people", json={"employee_no": number, "display_name": f"写入 {number}"})
    if answer.status_code != 201:
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), answer.text
        assert "Retry-After" in answer.headers
    return answer.status_code


def _registered(api: Api) -> set[str]:
    found, after = set(), None
    while True:
        page = api.get("/v1/people", limit=100, **({"cursor": after} if after else {}))
        found |= {person["employee_no"] for person in page["items"]}
        after = page["next"]
        if after is None:
            return found - {None}


class _File:
    """A file on its way: its first half arrives before the disk is full."""

    def __init__(self, api: Api, kept: Path) -> None:
        self.api, self.kept = api, kept
        about = {"purpose": "avatar", "name": "长.txt", "media_type": "text/plain", "size": 2 * len(HALF)}
        self.path = f"/v1/attachments/{api.post('/v1/attachments', about, expect=201)['id']}"
        assert self.send(0).json()["offset"] == len(HALF)

    def send(self, offset: int) -> httpx.Response:
        headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        return self.api.client.patch(f"{self.path}/upload", content=HALF, headers=headers)

    def is_refused(self) -> None:
        """Nothing of the other half is kept or counted, however often it is sent."""
        for _ in range(3):
            answer = self.send(len(HALF))
            assert (answer.status_code, answer.json()["code"]) == (503, "files_unavailable"), answer.text
            assert "Retry-After" in answer.headers
        assert self.api.get(f"{self.path}/upload")["offset"] == len(HALF)
        assert [file.stat().st_size for file in self.kept.rglob("*") if file.is_file()] == [len(HALF)]

    def goes_on(self) -> None:
        """The other half arrives, and the whole is what was sent."""
        assert self.send(len(HALF)).status_code == 200
        self.api.until(self.path, lambda file: file["status"] == "ready")
        assert self.api.client.get(self.api.get(self.path)["href"]).content == 2 * HALF


def _stays_whole(api: Api, disk: SmallDisk, file: _File | None = None) -> set[str]:
    """Fill the disk, ask on, make room. Returns the numbers of those who were registered."""
    done = {number for number in (f"before-{n}" for n in range(PEOPLE)) if _register(api, number) == 201}
    assert len(done) == PEOPLE
    disk.fill()
    refused = 0
    for n in range(MANY):
        if _register(api, f"full-{n}") == 201:
            done.add(f"full-{n}")
        else:
            refused += 1
        if refused == PEOPLE:
            break
    assert refused == PEOPLE
    if file is not None:
        file.is_refused()
    api.get("/v1/people")
    disk.make_room()
    eventually_sync(lambda: _register(api, "after") == 201, interval=0.5, what="a write succeeds again")
    done.add("after")
    if file is not None:
        file.goes_on()
    assert _registered(api) == done
    return done


def test_embedded_a_full_disk_refuses_writes_and_loses_nothing_and_the_product_goes_on_by_itself(tmp_path):
    with small_disk(48) as disk:
        data = disk.folder / "data"
        with embedded(tmp_path / "stack", QUNXUE_DATA_DIR=str(data)) as stack, stack.admin() as admin:
            done = _stays_whole(admin, disk, _File(admin, data / "files"))
            eventually_sync(lambda: _told(stack) >= len(done), what="the other services know everybody")
        for file in sorted(data.glob("*.sqlite")):
            connection = sqlite3.connect(file)
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], file.name
            connection.close()
        assert FULL in (tmp_path / "stack" / "qunxue.log").read_text()


def _told(stack: Stack) -> int:
    """How many people with a number gamification has been told of."""
    assert stack.product is not None
    connection = sqlite3.connect(f"{stack.product.env['QUNXUE_DATA_DIR']}/gamification.sqlite")
    try:
        query = "SELECT count(*) FROM known_people WHERE employee_no IS NOT NULL"
        return int(connection.execute(query).fetchone()[0])
    finally:
        connection.close()


@pytest.mark.postgres
def test_distributed_a_full_disk_of_postgresql_and_files_refuses_writes_and_loses_nothing(tmp_path, monkeypatch):
    with small_disk(256) as disk:
        monkeypatch.setattr(tempfile, "tempdir", str(disk.folder))
        kept = disk.folder / "files"
        parts = {"services": ["membership-api", "content-worker", "gateway"], "later": ("kafka",)}
        with distributed(tmp_path / "stack", variables={"QUNXUE_FILES_URL": str(kept)}, fsync=True, **parts) as stack:
            monkeypatch.undo()
            with stack.admin() as admin:
                _stays_whole(admin, disk, _File(admin, kept))
        assert FULL in (tmp_path / "stack" / "membership-api.log").read_text()
