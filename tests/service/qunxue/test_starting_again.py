"""`qunxue up` on a directory that is there: what it says, where its figures are, and how it ends."""

import signal
import sys
from pathlib import Path

import httpx
import pytest

from tests.service.qunxue.conftest import ADMIN_EMAIL
from tests.support.children import Child
from tests.support.ports import free_port
from tests.support.processes import clean_environment
from tests.support.waiting import PATIENCE, eventually_sync

pytestmark = pytest.mark.slow


def test_a_second_start_says_how_to_log_in_shows_figures_and_ends_on_ctrl_c(data_dir: Path, tmp_path: Path):
    port, figures = free_port(), free_port()
    environment = clean_environment(
        {
            "QUNXUE_DATA_DIR": str(data_dir),
            "QUNXUE_PORT": str(port),
            "QUNXUE_OPS_PORT": str(figures),
            "QUNXUE_ADMIN_EMAIL": ADMIN_EMAIL,
        }
    )
    up = Child("qunxue", [sys.executable, "-m", "qunxue", "up"], log=tmp_path / "log", env=environment)
    up.start()
    try:
        eventually_sync(lambda: "stop with Ctrl-C" in up.output(), what="it is up")
        assert f"log in as before; a lost password: qunxue admin reset-password {ADMIN_EMAIL}" in up.output()
        assert f"http://127.0.0.1:{figures}/status" in up.output()
        assert httpx.get(f"http://127.0.0.1:{figures}/status", timeout=PATIENCE).status_code == 200
        assert httpx.get(f"http://127.0.0.1:{port}/status", timeout=PATIENCE).status_code == 401
    finally:
        ended = up.terminate(by=signal.SIGINT)
    assert ended == 0
