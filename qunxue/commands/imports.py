"""Imports of people, rosters and history, through the public API like any other system."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from qunxue.terminal import DATA, console, errors, fail

group = typer.Typer(no_args_is_help=True, help="Import people, rosters and history.")

File = Annotated[
    Path,
    typer.Argument(
        exists=True, dir_okay=False, readable=True, help="A CSV or XLSX file, or an archive (NDJSON, also .gz)."
    ),
]
Community = Annotated[str, typer.Option(help="The community's id or slug.")]
Url = Annotated[str, typer.Option(envvar="QUNXUE_API_URL", help="The address of the gateway.")]
ClientId = Annotated[
    str, typer.Option(envvar="QUNXUE_CLIENT_ID", help="A service account with the import's permission.")
]
ClientSecret = Annotated[
    str, typer.Option(envvar="QUNXUE_CLIENT_SECRET", help="The account's secret; safer in the environment.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would happen.")]

DEFAULT_URL = f"http://127.0.0.1:{os.environ.get('QUNXUE_PORT') or 8000}"


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(group, name="import", rich_help_panel=DATA)


@group.command("people")
def people(
    file: File, client_id: ClientId, client_secret: ClientSecret, url: Url = DEFAULT_URL, dry_run: DryRun = False
) -> None:
    """Import people by employee number. Importing the same file again is safe.

    Example: qunxue import people staff.xlsx
    """
    _run("people", file, url=url, client_id=client_id, client_secret=client_secret, community=None, dry_run=dry_run)


@group.command("members")
def members(
    file: File,
    community: Community,
    client_id: ClientId,
    client_secret: ClientSecret,
    url: Url = DEFAULT_URL,
    dry_run: DryRun = False,
) -> None:
    """Import a community's members with their dates of joining.

    Example: qunxue import members roster.csv --community everybody
    """
    _run(
        "members", file, url=url, client_id=client_id, client_secret=client_secret, community=community, dry_run=dry_run
    )


@group.command("checkins")
def checkins(
    file: File,
    community: Community,
    client_id: ClientId,
    client_secret: ClientSecret,
    url: Url = DEFAULT_URL,
    dry_run: DryRun = False,
) -> None:
    """Import check-ins at their original times. Several on one day count once.

    Example: qunxue import checkins history.ndjson.gz --community everybody
    """
    _run(
        "checkins",
        file,
        url=url,
        client_id=client_id,
        client_secret=client_secret,
        community=community,
        dry_run=dry_run,
    )


@group.command("archive")
def archive(
    file: File,
    community: Community,
    client_id: ClientId,
    client_secret: ClientSecret,
    url: Url = DEFAULT_URL,
    dry_run: DryRun = False,
) -> None:
    """Import what a community said elsewhere, with its people: discussions, answers and comments at their own times.

    Stopped half-way, it goes on when started again. Importing the same file again is safe.

    Example: qunxue import archive history.ndjson.gz --community everybody
    """
    to = {"url": url, "client_id": client_id, "client_secret": client_secret}
    wrong = [
        _import(what, file, **to, community=None if what == "people" else community, dry_run=dry_run)
        for what in ("people", "members", "archives")
    ]
    if any(wrong):
        raise typer.Exit(2)


def _run(
    what: str, file: Path, *, url: str, client_id: str, client_secret: str, community: str | None, dry_run: bool
) -> None:
    options = {"url": url, "client_id": client_id, "client_secret": client_secret}
    if _import(what, file, **options, community=community, dry_run=dry_run):
        raise typer.Exit(2)


def _import(
    what: str, file: Path, *, url: str, client_id: str, client_secret: str, community: str | None, dry_run: bool
) -> int:
    """Import a file and say how it went; returns how many rows had errors."""
    from qunxue.importing import Importer, ImportFailed

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with (
            Importer(url=url, client_id=client_id, client_secret=client_secret) as importer,
            Progress(*columns, console=errors) as progress,
        ):
            bar = progress.add_task(f"importing {what}", total=None)

            def report(done: int, total: int | None, paused: bool) -> None:
                says = f"importing {what}{' (paused: what it told is published first)' if paused else ''}"
                progress.update(bar, completed=done, total=total, description=says)

            job = importer.run(
                what,
                file,
                community=community,
                dry_run=dry_run,
                report=report,
            )
    except ImportFailed as failure:
        raise fail(str(failure)) from None
    counted = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in job.counts.items())
    if dry_run:
        console.print(f"dry run, nothing was written; it would be: {counted}", highlight=False, soft_wrap=True)
    elif counted:
        console.print(counted, highlight=False, soft_wrap=True)
    console.print(f"[green]{job.done - job.failed}[/] of {job.total} rows done, [red]{job.failed}[/] with errors")
    for row in job.errors:
        console.print(f"  row {row['row']}: {row['code']} {row['text']}", highlight=False, markup=False, soft_wrap=True)
    if job.failed > len(job.errors):
        console.print(f"  … and {job.failed - len(job.errors)} more: GET {job.path}/errors", soft_wrap=True)
    return job.failed
