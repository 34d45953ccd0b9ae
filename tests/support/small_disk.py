"""A disk that a test can fill: a small file system in memory, where the machine lets us mount one."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


class SmallDisk:
    """A mounted file system of a few megabytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Take all the room that is left."""
        # Without a buffer: what did not fit would be written once more when the file is closed, and refused again.
        with self._filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"\0" * 4096)

    def make_room(self) -> None:
        """Give back what `fill` took."""
        self._filler.unlink()


@contextmanager
def small_disk(megabytes: int) -> Iterator[SmallDisk]:
    """Skips the test, with the reason, where nothing can be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="qunxue-disk-"))
    try:
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=1777", "tmpfs", str(folder)]
        try:
            mounted = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            pytest.skip("a full disk needs the command mount")
        if mounted.returncode:
            pytest.skip(f"a full disk needs a file system of its own: {mounted.stderr.strip()}")
        folder.chmod(0o1777)
        try:
            yield SmallDisk(folder)
        finally:
            # Lazily: a process that is slow to end may still have a file open.
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
