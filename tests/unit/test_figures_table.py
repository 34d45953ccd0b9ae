"""The table of figures keeps what was measured before, and says of nothing for ever that it failed."""

from pathlib import Path

import pytest

from benchmarks import __main__ as table

BEFORE = """# Benchmarks

| what | ours | compared with | ratio | to reach | |
| --- | --- | --- | --- | --- | --- |
| a page | 1 | 2 | 0.50 × | ≤ 1 × | reached |
| seats | | | | | **failed**: RuntimeError |
| unread | | | | | **failed**: RuntimeError |
| calendars | | | | | **failed**: ModuleNotFoundError |
"""


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "benchmarks.md"
    path.write_text(BEFORE, encoding="utf-8")
    monkeypatch.setattr(table, "TABLE", path)
    monkeypatch.setattr(table, "section", lambda: "")


@pytest.mark.usefixtures("written")
def test_a_benchmark_that_failed_is_said_to_until_it_is_run_again_and_one_that_is_none_not_at_all() -> None:
    kept = table.kept(["| a door | 1 | 1 | 1.00 × | ≤ 2 × | reached |"], ["seats"])
    assert [line.split("|")[1].strip() for line in kept] == ["a page", "unread", "a door"]


@pytest.mark.usefixtures("written")
def test_a_row_about_the_same_is_replaced_where_it_stands() -> None:
    kept = table.kept(["| a page | 1 | 1 | 1.00 × | ≤ 1 × | reached |"], [])
    assert kept[0] == "| a page | 1 | 1 | 1.00 × | ≤ 1 × | reached |"


def test_a_name_that_no_benchmark_has_is_refused_before_anything_is_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert table.main(["calendars", "--write"]) == 2
    assert "no such benchmark: calendars" in capsys.readouterr().out


def test_why_one_failed_stands_in_its_row_without_a_path_of_the_machine() -> None:
    said = table.reason(RuntimeError("it did not start in /srv/x/y | at all\nTraceback"))
    assert said == "RuntimeError: it did not start in at all"
    assert table.reason(RuntimeError()) == "RuntimeError"
