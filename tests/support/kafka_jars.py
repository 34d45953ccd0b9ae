"""The broker's jars, fetched once: by Maven, else by a reader of its repositories that `scripts/parts` installs as a wheel."""

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

POM = Path(__file__).with_name("kafka-jars.xml")


def jars() -> Path:
    """The folder with the jars, filled at the first call; NotInstalled where that cannot be."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "qunxue"
    folder = cache / f"kafka-{_wanted()[0].rpartition(':')[2]}"
    if folder.exists():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache / "kafka.lock"):
        if not folder.exists():
            _fetch(folder)
    return folder


def _wanted() -> list[str]:
    """What the POM asks for, the broker first: `group:artifact:version`."""
    found = ET.parse(POM).getroot().findall("dependencies/dependency")
    return [":".join(str(one.findtext(part)) for part in ("groupId", "artifactId", "version")) for one in found]


def _fetch(folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="kafka-", dir=folder.parent) as work:
        fetched = Path(work, "jars")
        done = subprocess.run(_command(fetched), cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotInstalled(f"Kafka's jars cannot be fetched: {done.stdout[-2000:]}{done.stderr[-500:]}")
        fetched.rename(folder)


def _command(target: Path) -> list[str]:
    if maven := shutil.which("mvn"):
        return [maven, "-B", "-q", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={target}"]
    if wheel("jgo"):
        # A process of its own: what it warns of is no error of a test.
        return [sys.executable, "-m", "tests.support.kafka_jars", str(target)]
    raise NotInstalled("Maven is not installed, so Kafka's jars cannot be fetched (make parts)")


def _copy(folder: Path) -> None:
    folder.mkdir()
    for artifact in importlib.import_module("jgo").resolve("+".join(_wanted())):
        shutil.copy(artifact.resolve(), folder)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    _copy(Path(sys.argv[1]))
