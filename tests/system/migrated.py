"""What `qunxue migrate` leaves in an empty installation: made once by a test process, and copied by each product that it starts.

What happens when an empty installation is migrated has tests of its own; each of these would pay for it.
"""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from pathlib import Path

Made = Callable[[Path, datetime | None], None]
"""Leaves the data in a folder that is not there yet, as of a moment; None: the machine's."""

ASKED_OF_IT = ("DATABASE", "ADMIN", "SECRET", "BOOTSTRAP", "DATA_DIR")
"""Parts of the names of settings by which it leaves other data."""


def is_usual(variables: Iterable[str]) -> bool:
    """Whether a product with these settings of its own may begin with a copy."""
    return not any(part in name for name in variables for part in ASKED_OF_IT)


@cache
def kept(made: Made, starts_at: datetime | None) -> Path:
    """The folder with such data, to be copied."""
    folder = Path(tempfile.mkdtemp(prefix="qunxue-migrated-"))
    folder.chmod(0o755)  # PostgreSQL is another user
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made(folder / "data", starts_at)
    return folder / "data"
