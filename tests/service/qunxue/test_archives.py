"""A backup of a data directory is restored whole, or nothing is changed and it says why."""

import asyncio
import sqlite3
import zipfile
from contextlib import closing

import orjson
import pytest
from sqlalchemy import text

from chassis.files import Files
from chassis.ids import new_id
from chassis.settings import Settings
from qunxue.backups import embedded
from qunxue.backups.manifest import MANIFEST
from qunxue.command import CommandFailed
from qunxue.installation import RESTORING, HalfRestored, locked, opened, owning
from services.content.attachments.models import Attachment
from services.content.attachments.service import folder_of


@pytest.fixture
async def archive(chosen, tmp_path):
    path = tmp_path / "backup.zip"
    async with opened(chosen) as installation:
        assert [line async for line in embedded.backup(installation, path)][-1]["backup"] == str(path)
    return path


@pytest.fixture
def empty(tmp_path):
    return Settings(data_dir=tmp_path / "empty")


async def restore(settings, path, **options):
    return [line async for line in embedded.restore(settings, path, **options)]


def people(settings):
    with closing(sqlite3.connect(settings.data_dir / "membership.sqlite")) as connection:
        return connection.execute("SELECT email FROM people").fetchall()


def files(settings):
    return {path.name: path.read_bytes() for path in settings.data_dir.iterdir() if path.is_file()}


def rewritten(path, target, change):
    """The archive with some of its files changed: `change(name, content)` answers the new content."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return target


def with_manifest(path, target, **changes):
    return rewritten(
        path,
        target,
        lambda name, content: orjson.dumps(orjson.loads(content) | changes) if name == MANIFEST else content,
    )


async def test_what_was_backed_up_is_there_after_restoring(archive, empty):
    lines = await restore(empty, archive)
    assert lines[-1]["restored"] == len(lines) - 1
    assert people(empty) == [("admin@qunxue.example",)]
    assert (empty.data_dir / "secret-key").stat().st_mode & 0o777 == 0o600


async def test_every_file_of_a_data_directory_is_backed_up_or_worthless(archive, chosen):
    with zipfile.ZipFile(archive) as packed:
        saved = set(packed.namelist())
    worthless = ("-lock", "lock", "-wal", "-shm", ".sock")
    assert [name for name in files(chosen) if name not in saved and not name.endswith(worthless)] == []


async def test_an_archive_is_for_its_owner_alone(archive):
    assert archive.stat().st_mode & 0o777 == 0o600


async def test_a_backup_overwrites_nothing(archive, chosen):
    before = archive.read_bytes()
    async with opened(chosen) as installation:
        with pytest.raises(CommandFailed, match="exists already"):
            await anext(embedded.backup(installation, archive))
    assert archive.read_bytes() == before


async def test_there_is_nothing_to_back_up_before_the_first_start(empty, tmp_path):
    async with opened(empty) as installation:
        with pytest.raises(CommandFailed, match="nothing to back up"):
            await anext(embedded.backup(installation, tmp_path / "nothing.zip"))
    assert not (tmp_path / "nothing.zip").exists()


async def test_databases_are_not_restored_over(archive, chosen):
    before = files(chosen)
    with pytest.raises(CommandFailed, match="--replace"):
        await restore(chosen, archive)
    assert files(chosen) == before


async def test_what_is_replaced_is_kept_beside(archive, chosen):
    with closing(sqlite3.connect(chosen.data_dir / "membership.sqlite")) as connection, connection:
        connection.execute("UPDATE people SET email = 'later@example.com'")
    lines = await restore(chosen, archive, replace=True)
    assert people(chosen) == [("admin@qunxue.example",)]
    [aside] = chosen.data_dir.glob("replaced-*")
    assert lines[-1]["aside"] == str(aside)
    with closing(sqlite3.connect(aside / "membership.sqlite")) as connection:
        assert connection.execute("SELECT email FROM people").fetchall() == [("later@example.com",)]


async def test_a_restore_is_in_the_audit(archive, empty):
    await restore(empty, archive)
    with closing(sqlite3.connect(empty.data_dir / "membership.sqlite")) as connection:
        found = connection.execute("SELECT object_id FROM audit_entries WHERE action = 'restore'").fetchall()
    assert found == [("backup.zip",)]


async def test_the_log_is_copied_as_of_after_the_databases(chosen):
    # What a relay appends just then is in a database's outbox too; the other way round it would be nowhere.
    (chosen.data_dir / "log.sqlite").touch()
    async with opened(chosen) as installation:
        assert list(embedded._sources(installation))[-1] == "log"


async def test_writers_wait_while_the_point_is_set_and_readers_do_not(chosen):
    async with opened(chosen, ["content"]) as installation:
        database = installation.runtimes["content"].database

        async def write():
            async with database.transaction():
                pass

        async with database.exclusive():
            writing = asyncio.create_task(write())
            async with database.reading() as session:
                assert await session.scalar(text("SELECT 1")) == 1
            assert not writing.done()
        await writing


async def test_a_writer_that_does_not_end_is_not_waited_for_for_ever(chosen):
    async with opened(chosen, ["content"]) as installation:
        database = installation.runtimes["content"].database
        async with database.transaction():
            with pytest.raises(TimeoutError):
                async with database.exclusive(wait_seconds=0.01):
                    pass


def flipped(name, content):
    return content[:5000] + b"rust" + content[5004:] if name == "gamification.sqlite" else content


def without_analytics(name, content):
    return None if name == "analytics.sqlite" else content


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (flipped, "gamification.sqlite is not what was backed up"),
        (without_analytics, "analytics.sqlite is missing"),
        (lambda name, content: None if name == MANIFEST else content, "no manifest.json"),
        (lambda name, content: b"{}" if name == MANIFEST else content, "is no backup of Qunxue"),
        (lambda name, content: b"\xff" if name == MANIFEST else content, "is no backup of Qunxue"),
    ],
)
async def test_a_damaged_archive_is_refused_and_changes_nothing(archive, empty, tmp_path, change, said):
    damaged = rewritten(archive, tmp_path / "damaged.zip", change)
    with pytest.raises(CommandFailed, match=said):
        await restore(empty, damaged)
    assert not empty.data_dir.exists()


async def test_a_truncated_archive_is_refused(archive, empty, tmp_path):
    half = tmp_path / "half.zip"
    half.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    with pytest.raises(CommandFailed, match="no backup of Qunxue, or damaged"):
        await restore(empty, half)
    assert not empty.data_dir.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format_version": 2}, "has format 2"),
        ({"format": "other"}, "is no backup of Qunxue"),
        ({"kind": "distributed"}, "run distributed, not embedded"),
        ({"schemas": {"membership": "9999"}}, "schema 9999 is newer than this release"),
        ({"schemas": {"desktop": "0001"}}, "does not know: desktop"),
        ({"files": [{"name": "../secret-key", "size": 1, "sha256": ""}]}, "outside the backup"),
        ({"files": [{"name": "lock", "size": 1, "sha256": ""}]}, "has no place in this installation"),
        ({"files": []}, "has no database of membership"),
        ({"files": [{"name": "membership.sqlite"}]}, "manifest.json is incomplete"),
    ],
)
async def test_a_foreign_manifest_is_refused_and_changes_nothing(archive, empty, tmp_path, changes, said):
    foreign = with_manifest(archive, tmp_path / "foreign.zip", **changes)
    with pytest.raises(CommandFailed, match=said):
        await restore(empty, foreign)
    assert not empty.data_dir.exists()


async def test_nothing_starts_on_a_restore_that_was_cut_off_until_it_is_repeated(archive, empty):
    empty.data_dir.mkdir()
    (empty.data_dir / RESTORING).touch()
    (empty.data_dir / "membership.sqlite").write_bytes(b"half")
    with pytest.raises(HalfRestored), owning(empty.data_dir):
        pass
    await restore(empty, archive)
    with owning(empty.data_dir):
        assert people(empty) == [("admin@qunxue.example",)]


async def test_a_directory_in_use_is_not_restored_into(archive, empty):
    with locked(_made(empty.data_dir)), pytest.raises(RuntimeError, match="another process is using"):
        await restore(empty, archive)


def _made(folder):
    folder.mkdir()
    return folder


async def test_members_files_come_back_and_those_that_are_missing_are_named(chosen, tmp_path):
    kept, lost = Files(chosen), new_id()
    async with opened(chosen) as installation:
        content = installation.runtimes["content"]
        sent = new_id()
        async with content.database.transaction() as session:
            for key, name in ((sent, "here.pdf"), (lost, "lost.pdf")):
                sent_row = Attachment(
                    id=key,
                    person_id=key,
                    purpose="content",
                    name=name,
                    declared_type="application/pdf",
                    size=5,
                    received=5,
                    status="ready",
                    created_at=content.clock(),
                )
                session.add(sent_row)
        await kept.put(f"{folder_of(sent)}/original", b"12345")
        lines = [line async for line in embedded.backup(installation, tmp_path / "with.zip")]
        assert lines[-1]["notes"] == []
    elsewhere = Settings(data_dir=tmp_path / "elsewhere")
    lines = await restore(elsewhere, tmp_path / "with.zip")
    assert [line for line in lines if "missing" in line] == [{"missing": str(lost), "name": "lost.pdf"}]
    pieces = await Files(elsewhere).read(f"{folder_of(sent)}/original")
    assert b"".join([piece async for piece in pieces]) == b"12345"

    damaged = rewritten(
        tmp_path / "with.zip", tmp_path / "bad.zip", lambda name, old: b"1234x" if name.endswith("original") else old
    )
    nowhere = Settings(data_dir=tmp_path / "nowhere")
    with pytest.raises(CommandFailed, match="not what was backed up"):
        await restore(nowhere, damaged)
    assert not nowhere.data_dir.exists()


async def test_a_backup_says_that_it_has_no_bucket(chosen, tmp_path):
    in_a_bucket = chosen.model_copy(update={"files_url": "s3://files"})
    async with opened(in_a_bucket) as installation:
        lines = [line async for line in embedded.backup(installation, tmp_path / "without.zip")]
    assert "back it up yourself" in lines[-1]["notes"][0]
