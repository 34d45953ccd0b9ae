"""Generators of clients, each in a folder of its own in the cache: none is a part of the product, nor fits beside its packages."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.support.jars import cache, locked
from tests.support.needs import ROOT, NotInstalled

PYTHON = ROOT / "requirements" / "clients.txt"
NPM = (ROOT / "requirements" / "package.json", ROOT / "requirements" / "package-lock.json")


def python_generator() -> Path:
    """The program `openapi-python-client` (MIT); NotInstalled where it cannot be had."""

    def install(folder: Path) -> None:
        _run([sys.executable, "-m", "venv", str(folder)], folder.parent)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "--require-hashes", "-r", str(PYTHON)], folder.parent)

    return _kept("python", [PYTHON], install) / "bin" / "python"


def npm_programs() -> Path:
    """The folder with `openapi-typescript` (MIT) and `tsc` (Apache-2.0); NotInstalled where they cannot be had."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise NotInstalled("Node and npm are not installed, so no TypeScript client is made")

    def install(folder: Path) -> None:
        folder.mkdir()
        for one in NPM:
            shutil.copy(one, folder)
        _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)

    return _kept("npm", list(NPM), install) / "node_modules" / ".bin"


def _kept(name: str, locks: list[Path], install: Callable[[Path], None]) -> Path:
    """The folder for what these files lock, filled once."""
    digest = hashlib.sha256(b"".join(one.read_bytes() for one in locks)).hexdigest()[:12]
    folder, done = cache() / f"clients-{name}-{digest}", cache() / f"clients-{name}-{digest}.done"
    with locked(cache() / f"clients-{name}.lock"):
        if not done.exists():
            # A virtual environment cannot be moved, so it is made where it stays.
            shutil.rmtree(folder, ignore_errors=True)
            install(folder)
            done.touch()
    return folder


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        raise NotInstalled(
            f"{Path(command[0]).name} cannot install a generator: {done.stdout[-1000:]}{done.stderr[-1000:]}"
        )
