"""A database that is put back after every attempt, and that tells whether an attempt changed anything."""

import sqlite3
from pathlib import Path


class Frozen:
    """An SQLite file as it was when this was made. The service that owns it may stay up."""

    def __init__(self, file: Path) -> None:
        self._live = sqlite3.connect(file, isolation_level=None, timeout=10)
        self._kept = sqlite3.connect(":memory:")
        self._live.backup(self._kept)
        self._seen = self._version()

    def keep(self) -> None:
        """What is there now is what it is put back to."""
        self._live.backup(self._kept)
        self._seen = self._version()

    def changed(self) -> bool:
        """Whether anybody committed anything since the last time it was put back."""
        return self._version() != self._seen

    def put_back(self) -> None:
        """Make it what it was.

        A backup counts the schema's version up, and every connection would read all tables' definitions and prepare all its statements
        anew at its next request, which no request of the product has to. The tables are the same: so is the number.
        """
        (version,) = self._live.execute("PRAGMA schema_version").fetchone()
        self._kept.backup(self._live)
        self._live.execute(f"PRAGMA schema_version = {version}")
        self._seen = self._version()

    def close(self) -> None:
        self._live.close()
        self._kept.close()

    def _version(self) -> int:
        return int(self._live.execute("PRAGMA data_version").fetchone()[0])
