"""Where the servers of the tests come from."""

import shutil
from pathlib import Path

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
