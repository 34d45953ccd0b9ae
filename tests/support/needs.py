"""What a test needs of its machine: skipped with the reason where it is missing, a failure in CI."""

import importlib.util
import os
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[2]


class NotInstalled(Exception):
    """A program that this machine does not have; the text says which and how to get it."""


def wheel(package: str) -> Path | None:
    """The folder of a package that `scripts/parts` installs where the machine has no such program of its own."""
    found = importlib.util.find_spec(package)
    return Path(found.origin).parent if found and found.origin else None


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def missing(reason: str) -> NoReturn:
    """Skip the test, or fail it where everything must be there."""
    if in_ci():
        pytest.fail(f"missing in CI: {reason}", pytrace=False)
    pytest.skip(reason)


def shared_data_folder() -> Path:
    """The folder of real data: QUNXUE_SHARED_DATA, else `shared/data` beside the repository."""
    return Path(os.environ.get("QUNXUE_SHARED_DATA") or ROOT.parent / "shared" / "data")
