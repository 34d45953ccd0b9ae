"""The data directory is one installation's alone."""

import pytest

from chassis.settings import Settings, settings
from qunxue.distributed import beside
from qunxue.installation import InUse, Unusable, locked, owning


def test_a_data_directory_that_is_there_already_is_closed_to_others(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    with locked(folder):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_directory_with_other_peoples_things_in_it_is_refused(tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "letter.txt").touch()
    with pytest.raises(Unusable, match="open to others"), locked(folder):
        pass
    assert folder.stat().st_mode & 0o777 == 0o755


def test_a_service_does_not_write_where_the_whole_product_runs(tmp_path):
    with owning(tmp_path), pytest.raises(InUse), beside(Settings(data_dir=tmp_path), ["membership"]):
        pass


def test_services_and_the_gateway_may_run_beside_each_other(tmp_path):
    chosen = Settings(data_dir=tmp_path)
    with beside(chosen, ["membership"]), beside(chosen, ["content"]), beside(chosen, ["gateway"]):
        pass
    with owning(tmp_path), beside(chosen, ["gateway"]):
        pass


def test_a_command_in_the_wrong_directory_makes_nothing_and_says_where_it_looked(qunxue, monkeypatch, tmp_path):
    wrong = tmp_path / "elsewhere"
    monkeypatch.setenv("QUNXUE_DATA_DIR", str(wrong))
    settings.cache_clear()
    result = qunxue("audit")
    assert result.exit_code == 1
    assert f"there is no Qunxue in {wrong}" in result.stderr
    assert not wrong.exists()


def test_restoring_a_bad_archive_leaves_nothing_behind(qunxue, monkeypatch, tmp_path):
    archive, fresh = tmp_path / "backup.zip", tmp_path / "new" / "data"
    assert qunxue("backup", archive).exit_code == 0
    whole = archive.read_bytes()
    monkeypatch.setenv("QUNXUE_DATA_DIR", str(fresh))
    settings.cache_clear()
    # One cannot be opened, of the other the last files are spoilt.
    for content in (b"no archive", whole[: len(whole) // 2] + bytes(200) + whole[len(whole) // 2 + 200 :]):
        archive.write_bytes(content)
        result = qunxue("restore", archive)
        assert (result.exit_code, "damaged" in result.stderr) == (1, True)
        assert not fresh.parent.exists()
    archive.write_bytes(whole)
    assert qunxue("restore", archive).exit_code == 0
    assert (fresh / "membership.sqlite").exists()
