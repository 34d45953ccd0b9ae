"""Messages that a service lost because the log had deleted them before they were read."""

from typing import Annotated, Any

import typer
from rich.table import Table

from qunxue.commands.running import run
from qunxue.terminal import CARE, console

holes = typer.Typer(no_args_is_help=True, help="Messages that a service lost to the log's retention.")

_COLUMNS = ("service", "topic", "state", "known_until", "noticed_at", "closed_at", "missing")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(holes, name="holes", rich_help_panel=CARE)


@holes.command("list")
def list_holes(
    everything: Annotated[bool, typer.Option("--all", help="Also those that are closed.")] = False,
) -> None:
    """List which service waits in which topic, since when, and what must be restated there.

    Example: qunxue holes list
    """
    table = Table(*(name.replace("_", " ") for name in _COLUMNS))

    def show(line: dict[str, Any]) -> None:
        table.add_row(*(_text(line[name]) for name in _COLUMNS))

    if run("holes.list", show, all=everything):
        console.print(table)
    else:
        console.print("[green]No holes.[/]")


@holes.command("accept")
def accept_hole(
    service: Annotated[str, typer.Argument(help="The service that lost messages.")],
    topic: Annotated[str, typer.Argument(help="The topic they were in.")],
) -> None:
    """Have a service read on without what it lost, and trust what it knows: where nothing can be restated.

    Example: qunxue holes accept gamification qunxue.content
    """
    run(
        "holes.accept",
        lambda line: console.print(f"{service} reads on in {line['accepted']} without what it lost", highlight=False),
        service=service,
        topic=topic,
    )


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value or "")[:19]
