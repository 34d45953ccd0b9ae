"""Where the commands print, and the panels under which the help lists them."""

import typer
from rich.console import Console

console = Console()
errors = Console(stderr=True)

RUNNING = "Running"
DATA = "Data"
DOCUMENTS = "Documents"
CARE = "Care"


def fail(message: str) -> typer.Exit:
    """Say what went wrong, in red, and leave with status 1."""
    errors.print(f"[bold red]Error[/] {message}", highlight=False, soft_wrap=True)
    return typer.Exit(1)
