"""An installation as one process sees it: the services' runtimes, prepared for use."""

import fcntl
import stat
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from chassis.database.migrations import migrate, preparing
from chassis.service import RunningService
from chassis.settings import Settings
from qunxue.installed import service, services

LOCK_FILE = "lock"
LOG_FILE = "log.sqlite"
RESTORING = "restoring"
"""This file exists while a restore puts files in place. After an interrupted restore, nothing else may start."""


class InUse(RuntimeError):
    """Another process owns the data directory."""


class Unusable(RuntimeError):
    """The data directory cannot be made or written."""


class HalfRestored(RuntimeError):
    """A restore into the data directory was cut off while it put files in place."""


@dataclass(frozen=True)
class Installation:
    """Runtimes by service name."""

    settings: Settings
    runtimes: dict[str, RunningService]


@asynccontextmanager
async def opened(settings: Settings, names: Sequence[str] | None = None) -> AsyncIterator[Installation]:
    """The runtimes of all services, or of those named; closed at the end."""
    chosen = [service(name) for name in names] if names else services()
    runtimes = {definition.name: RunningService(definition, settings) for definition in chosen}
    try:
        yield Installation(settings, runtimes)
    finally:
        for runtime in runtimes.values():
            await runtime.close()


async def prepare(installation: Installation) -> list[str]:
    """Migrate every database and make what the services need before their first request; returns lines for the operator."""
    lines: list[str] = []
    for runtime in installation.runtimes.values():
        await migrate(runtime.database, runtime.service)
        if runtime.service.bootstrap is not None:
            async with preparing(runtime.database):
                lines += await runtime.service.bootstrap(runtime)
    return lines


@contextmanager
def owning(data_dir: Path) -> Iterator[None]:
    """Own the data directory to work on it. Raises `InUse` when another process does, `HalfRestored`."""
    with locked(data_dir):
        if (data_dir / RESTORING).exists():
            raise HalfRestored(f"a restore into {data_dir} was cut off: run `qunxue restore` again")
        yield


@contextmanager
def sharing(data_dir: Path) -> Iterator[None]:
    """Use the data directory beside other parts of Qunxue. Raises `InUse` when `qunxue up` owns it, `Unusable`."""
    with locked(data_dir, kind=fcntl.LOCK_SH):
        yield


def closed_to_others(data_dir: Path) -> None:
    """Let nobody else into the data directory. Raises `Unusable` where that cannot be, or others have things in it."""
    mode = stat.S_IMODE(data_dir.stat().st_mode)
    if not mode & 0o077:
        return
    names = {one.name for one in data_dir.iterdir()}
    ours = not names or not names.isdisjoint({LOCK_FILE, RESTORING, "secret-key", "membership.sqlite"})
    if ours:
        with suppress(PermissionError):
            data_dir.chmod(0o700)
            return
    raise Unusable(
        f"QUNXUE_DATA_DIR: {data_dir.absolute()} is open to others ({mode:o}), and everything in it will be personal or secret:"
        " name a directory of its own, or close it with chmod 700"
    )


@contextmanager
def locked(data_dir: Path, *, kind: int = fcntl.LOCK_EX) -> Iterator[None]:
    """Own the data directory in whatever state it is. Raises `InUse` when another process does, `Unusable`.

    The lock is the operating system's: it ends with the process, however that ends.
    """
    # Everything in it is personal or secret.
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        closed_to_others(data_dir)
        lock = (data_dir / LOCK_FILE).open("w")
    except OSError as error:
        raise Unusable(f"QUNXUE_DATA_DIR: {data_dir.absolute()} cannot be used: {error.strerror}") from None
    with lock as file:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse(f"another process is using {data_dir}") from None
        yield
