"""What keeps the product from starting is said in one line that names the setting, with status 1."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import clean_environment

pytestmark = pytest.mark.slow  # each is a start of the product


def start(folder: Path, *arguments: str, **environment: object) -> subprocess.CompletedProcess[str]:
    given = {"QUNXUE_DATA_DIR": folder / "data", "QUNXUE_PORT": 0} | environment
    return subprocess.run(
        [sys.executable, "-m", "qunxue", *(arguments or ("up",))],
        env=clean_environment({name: str(value) for name, value in given.items()}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("QUNXUE_PORT", "eighty", "QUNXUE_PORT: Input should be a valid integer"),
        ("QUNXUE_PORT", "70000", "QUNXUE_PORT: Input should be less than or equal to 65535"),
        ("QUNXUE_LOG_LEVEL", "loud", "QUNXUE_LOG_LEVEL: Input should be"),
        ("QUNXUE_ADMIN_PASSWORD_FILE", "/there/is/none", "QUNXUE_ADMIN_PASSWORD_FILE names a file that cannot be read"),
        ("QUNXUE_ADMIN_PASSWORD", "secret", "QUNXUE_ADMIN_PASSWORD needs at least 8 characters"),
        ("QUNXUE_ADMIN_EMAIL", "nobody", "QUNXUE_ADMIN_EMAIL: This is not an e-mail address"),
        ("QUNXUE_DATA_DIR", "/proc/qunxue", "QUNXUE_DATA_DIR: /proc/qunxue cannot be used"),
    ],
)
def test_a_setting_that_cannot_be_is_named_in_one_line(tmp_path: Path, name: str, value: str, said: str):
    done = start(tmp_path, **{name: value})
    errors = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    assert done.returncode == 1
    assert len(errors) == 1, done.stderr
    assert said in errors[0]
    assert "secret" not in done.stderr


def test_telemetry_that_this_product_does_not_have_is_refused(tmp_path: Path):
    done = start(tmp_path, QUNXUE_TELEMETRY="true", OTEL_EXPORTER_OTLP_PROTOCOL="grpc")
    errors = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    assert done.returncode == 1
    assert errors == ["Error OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' is not known here, only 'http/protobuf'"]


@pytest.mark.parametrize("command", [("up",), ("serve", "gateway")])
def test_a_port_in_use_is_named_before_anything_starts(tmp_path: Path, command: tuple[str, ...]):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = start(tmp_path, *command, QUNXUE_PORT=port)
    assert done.returncode == 1
    assert done.stderr.strip() == f"Error nothing can listen on 127.0.0.1:{port}: Address already in use"
    assert not (tmp_path / "data" / "membership.sqlite").exists()
