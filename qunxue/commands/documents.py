"""Documents of the API, for people and code generators."""

import json
from pathlib import Path
from typing import Annotated

import typer

from qunxue.terminal import DOCUMENTS, console, fail

Output = Annotated[Path | None, typer.Option("--output", "-o", help="The file to write; by default standard output.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("openapi", rich_help_panel=DOCUMENTS)(openapi)
    app.command("asyncapi", rich_help_panel=DOCUMENTS)(asyncapi)
    app.command("problems", rich_help_panel=DOCUMENTS)(problems)
    app.command("triggers", rich_help_panel=DOCUMENTS)(triggers)
    app.command("notifications", rich_help_panel=DOCUMENTS)(notifications)


def openapi(
    service: Annotated[
        str | None, typer.Argument(help="One service; by default all services, merged as the gateway shows them.")
    ] = None,
    output: Output = None,
) -> None:
    """Write the OpenAPI document. No server needs to run.

    Example: qunxue openapi membership -o membership.json
    """
    from qunxue.documents import merged_openapi, service_openapi

    try:
        document = service_openapi(service) if service else merged_openapi()
    except LookupError as error:
        raise fail(str(error)) from None
    _write(_json(document), output)


def asyncapi(output: Output = None) -> None:
    """Write the AsyncAPI document: all integration events, and who may read and write each topic.

    Example: qunxue asyncapi -o asyncapi.json
    """
    from qunxue.documents import asyncapi_document

    _write(_json(asyncapi_document()), output)


def problems(output: Output = None) -> None:
    """Write the list of problem codes in both languages, as Markdown.

    Example: qunxue problems -o docs/problems.md
    """
    from qunxue.problem_list import page

    _write(page(), output)


def triggers(output: Output = None) -> None:
    """Write the list of triggers of earning rules in both languages, as Markdown.

    Example: qunxue triggers -o docs/triggers.md
    """
    from qunxue.trigger_list import page

    _write(page(), output)


def notifications(output: Output = None) -> None:
    """Write the list of what people are told, by message and in both languages, as Markdown.

    Example: qunxue notifications -o docs/notifications.md
    """
    from qunxue.notification_list import page

    _write(page(), output)


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _write(text: str, output: Path | None) -> None:
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
        console.print(f"written to {output}", soft_wrap=True)
