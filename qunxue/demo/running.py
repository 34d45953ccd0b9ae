"""A running Qunxue of the demo's own, on a directory of its own: filled once, served from then on."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from qunxue.demo.client import DemoFailed

FILLED = "demo.json"
"""Stands in the data directory once everything is there."""
STARTING_SECONDS = 180.0
"""A machine that has other things to do takes long to migrate five databases."""
STOPPING_SECONDS = 20.0
"""It ends itself within 15."""
POLL_SECONDS = 0.1


def state_of(directory: Path) -> dict[str, Any] | None:
    """What the demo said of itself when it was filled; None where nothing is yet. Raises `DemoFailed` for any other directory."""
    if (directory / FILLED).exists():
        found: dict[str, Any] = json.loads((directory / FILLED).read_text("utf-8"))
        return found
    if directory.exists() and any(directory.iterdir()):
        raise DemoFailed(
            f"{directory} has something in it that is no whole demo: remove it yourself if it is one that was cut off, "
            "or name another by QUNXUE_DATA_DIR"
        )
    return None


def keep(directory: Path, state: dict[str, Any]) -> None:
    """Say that everything is there."""
    (directory / FILLED).write_text(json.dumps(state, ensure_ascii=False), "utf-8")


def remove(directory: Path) -> bool:
    """Delete a demo; whether there was one."""
    if state_of(directory) is None:
        return False
    shutil.rmtree(directory)
    return True


def cut_off(directory: Path) -> None:
    """Delete what was begun on an empty directory and did not come to its end, so that the next one begins anew."""
    shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def started(directory: Path, *, url: str, port: int, password: str) -> Iterator["subprocess.Popen[bytes]"]:
    """`qunxue up` on the directory, answering; it ends with the block."""
    environment = os.environ | {
        "QUNXUE_DATA_DIR": str(directory),
        "QUNXUE_ADMIN_PASSWORD": password,
        "QUNXUE_LOG_LEVEL": os.environ.get("QUNXUE_LOG_LEVEL", "WARNING"),
    }
    command = [sys.executable, "-m", "qunxue", "up", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(process, url)
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOPPING_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(process: "subprocess.Popen[bytes]", url: str) -> None:
    until = time.monotonic() + STARTING_SECONDS
    while True:
        if process.poll() is not None:
            raise DemoFailed("Qunxue did not start: see above")
        try:
            if httpx.get(f"{url}/readyz", trust_env=False, timeout=5).is_success:
                return
        except httpx.HTTPError:
            pass
        if time.monotonic() > until:
            raise DemoFailed(f"Qunxue did not answer at {url} within {STARTING_SECONDS:.0f} s")
        time.sleep(POLL_SECONDS)
