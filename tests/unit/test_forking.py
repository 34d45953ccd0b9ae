"""Test processes that are forked once all is collected."""

import os
import subprocess
import sys
from itertools import chain

import pytest

from tests.support.needs import ROOT

SHARED = """
import os, pathlib, pytest, signal

signal.signal(signal.SIGTERM, signal.default_int_handler)
HERE = pathlib.Path(__file__).parent
COLLECTED_BY = os.getpid()

@pytest.fixture(scope="session")
def kept():
    yield
    (HERE / f"torn-down-{os.getpid()}").touch()

@pytest.fixture(autouse=True)
def noted(kept, request):
    with (HERE / f"ran-{os.getpid()}").open("a") as file:
        file.write(request.node.name + "\\n")
"""
FILES = {
    "test_a.py": "def test_a1():\n    print('said by a1')\n    assert 1 == 2\ndef test_a2(tmp_path):\n    pass\n",
    "test_b.py": "from conftest import COLLECTED_BY\nimport os\ndef test_b1():\n    assert COLLECTED_BY == os.getppid()\n",
    "test_c.py": "import pytest\n@pytest.fixture\ndef broken():\n    yield\n    raise OSError\n"
    "def test_c1(broken):\n    pass\ndef test_c2():\n    pytest.skip('not here')\n",
}
DIES = {"test_d.py": "import os\ndef test_d1():\n    os._exit(3)\n"}
STARTS = {
    "test_e.py": "import os, signal\ndef test_e1():\n    os.kill(os.getppid(), signal.SIGTERM)\n    signal.pause()\n"
}


@pytest.fixture
def run(tmp_path):
    """Runs tests in files of their own, in two processes."""
    (tmp_path / "conftest.py").write_text(SHARED)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")

    def run(files, *options):
        for name, text in files.items():
            (tmp_path / name).write_text(text)
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "tests.support.forking",
            "-p",
            "no:asyncio",
            "--rootdir",
            str(tmp_path),
            "-c",
            "pytest.ini",
        ]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            [*command, "--forks", "2", "-q", "-ra", "-p", "no:cacheprovider", *options],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


@pytest.mark.slow
def test_each_file_runs_in_one_process_and_all_is_reported_as_ever(run, tmp_path):
    done = run(FILES)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed, 3 passed, 1 skipped, 1 error" in done.stdout
    assert "said by a1" in done.stdout
    assert "assert 1 == 2" in done.stdout
    assert "ERROR test_c.py::test_c1" in done.stdout
    ran = {file.name.removeprefix("ran-"): file.read_text().split() for file in tmp_path.glob("ran-*")}
    assert sorted(chain(*ran.values())) == ["test_a1", "test_a2", "test_b1", "test_c1", "test_c2"]
    assert all(("test_a1" in names) == ("test_a2" in names) for names in ran.values())
    assert {file.name.removeprefix("torn-down-") for file in tmp_path.glob("torn-down-*")} == ran.keys()


@pytest.mark.slow
def test_a_process_that_dies_fails_the_run_and_names_its_test(run):
    done = run(FILES | DIES)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "a test process ended" in done.stdout + done.stderr


@pytest.mark.slow
def test_who_is_told_to_end_tears_down_what_was_made(run, tmp_path):
    done = run(STARTS)
    assert done.returncode == 2, done.stdout + done.stderr
    assert len(list(tmp_path.glob("torn-down-*"))) == 1


@pytest.mark.slow
def test_nothing_more_is_run_after_a_failure_where_that_was_asked_for(run, tmp_path):
    # Each of the others takes longer than it takes to tell of a failure, on a busy machine too; who is told to end waits no longer.
    slow = "import threading\ndef test_m():\n    threading.Event().wait(0.5)\n"
    more = {f"test_m{number}.py": slow for number in range(40)}
    done = run({"test_a.py": FILES["test_a.py"]} | more, "-x")
    assert done.returncode == 1, done.stdout + done.stderr
    assert sum(len(file.read_text().split()) for file in tmp_path.glob("ran-*")) < 20
