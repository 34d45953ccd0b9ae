"""Write a migration for a service from the difference between its tables and its migrations (`make migration`)."""

import subprocess
import sys
from pathlib import Path

from chassis.database.revisions import new_revision
from chassis.service import Service
from qunxue.installed import service

STYLE = Path(__file__).parents[1] / "pyproject.toml"


def write(definition: Service, message: str) -> list[Path]:
    """The new file, as `make format` leaves it."""
    paths = new_revision(definition, message)
    for arguments in (["check", "--select", "I,F401", "--fix"], ["format"]):
        command: list[str | Path] = [sys.executable, "-m", "ruff", *arguments, "--quiet", "--config", STYLE, *paths]
        subprocess.run(command, check=True)
    return paths


def main() -> None:
    name, message = sys.argv[1:]
    for path in write(service(name), message):
        print(f"{path}: read it before you commit it")


if __name__ == "__main__":
    main()
