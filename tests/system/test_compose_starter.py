"""The starter of docker-compose.yml keeps Compose's own promises, shown on small files."""

import json
from pathlib import Path

import pytest

from tests.support.processes import ProcessFailed
from tests.system.compose import Compose

SERVER = """
import http.server, os, sys
print("migrated" if os.path.exists(os.environ["MARK"]) else "too early", flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""

FILE = """
services:
  api:
    command: ["python", "-c", {server}, "${{QUNXUE_GATEWAY_PORT:-8000}}"]
    environment: {{MARK: {mark}}}
    stop_grace_period: 5s
    depends_on: {{migrate: {{condition: service_completed_successfully}}}}
    healthcheck:
      test: ["CMD", "python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:${{QUNXUE_GATEWAY_PORT:-8000}}')"]
      interval: 1s
      timeout: 5s
      retries: {retries}
  after:
    command: ["python", "-c", "import time; time.sleep(60)"]
    environment: {{}}
    depends_on: {{api: {{condition: service_healthy}}}}
  migrate:
    command: ["python", "-c", {migrate}]
    environment: {{MARK: {mark}}}
"""
MIGRATE = "import os, pathlib; pathlib.Path(os.environ['MARK']).touch()"


def compose_file(folder: Path, *, server: str = SERVER, migrate: str = MIGRATE, retries: int = 15) -> Path:
    file = folder / "compose.yml"
    text = FILE.format(server=json.dumps(server), migrate=json.dumps(migrate), mark=folder / "mark", retries=retries)
    file.write_text(text)
    return file


def test_a_service_waits_for_what_it_depends_on(tmp_path: Path):
    with Compose(tmp_path, file=compose_file(tmp_path)) as stack:
        assert "migrated" in stack.process("api").output()
        assert stack.process("after").running


def test_a_service_that_was_killed_is_waited_for_again(tmp_path: Path):
    with Compose(tmp_path, file=compose_file(tmp_path), services=["api"]) as stack:
        stack.process("api").kill()
        stack.process("api").start()
        stack.wait_healthy("api")
        with pytest.raises(KeyError):
            stack.process("after")


def test_a_migration_that_fails_starts_nothing_after_it(tmp_path: Path):
    file = compose_file(tmp_path, migrate="raise SystemExit('no database')")
    with pytest.raises(ProcessFailed, match=r"migrate ended with 1\n.*\nno database"), Compose(tmp_path, file=file):
        pass
    assert not (tmp_path / "api.log").exists()


def test_a_service_that_never_gets_healthy_ends_the_start(tmp_path: Path):
    file = compose_file(tmp_path, server="import time; time.sleep(60)", retries=1)
    with pytest.raises(ProcessFailed, match="api is not healthy"), Compose(tmp_path, file=file):
        pass
