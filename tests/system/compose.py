"""Starts what docker-compose.yml says, without containers: its commands and environments as processes of this machine.

    with Compose(folder) as stack:
        httpx.get(f"{stack.gateway_url}/livez")
        stack.process("membership-worker").kill()

It reads the file itself, replaces variables as Compose does, and honours `depends_on` with its conditions, health checks and
`stop_grace_period`. Changed are the host names, the ports and the volumes, and nothing else. `postgres` and `kafka` are a real
server and a real broker of this machine; the roles and databases are made by the file that the container would run.

What this cannot show: that the image builds and holds what the commands need; that images of that name exist; names resolved by
the containers' network, and what that network keeps apart; the volumes' and the unprivileged user's rights; the settings of the
`postgres` and `kafka` containers and their health commands (their own servers are asked instead); restart policies; published
ports; memory limits.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from tests.support import shifted_clock
from tests.support.interpolation import interpolate
from tests.support.kafka import KafkaBroker
from tests.support.needs import ROOT
from tests.support.ports import free_port, listens
from tests.support.postgres import PostgresServer
from tests.support.processes import Processes, ProcessFailed, ProductProcess, clean_environment, product_command

FILE = ROOT / "docker-compose.yml"
SERVICES = ("membership", "gamification", "content", "events", "analytics")
ADMIN_EMAIL = "admin@qunxue.example"
ADMIN_PASSWORD = "a long password for the tests"
SECRET_KEY = os.urandom(24).hex()
"""Of all stacks of a process: what one has migrated another can read."""
PATIENCE = 4
"""How many times as long as the file says a start and an end may take: all share a machine that may be slow and busy."""
POSTGRES_PASSWORD = "not asked for by a server that trusts"


@dataclass
class HealthCheck:
    """Compose's own words: seconds, and how many failures after the start period make a service unhealthy.

    It is not asked before something listens on the `port` that it asks: each time it is a process of its own.
    """

    command: list[str]
    timeout: float
    patience: float
    port: int | None


@dataclass
class Part:
    """One service of the file that runs as a process."""

    name: str
    command: list[str]
    environment: dict[str, str]
    depends_on: dict[str, str]
    health: HealthCheck | None
    grace: float
    process: ProductProcess | None = None
    healthy: bool = False
    started_at: float = field(default=0.0)


class Compose:
    """The stack of docker-compose.yml. `folder` takes logs and working directories.

    `variables` are those of the file, on top of host names and ports made for this stack, and secrets. `services` limits the
    stack to some of the file's services and what they depend on. With `fsync`, PostgreSQL keeps what it acknowledged. A server
    named in `later` (`kafka`) is down until the test calls its `start()`. `clock` names a file of seconds that the product's
    clock is ahead. `like`: the data of a server that a stack as this one has migrated, to begin with.
    """

    def __init__(
        self,
        folder: Path,
        *,
        variables: Mapping[str, str] | None = None,
        services: Sequence[str] | None = None,
        fsync: bool = False,
        later: Sequence[str] = (),
        file: Path = FILE,
        clock: Path | None = None,
        like: Path | None = None,
    ) -> None:
        self.folder = folder
        self._like = like
        self._clock = clock
        self.postgres = PostgresServer(fsync=fsync, in_memory=not fsync, like=like)
        self.kafka = KafkaBroker()
        self.variables = {**self._own_variables(), **(variables or {})}
        document = interpolate(yaml.safe_load(file.read_text()), self.variables)
        wanted = _with_dependencies(document["services"], services)
        folder.mkdir(parents=True, exist_ok=True)
        self._processes = Processes(folder)
        self._parts = {
            name: self._part(name, definition)
            for name, definition in document["services"].items()
            if name in wanted and name not in {"postgres", "kafka"}
        }
        self._servers = {name for name in ("postgres", "kafka") if name in wanted and name not in later}
        self._later = set(later)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self.variables['QUNXUE_GATEWAY_PORT']}"

    def service_url(self, service: str) -> str:
        """Where a service's api answers when asked directly."""
        return f"http://127.0.0.1:{self.variables[f'QUNXUE_{service.upper()}_PORT']}"

    def process(self, name: str) -> ProductProcess:
        """The process of one of the file's services, to kill, pause, resume, terminate and start again."""
        process = self._parts[name].process
        if process is None:
            raise LookupError(f"{name} was not started")
        return process

    def has(self, name: str) -> bool:
        """Whether one of the file's services was started: some tests need but a few of them."""
        return name in self._parts and self._parts[name].process is not None

    def environment(self, name: str) -> dict[str, str]:
        """The whole environment of one of the file's services."""
        return self._parts[name].environment

    def database_url(self, service: str) -> str:
        return self._parts["migrate"].environment[f"QUNXUE_{service.upper()}_DATABASE_URL"]

    def run(self, name: str, *command: str, within: float = 180.0) -> str:
        """Run a command to its end with the environment of a service of the file (`docker compose run`); its output."""
        there = _command(command, self._clock)
        return self._processes.run(there, env=self.environment(name), within=within, cwd=self._directory(name))

    def start(self) -> None:
        """Start everything in the order of `depends_on`, and return when all that has a health check is healthy."""
        if "postgres" in self._servers:
            self.postgres.start()
            if self._like is None:
                self._make_databases()
        if "kafka" in self._servers:
            self.kafka.start()
        while not all(self._settled(part) for part in self._parts.values()):
            for part in self._parts.values():
                if part.process is None and all(self._holds(*item) for item in part.depends_on.items()):
                    self._start(part)
            for part in self._parts.values():
                self._look_after(part)
            time.sleep(0.05)

    def wait_healthy(self, name: str) -> None:
        """Return when the health check of a process that was started again passes."""
        part = self._parts[name]
        part.healthy, part.started_at = False, time.monotonic()
        while not part.healthy:
            self._look_after(part)
            time.sleep(0.05)

    def stop(self) -> None:
        """Ask every process to end, the last started first, and stop the servers when all have ended."""
        running = [part for part in reversed(self._parts.values()) if part.process and part.process.running]
        try:
            for part in running:
                assert part.process is not None
                part.process.resume()
                part.process.send(signal.SIGTERM)
            for part in running:
                assert part.process is not None
                part.process.wait(within=PATIENCE * part.grace)
        finally:
            self._processes.stop()
            self.kafka.close()
            self.postgres.close()

    def _own_variables(self) -> dict[str, str]:
        hosts = {f"QUNXUE_{name.upper()}_HOST": "127.0.0.1" for name in (*SERVICES, "postgres", "kafka")}
        ports = {
            f"QUNXUE_{name.upper()}_{kind}": str(free_port())
            for name in (*SERVICES, "gateway")
            for kind in ("PORT", "OPS_PORT", "WORKER_OPS_PORT")
        }
        return {
            **hosts,
            **ports,
            "QUNXUE_LISTEN": "127.0.0.1",
            # Tests move the clock by weeks, and nobody in them has a phone.
            "QUNXUE_SECOND_FACTOR": "optional",
            "QUNXUE_POSTGRES_PORT": str(self.postgres.port),
            "QUNXUE_KAFKA_PORT": str(self.kafka.port),
            "QUNXUE_POSTGRES_PASSWORD": POSTGRES_PASSWORD.replace(" ", "-"),
            "QUNXUE_FILES_URL": str((self.folder / "files").absolute()),
            "QUNXUE_SECRET_KEY": SECRET_KEY,
            "QUNXUE_ADMIN_EMAIL": ADMIN_EMAIL,
            "QUNXUE_ADMIN_PASSWORD": ADMIN_PASSWORD,
            "QUNXUE_PUBLIC_URL": f"http://127.0.0.1:{ports['QUNXUE_GATEWAY_PORT']}",
        }

    def _part(self, name: str, definition: dict[str, Any]) -> Part:
        health = definition.get("healthcheck")
        return Part(
            name=name,
            command=_command(definition["command"], self._clock),
            environment=clean_environment(
                {key: str(value) for key, value in definition["environment"].items()} | self._clock_variable()
            ),
            depends_on={other: how["condition"] for other, how in definition.get("depends_on", {}).items()},
            health=_health_check(health) if health else None,
            grace=_seconds(definition.get("stop_grace_period", "10s")),
        )

    def _clock_variable(self) -> dict[str, str]:
        return {shifted_clock.VARIABLE: str(self._clock)} if self._clock else {}

    def _make_databases(self) -> None:
        password = self.variables["QUNXUE_POSTGRES_PASSWORD"]
        self.postgres.execute_file(ROOT / "deploy/postgres/databases.sql", environment={"POSTGRES_PASSWORD": password})

    def _directory(self, name: str) -> Path:
        directory = self.folder / "directories" / name
        directory.mkdir(parents=True, exist_ok=True)
        return directory

    def _start(self, part: Part) -> None:
        part.process = self._processes.add(
            part.name, part.command, env=part.environment, cwd=self._directory(part.name)
        )
        part.process.start()
        part.started_at = time.monotonic()

    def _holds(self, other: str, condition: str) -> bool:
        if other in self._servers | self._later:
            return True  # asked when they were started
        part = self._parts[other]
        if part.process is None:
            return False
        match condition:
            case "service_started":
                return True
            case "service_healthy":
                return part.healthy
            case "service_completed_successfully":
                return part.process.exit_code == 0
        raise ValueError(f"unknown condition {condition} of {other}")

    def _settled(self, part: Part) -> bool:
        if part.process is None:
            return False
        return part.healthy if part.health else not part.process.running or not self._must_complete(part.name)

    def _must_complete(self, name: str) -> bool:
        return any(part.depends_on.get(name) == "service_completed_successfully" for part in self._parts.values())

    def _look_after(self, part: Part) -> None:
        """Ask a started service how it is; ProcessFailed when it ended or took too long."""
        if part.process is None or part.healthy:
            return
        code = part.process.exit_code
        if code is not None and (code != 0 or part.health):
            raise ProcessFailed(f"{part.name} ended with {code}\n{part.process.tail()}")
        if part.health is None:
            return
        part.healthy = self._passes(part, part.health)
        if not part.healthy and time.monotonic() - part.started_at > PATIENCE * part.health.patience:
            raise ProcessFailed(f"{part.name} is not healthy\n{part.process.tail()}")

    def _passes(self, part: Part, health: HealthCheck) -> bool:
        if health.port is not None and not listens(health.port):
            return False
        try:
            done = subprocess.run(
                health.command,
                env=part.environment,
                timeout=PATIENCE * health.timeout,
                capture_output=True,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0


def _with_dependencies(definitions: Mapping[str, Any], wanted: Sequence[str] | None) -> set[str]:
    if wanted is None:
        return set(definitions)
    found: set[str] = set()
    queue = list(wanted)
    while queue:
        name = queue.pop()
        if name not in found:
            found.add(name)
            queue.extend(definitions[name].get("depends_on", {}))
    return found


def _command(command: Sequence[str], clock: Path | None = None) -> list[str]:
    """The command as the image would find it: its `python` and `qunxue` are this environment's."""
    if command[0] == "python":
        return [sys.executable, *command[1:]]
    found = product_command(command, clock=clock)
    if shutil.which(found[0]) is None:
        raise ProcessFailed(f"no program {found[0]}")
    return found


def _health_check(definition: Mapping[str, Any]) -> HealthCheck:
    kind, *command = definition["test"]
    if kind != "CMD":
        raise ValueError(f"only CMD health checks, not {kind}")
    retries = int(definition["retries"]) * _seconds(definition["interval"])
    return HealthCheck(
        command=_command(command),
        timeout=_seconds(definition["timeout"]),
        patience=_seconds(definition.get("start_period", "0s")) + retries,
        port=int(found.group(1)) if (found := re.search(r"//127\.0\.0\.1:(\d+)/?", " ".join(command))) else None,
    )


def _seconds(text: str) -> float:
    if not text.endswith("s"):
        raise ValueError(f"seconds expected, not {text}")
    return float(text[:-1])
