"""An installation in a directory of its own, made once and copied, and its command line."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from chassis.settings import Settings, settings
from qunxue.installation import opened, owning, prepare

ADMIN_EMAIL = "admin@qunxue.example"
ADMIN_PASSWORD = "a long password for the tests"

Command = Callable[..., Result]


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory that was migrated and has its administrator."""
    folder = tmp_path_factory.mktemp("made") / "data"

    async def make() -> None:
        chosen = Settings(data_dir=folder, admin_email=ADMIN_EMAIL, admin_password=SecretStr(ADMIN_PASSWORD))
        async with opened(chosen) as installation:
            await prepare(installation)

    with owning(folder):
        asyncio.run(make())
    return folder


@pytest.fixture
def data_dir(made_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made_once, tmp_path / "data"))


@pytest.fixture
def chosen(data_dir: Path) -> Settings:
    return Settings(data_dir=data_dir)


@pytest.fixture
def qunxue(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """Runs a command on the data directory: `qunxue("audit", "--limit", "1")`."""
    from qunxue import terminal
    from qunxue.cli import app

    monkeypatch.setenv("QUNXUE_DATA_DIR", str(data_dir))
    # Not by COLUMNS: another test of the same process may have imported the terminal before.
    monkeypatch.setattr(terminal.console, "_width", 200)
    monkeypatch.setattr(terminal.errors, "_width", 200)
    monkeypatch.setenv("NO_COLOR", "1")
    settings.cache_clear()

    def run(*arguments: str | Path) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    yield run
    settings.cache_clear()
