"""The commands, a module a group."""

import typer

from qunxue.commands import backups, care, demo, documents, holes, imports


def register(app: typer.Typer) -> None:
    """Add every group to the command."""
    for module in (demo, imports, documents, care, holes, backups):
        module.register(app)
