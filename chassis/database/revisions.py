"""Writing a new migration from the difference between the code's tables and a database at the head."""

import re
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import Engine, create_engine

from chassis.database.migrations import Migrated, alembic_config, versions_folder


def new_revision(service: Migrated, message: str, *, engine: Engine | None = None) -> list[Path]:
    """Write `<NNNN>_<message>.py` into the service's package and return it.

    Compares with a fresh SQLite database unless an engine is given; look at the result before committing it.
    """
    folder = Path(versions_folder(service))
    number = f"{len(list(folder.glob('[0-9]*.py'))) + 1:04d}"
    slug = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")
    with tempfile.TemporaryDirectory() as directory:
        engine = engine or create_engine(f"sqlite:///{directory}/revision.sqlite")
        with engine.connect() as connection:
            config = alembic_config(service, connection)
            command.upgrade(config, "head")
            connection.commit()
            script = command.revision(
                config, message=message, autogenerate=True, rev_id=number, version_path=str(folder)
            )
        engine.dispose()
    scripts = script if isinstance(script, list) else [script]
    written = []
    for one in scripts:
        if one is None:
            continue
        path = Path(one.path)
        target = path.with_name(f"{number}_{slug}.py")
        path.rename(target)
        _tidy(target)
        written.append(target)
    return written


def _tidy(path: Path) -> None:
    """Leave out imports that this revision does not need, and Alembic's own comments."""
    text = path.read_text(encoding="utf-8")
    if "UTCDateTime()" not in text:
        text = text.replace("from sqlmodel import UTCDateTime\n", "")
    if text.count("JsonDocument") == 1:
        text = text.replace("\nfrom chassis.database.types import JsonDocument\n", "")
    text = re.sub(r"\n +# ### .* ###", "", text)
    path.write_text(text, encoding="utf-8")
