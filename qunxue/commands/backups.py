"""Backing up and restoring."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.status import Status

from chassis.settings import SERVICES, settings
from qunxue.commands.running import quiet_logs, run
from qunxue.terminal import CARE, console, fail

Target = Annotated[
    Path | None,
    typer.Argument(
        help="A new file (embedded) or a new directory (distributed). By default named by the time, in the current directory."
    ),
]
Replace = Annotated[
    bool,
    typer.Option("--replace", help="Restore even if there is data. The existing data is moved aside, not deleted."),
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        help="Distributed: restore only this service's database, while the others stay as they are (repeatable).",
    ),
]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("backup", rich_help_panel=CARE)(backup)
    app.command("restore", rich_help_panel=CARE)(restore)


def backup(target: Target = None) -> None:
    """Back up everything at one point in time, while Qunxue keeps running.

    Embedded: one archive of all SQLite files, the log, the keys and members' files. Distributed: a directory with a dump of each
    database (`pg_dump`), the messages under way and members' files; Kafka must be reachable. A bucket of files is not in it.

    Example: qunxue backup /backups/qunxue-monday.zip
    """
    embedded = settings().mode == "embedded"
    chosen = target or Path(f"qunxue-backup-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{'.zip' if embedded else ''}")
    done: dict[str, Any] = {}
    with console.status("backing up") as status:

        def show(line: dict[str, Any]) -> None:
            if "backup" in line:
                done.update(line)
            elif "copied" in line:
                console.print(f"  {line['copied']:<14} {_size(line['bytes']):>10}", highlight=False, soft_wrap=True)
            else:
                status.update("packing")

        # Absolute: the process that does it may stand elsewhere.
        run("backup", show, target=str(chosen.absolute()))
    console.print(
        f"[green]{done['backup']}[/]  {_size(done['bytes'])}, as of {done['taken_at']}", highlight=False, soft_wrap=True
    )
    for note in done.get("notes", ()):
        console.print(note, highlight=False, soft_wrap=True)


def restore(
    source: Annotated[Path, typer.Argument(help="The file or directory that `qunxue backup` wrote.")],
    replace: Replace = False,
    only: Only = None,
) -> None:
    """Restore a backup into this installation. First stop every process: gateway, apis, workers.

    The whole backup is checked before anything is changed. Files of members that are missing afterwards are listed, with exit code 2.

    Example: qunxue restore /backups/qunxue-monday.zip
    """
    unknown = sorted(set(only or ()) - set(SERVICES))
    if unknown:
        from qunxue.installed import no_service

        raise fail(no_service(unknown[0]))
    try:
        with console.status("restoring") as status:
            whole = asyncio.run(_each(_lines(source, replace=replace, only=only), status))
    except _refusals() as error:
        raise fail(_said(error)) from None
    if not whole:
        raise typer.Exit(2)


def _said(error: Exception) -> str:
    from qunxue.installation import InUse

    return f"{error}: stop it first" if isinstance(error, InUse) else str(error)


async def _each(lines: AsyncIterator[dict[str, Any]], status: Status) -> bool:
    whole = True
    async for line in lines:
        if "restored" in line:
            _end(line)
        elif "missing" in line or "unknown" in line:
            whole = False
            said = line["unknown"] if "unknown" in line else f"missing: file {line['missing']}  {line['name']}"
            console.print(said, highlight=False, markup=False, soft_wrap=True)
        elif "checked" in line:
            console.print(f"  {line['checked']:<26} {_size(line['bytes']):>10}  whole", highlight=False)
        else:
            status.update(str(line["doing"]))
    return whole


def _lines(source: Path, *, replace: bool, only: list[str] | None) -> AsyncIterator[dict[str, Any]]:
    from qunxue.backups import distributed, embedded

    quiet_logs()
    if settings().mode == "distributed":
        return distributed.restore(settings(), source, replace=replace, only=only)
    if only:
        raise fail("--only is for distributed installations; an embedded one is restored as a whole")
    return embedded.restore(settings(), source, replace=replace)


def _refusals() -> tuple[type[Exception], ...]:
    from qunxue.command import CommandFailed
    from qunxue.installation import InUse

    return (CommandFailed, InUse)


def _end(line: dict[str, Any]) -> None:
    console.print(f"[green]Restored[/] as of {line['taken_at']}.", highlight=False)
    if line.get("aside"):
        console.print(
            f"The previous data is in {line['aside']}; delete it when you no longer need it.",
            highlight=False,
            soft_wrap=True,
        )
    for note in line.get("notes", ()):
        console.print(note, highlight=False, soft_wrap=True)


def _size(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{size / 1000:.1f} kB"
