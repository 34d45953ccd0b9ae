"""The servers that other tests stand on do what those tests need of them."""

import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from tests.support import forked, shifted_clock
from tests.support.kafka import KafkaBroker
from tests.support.needs import ROOT
from tests.support.ports import free_port
from tests.support.postgres import PostgresServer
from tests.support.processes import Processes, ProcessFailed, ProductProcess, clean_environment, product_command
from tests.support.waiting import eventually_sync


@pytest.mark.postgres
def test_postgres_keeps_its_databases_through_a_kill(postgres_server: PostgresServer):
    postgres_server.create_database("kept")
    postgres_server.kill()
    postgres_server.start()
    assert "kept" in postgres_server.databases()


@pytest.mark.postgres
def test_postgres_copies_a_template(postgres_server: PostgresServer):
    postgres_server.create_database("model")
    postgres_server.execute("create table things (id int)", database="model")
    postgres_server.create_database("copy", template="model")
    assert postgres_server.execute("select count(*) from things", database="copy") == "0"


@pytest.mark.postgres
def test_copies_of_a_template_are_nobody_elses(postgres_server: PostgresServer):
    postgres_server.create_database("form")
    postgres_server.execute("create table things (id int)", database="form")
    first, second = (postgres_server.copy_of("form").rpartition("/")[2] for _ in range(2))
    postgres_server.execute("insert into things values (1)", database=first)
    assert [postgres_server.execute("select count(*) from things", database=one) for one in (first, second)] == [
        "1",
        "0",
    ]
    postgres_server.restart()
    assert postgres_server.copy_of("form").rpartition("/")[2] not in (first, second)


@pytest.mark.postgres
def test_a_kill_leaves_nobody_who_makes_the_next_copy(postgres_server: PostgresServer):
    postgres_server.create_database("mould")
    postgres_server.copy_of("mould")
    postgres_server.kill()
    left = [child.name() for child in psutil.Process().children()]
    postgres_server.start()
    assert "psql" not in left
    assert postgres_server.execute("select 1", database=postgres_server.copy_of("mould").rpartition("/")[2]) == "1"


@pytest.mark.postgres
def test_a_copy_that_nobody_asked_for_and_that_cannot_be_made_keeps_no_server_from_stopping(
    postgres_server: PostgresServer,
):
    postgres_server.create_database("broken")
    postgres_server.copy_of("broken")
    postgres_server.drop_database("broken")
    postgres_server.copy_of("broken")
    postgres_server.restart()
    assert postgres_server.execute("select 1") == "1"


@pytest.mark.postgres
def test_a_database_that_was_let_go_is_gone_when_the_next_is_made(postgres_server: PostgresServer):
    postgres_server.create_database("let_go")
    postgres_server.let_go("let_go")
    postgres_server.create_database("next")
    assert postgres_server.databases() & {"let_go", "next"} == {"next"}


@pytest.mark.postgres
def test_no_service_can_connect_to_anothers_database():
    with PostgresServer() as server:
        server.execute_file(ROOT / "deploy/postgres/databases.sql", environment={"POSTGRES_PASSWORD": "it's \\ odd"})
        assert server.execute("select current_user", database="membership", role="membership") == "membership"
        server.execute("create table mine (id int)", database="content", role="content")
        with pytest.raises(RuntimeError, match="permission denied"):
            server.execute("select 1", database="membership", role="gamification")


@pytest.mark.kafka
def test_kafka_keeps_its_topics_through_a_restart(kafka_broker: KafkaBroker):
    kafka_broker.create_topics("kept", partitions=3)
    kafka_broker.restart()
    with kafka_broker.admin() as admin:
        assert "kept" in admin.list_topics()


def test_a_command_that_fails_shows_the_end_of_its_log(processes: Processes):
    with pytest.raises(ProcessFailed, match="it hurts"):
        processes.run(["sh", "-c", "echo it hurts; exit 3"])


def test_a_process_can_be_killed_and_started_again(processes: Processes):
    child = processes.start("sleeper", ["sleep", "60"])
    first = child.pid
    child.kill()
    assert child.exit_code == -9
    child.start()
    assert child.running
    assert child.pid != first


@pytest.mark.parametrize("arguments", [["--version"], ["serve", "nobody"], ["work", "nobody"]])
def test_what_is_forked_says_and_ends_as_what_is_started(tmp_path: Path, arguments: list[str]):
    (tmp_path / "clock").write_text("0")
    environment = clean_environment({"QUNXUE_DATA_DIR": str(tmp_path), shifted_clock.VARIABLE: str(tmp_path / "clock")})
    ended = []
    for way in ("started", "forked"):
        command = product_command(["qunxue", *arguments], clock=tmp_path / "clock" if way == "forked" else None)
        assert forked.can_fork(command, environment) == (way == "forked")
        child = ProductProcess(way, command, log=tmp_path / f"{way}.log", env=environment, cwd=tmp_path)
        child.start()
        ended.append((child.wait(within=120), child.output()))
    assert ended[0] == ended[1]
    assert ended[0][1]


@pytest.mark.parametrize("name", ["COLUMNS", "PYTHONUTF8"])
def test_what_is_set_for_the_whole_run_forks_and_what_is_set_for_one_command_does_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
):
    command = product_command(["qunxue", "--version"], clock=tmp_path / "clock")
    monkeypatch.setenv(name, "1")
    assert forked.can_fork(command, clean_environment())
    assert not forked.can_fork(command, clean_environment({name: "0"}))


def test_what_is_forked_is_a_child_like_any(tmp_path: Path):
    clock = tmp_path / "clock"
    clock.write_text("0")
    environment = clean_environment({"QUNXUE_DATA_DIR": str(tmp_path / "data"), shifted_clock.VARIABLE: str(clock)})
    port = free_port()
    command = product_command(["qunxue", "serve", "gateway", "--port", str(port)], clock=clock)
    child = ProductProcess("forked", command, log=tmp_path / "forked.log", env=environment, cwd=tmp_path)
    for end, code in ((child.kill, -signal.SIGKILL), (child.terminate, 0)):
        child.start()
        child.ready_sync(f"http://127.0.0.1:{port}/livez")
        process = psutil.Process(child.pid)
        assert (process.ppid(), process.cwd()) == (os.getpid(), str(tmp_path))
        assert os.getpgid(child.pid) == os.getsid(child.pid) == child.pid
        end()
        assert child.exit_code == code


def test_no_setting_of_the_developer_reaches_the_product(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("QUNXUE_PORT", "1")
    assert "QUNXUE_PORT" not in clean_environment()


DYING_RUN = """
import os, pathlib, signal
from tests.support.children import Child
from tests.support.waiting import eventually_sync
child = Child("child", ["sh", "-c", "echo up; exec sleep 60"], log=pathlib.Path("child.output"))
child.start()
eventually_sync(child.output)
print(child.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_children_die_with_a_killed_test_run(processes: Processes, tmp_path: Path):
    with pytest.raises(ProcessFailed):
        processes.run([sys.executable, "-c", DYING_RUN], cwd=tmp_path)
    (log,) = tmp_path.glob("*.log")
    child = int(log.read_text())
    eventually_sync(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE)
