"""A backup taken while people write holds all that was acknowledged before it, and every service tells the same story."""

from pathlib import Path

import pytest

from chassis.settings import SERVICES
from tests.support.processes import Processes, ProcessFailed
from tests.support.waiting import eventually_sync
from tests.system.restoring import Company, Hiring, everyone_was_welcomed, found_company, nobody_else_is_known
from tests.system.stacks import Stack, distributed, embedded

WORKERS = ["membership-worker", "gamification-worker"]
APIS = [f"{service}-api" for service in SERVICES]


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
@pytest.mark.timeout(600)
def test_distributed_everything_acknowledged_before_a_backup_is_there_after_restoring_it(tmp_path):
    folder = tmp_path / "backup"
    with distributed(tmp_path / "stack", services=["kafka", "gateway", *WORKERS]) as stack:
        compose = stack.compose
        assert compose is not None
        company = found_company(stack)
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
        compose.run("migrate", "qunxue", "restore", "--replace", str(folder), within=180)
        for name in [*WORKERS, *APIS, "gateway"]:
            compose.process(name).start()
        for name in [*WORKERS, *APIS, "gateway"]:
            compose.wait_healthy(name)
        _assert_nothing_lost(stack, company, before, late)
        _lose_one_database_alone(stack, company, tmp_path / "second")
    assert hiring.refused == []


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
