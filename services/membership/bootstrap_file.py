"""The file that holds the first administrator's generated password until their first log-in."""

import os
from pathlib import Path

from chassis.settings import Settings

FILE_NAME = "initial-admin-password"


def keep_initial_password(settings: Settings, password: str) -> Path:
    """Write the password where only the owner of the process can read it, and make sure it is on the disk."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    path = settings.data_dir / FILE_NAME
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(password + "\n")
        file.flush()
        os.fsync(file.fileno())
    return path


def forget_initial_password(settings: Settings, used: str) -> None:
    """Remove the file once somebody has logged in with the password in it."""
    path = settings.data_dir / FILE_NAME
    try:
        if path.read_text(encoding="utf-8").strip() == used:
            path.unlink()
    except OSError:
        return
