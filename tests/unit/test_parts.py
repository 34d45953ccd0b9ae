"""Where the servers of the tests come from."""

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from tests.support import jars, postgres
from tests.support.needs import NotInstalled

INSTALLED = Path("/opt/parts")
WHEEL = Path("site-packages/some_wheel")


@pytest.fixture(params=[(jars, jars.java), (postgres, postgres.binaries)], ids=["java", "postgres"])
def part(request, monkeypatch):
    """A server's module, and what finds its program."""
    monkeypatch.setattr(Path, "glob", lambda *_: [])
    return request.param


def test_what_is_installed_goes_before_a_wheel(part, monkeypatch):
    module, find = part
    monkeypatch.setattr(shutil, "which", lambda wanted: str(INSTALLED / wanted))
    monkeypatch.setattr(module, "wheel", lambda _: WHEEL)
    assert INSTALLED in {Path(find()), Path(find()).parent}


def test_a_wheel_is_taken_where_nothing_is_installed(part, monkeypatch):
    module, find = part
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(module, "wheel", lambda _: WHEEL)
    assert WHEEL in Path(find()).parents


def test_where_there_is_neither_one_line_says_what_to_do(part, monkeypatch):
    module, find = part
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(module, "wheel", lambda _: None)
    with pytest.raises(NotInstalled, match=r"^\w+ is not installed \(make parts\)$"):
        find()


@pytest.mark.parametrize(("free", "available", "there"), [(5, 5, True), (1, 5, False), (5, 1, False)])
def test_data_are_kept_in_memory_where_there_is_room_in_the_folder_and_the_machine(free, available, there, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free * 2**30))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=available * 2**30))
    assert postgres.folder_in_memory() == (postgres.MEMORY if there else None)


def test_what_a_killed_test_process_left_in_memory_is_removed(tmp_path, monkeypatch):
    dead, alive = tmp_path / f"{postgres.FOLDER}-4194304-x", tmp_path / f"{postgres.FOLDER}-{os.getpid()}-x"
    dead.mkdir()
    alive.mkdir()
    monkeypatch.setattr(postgres, "MEMORY", tmp_path)
    monkeypatch.setattr(postgres, "MEMORY_NEEDED", 0)
    assert postgres.folder_in_memory() == tmp_path
    assert list(tmp_path.iterdir()) == [alive]


def test_a_machine_without_a_folder_in_memory_keeps_data_on_its_disk(monkeypatch):
    monkeypatch.setattr(postgres, "MEMORY", Path("/nowhere"))
    assert postgres.folder_in_memory() is None
