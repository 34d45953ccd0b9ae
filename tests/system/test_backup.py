"""A backup taken while people write holds all that was acknowledged before it, and every service tells the same story."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from chassis.settings import SERVICES
from tests.support.processes import Processes, ProcessFailed
from tests.support.waiting import eventually_sync
from tests.system.api import Api
from tests.system.restoring import Company, Hiring, everyone_was_welcomed, found_company, nobody_else_is_known
from tests.system.showing_files import CONTENT, PARTS
from tests.system.stacks import Stack, distributed, embedded

WORKERS = ["membership-worker", "gamification-worker", "content-worker"]
APIS = [f"{service}-api" for service in SERVICES]
HALF = b"0123456789abcde\n" * 0x4000
"""Of a file, 256 KiB: a part may not be smaller."""


def test_embedded_everything_acknowledged_before_a_backup_is_there_after_restoring_it(tmp_path, processes):
    archive = tmp_path / "backup.zip"
    with embedded(tmp_path / "first") as stack:
        company = found_company(stack)
        hiring, before, late = _back_up_under_writes(stack, company, lambda: _run(processes, stack, "backup", archive))
    secret = (tmp_path / "first/data/secret-key").read_bytes()
    processes.run(["qunxue", "restore", str(archive)], env={"QUNXUE_DATA_DIR": str(tmp_path / "second/data")})
    assert (tmp_path / "second/data/secret-key").read_bytes() == secret
    with embedded(tmp_path / "second") as stack:
        _assert_nothing_lost(stack, company, before, late)
    assert hiring.refused == []


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.kafka
@pytest.mark.timeout(900)
def test_distributed_everything_acknowledged_before_a_backup_is_there_after_restoring_it(tmp_path):
    folder = tmp_path / "backup"
    with distributed(tmp_path / "stack", services=["kafka", "gateway", *WORKERS]) as stack:
        compose = stack.compose
        assert compose is not None
        company = found_company(stack)
        files = _Files(stack, tmp_path / "stack/files")
        hiring, before, late = _back_up_under_writes(
            stack, company, lambda: compose.run("migrate", "qunxue", "backup", str(folder))
        )
        with pytest.raises(ProcessFailed, match="membership's worker is running"):
            compose.run("migrate", "qunxue", "restore", "--replace", str(folder))
        _assert_all_are_there(stack, company, late)
        for name in WORKERS:
            assert compose.process(name).terminate() == 0
        with pytest.raises(ProcessFailed, match="somebody is connected to membership"):
            compose.run("migrate", "qunxue", "restore", "--replace", str(folder))
        for name in ["gateway", *APIS]:
            assert compose.process(name).terminate() == 0
        with pytest.raises(ProcessFailed, match="--replace"):
            compose.run("migrate", "qunxue", "restore", str(folder))
        # The disk of the files is lost as well; only one file is missing in the end, as it was when the backup was taken.
        shutil.rmtree(files.kept)
        with pytest.raises(ProcessFailed, match=rf"ended with 2\n(?s:.*)missing: file {files.lost['id']}") as said:
            compose.run("migrate", "qunxue", "restore", "--replace", str(folder), within=180)
        assert str(said.value).count("missing: file") == 1
        for name in [*WORKERS, *APIS, "gateway"]:
            compose.process(name).start()
        for name in [*WORKERS, *APIS, "gateway"]:
            compose.wait_healthy(name)
        files.are_there(stack)
        _assert_nothing_lost(stack, company, before, late)
        _lose_one_database_alone(stack, company, tmp_path / "second")
    assert hiring.refused == []


class _Files:
    """Files of members: one that is whole, one whose bytes get lost before the backup, and one of which a half has arrived."""

    def __init__(self, stack: Stack, kept: Path) -> None:
        self.kept = kept
        with stack.admin() as admin:
            self.whole, self.lost = self._sent(admin, CONTENT), self._sent(admin, CONTENT)
            self.half = self._sent(admin, HALF, of=2 * len(HALF))
        (original,) = kept.glob(f"**/{self.lost['id']}/original")
        original.unlink()

    def are_there(self, stack: Stack) -> None:
        """What was whole is read, what was on its way goes on, and the one without bytes is told as one that is not there."""
        with stack.admin() as admin:
            assert admin.client.get(admin.get(f"/v1/attachments/{self.whole['id']}")["href"]).content == CONTENT
            gone = admin.get(f"/v1/attachments/{self.lost['id']}")["href"]
            admin.problem("GET", gone, 404, "not_found")
            path = f"/v1/attachments/{self.half['id']}"
            headers = PARTS | {"Upload-Offset": str(len(HALF))}
            sent = admin.client.patch(f"{path}/upload", content=HALF, headers=headers)
            assert sent.status_code == 200, sent.text
            file = admin.until(path, lambda file: file["status"] == "ready")
            assert admin.client.get(file["href"]).content == 2 * HALF

    @staticmethod
    def _sent(admin: Api, content: bytes, *, of: int | None = None) -> Any:
        about = {"purpose": "application", "name": "证明.pdf", "media_type": "application/pdf"}
        made = admin.post("/v1/attachments", about | {"size": of or len(content)}, expect=201)
        path = f"/v1/attachments/{made['id']}"
        admin.client.patch(f"{path}/upload", content=content, headers=PARTS).raise_for_status()
        return admin.until(path, lambda file: file["status"] == ("uploading" if of else "ready"))


def _lose_one_database_alone(stack: Stack, company: Company, folder: Path) -> None:
    """The others have gone on since the backup: what they sent meanwhile is read again, and nothing is applied twice."""
    compose = stack.compose
    assert compose is not None
    compose.run("migrate", "qunxue", "backup", str(folder))
    with company.api(stack) as api:
        roster = _assert_all_are_there(stack, company, dict.fromkeys(company.hire(api), ""))
        everyone_was_welcomed(company, api, roster)
    parts = ["gamification-worker", "gamification-api"]
    for name in parts:
        assert compose.process(name).terminate() == 0
    compose.run("migrate", "qunxue", "restore", "--replace", "--only", "gamification", str(folder), within=180)
    for name in parts:
        compose.process(name).start()
        compose.wait_healthy(name)
    with company.api(stack) as api:
        everyone_was_welcomed(company, api, roster)


def test_a_backup_of_a_stopped_installation_is_taken_directly(tmp_path, processes):
    with embedded(tmp_path / "first") as stack:
        company = found_company(stack)
        with company.api(stack) as api:
            hired = company.hire(api)
        _assert_all_are_there(stack, company, dict.fromkeys(hired, ""))
    archive = tmp_path / "backup.zip"
    processes.run(["qunxue", "backup", str(archive)], env={"QUNXUE_DATA_DIR": str(tmp_path / "first/data")})
    assert archive.stat().st_mode & 0o077 == 0
    processes.run(["qunxue", "restore", str(archive)], env={"QUNXUE_DATA_DIR": str(tmp_path / "second/data")})
    with embedded(tmp_path / "second") as stack, company.api(stack) as api:
        assert set(hired) <= set(company.roster(api))


def test_a_running_installation_is_not_restored_into(tmp_path, processes):
    archive = tmp_path / "backup.zip"
    with embedded(tmp_path / "first") as stack:
        _run(processes, stack, "backup", archive)
        with pytest.raises(ProcessFailed, match=r"another process is using .*: stop it first"):
            _run(processes, stack, "restore", "--replace", archive)
        with stack.admin() as admin:
            assert admin.get("/v1/people/me")


def _back_up_under_writes(stack: Stack, company: Company, back_up) -> tuple[Hiring, list[str], dict[str, str]]:
    """Returns the hiring, who was acknowledged before the backup began, and the roster long after it."""
    hiring = Hiring(company, stack)
    with hiring.going_on():
        hiring.more(3)
        before = list(hiring.acknowledged)
        back_up()
        # What happens from here on is lost by restoring, in all services alike.
        hiring.more(3)
    with company.api(stack) as api:
        roster = _assert_all_are_there(stack, company, dict.fromkeys(hiring.acknowledged, ""))
        everyone_was_welcomed(company, api, roster)
    return hiring, before, roster


def _assert_all_are_there(stack: Stack, company: Company, wanted: dict[str, str]) -> dict[str, str]:
    with company.api(stack) as api:
        eventually_sync(
            lambda: set(wanted) <= set(company.roster(api)), interval=0.2, what="everybody is on the roster"
        )
        return company.roster(api)


def _assert_nothing_lost(stack: Stack, company: Company, before: list[str], late: dict[str, str]) -> None:
    roster = _assert_all_are_there(stack, company, dict.fromkeys(before, ""))
    with company.api(stack) as api:
        everyone_was_welcomed(company, api, roster)
        nobody_else_is_known(api, roster, late)
        assert len(roster) < len(late), "nothing happened after the backup, so nothing was shown"
        # And the installation goes on.
        again = company.hire(api)
        everyone_was_welcomed(company, api, _assert_all_are_there(stack, company, dict.fromkeys(again, "")))


def _run(processes: Processes, stack: Stack, *command: str | Path) -> str:
    environment = {name: value for name, value in stack.environment().items() if name.startswith("QUNXUE_")}
    return processes.run(["qunxue", *(str(part) for part in command)], env=environment)
