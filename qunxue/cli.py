"""The `qunxue` command."""

import asyncio
import sys
from typing import Annotated

import typer

from qunxue.commands import register
from qunxue.terminal import RUNNING, console, fail

app = typer.Typer(
    name="qunxue",
    help="Qunxue 群学: the backend for enterprise training communities.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from qunxue.version import version

        typer.echo(f"qunxue {version()}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Options before the command."""


@app.command(rich_help_panel=RUNNING)
def up(
    port: Annotated[int | None, typer.Option(help="The port to listen on; by default QUNXUE_PORT, else 8000.")] = None,
) -> None:
    """Run everything in one process: SQLite files, a local log, no broker. Stop it with Ctrl-C.

    Example: QUNXUE_DATA_DIR=/srv/qunxue qunxue up --port 8000
    """
    import uvloop

    from chassis.logs import configure_logs
    from chassis.settings import settings
    from qunxue.embedded import run_embedded
    from qunxue.installation import HalfRestored, InUse

    chosen = settings() if port is None else settings().model_copy(update={"port": port})
    # A person at a terminal reads lines; whatever collects logs reads JSON.
    form = "text" if sys.stderr.isatty() and "log_format" not in chosen.model_fields_set else chosen.log_format
    configure_logs(process="qunxue", level=chosen.log_level, form=form)
    try:
        uvloop.run(run_embedded(chosen, console))
    except InUse as error:
        raise fail(f"{error}: is Qunxue running already?") from None
    except HalfRestored as error:
        raise fail(str(error)) from None


@app.command(rich_help_panel=RUNNING)
def serve(
    service: Annotated[str, typer.Argument(help="membership, gamification, content, events, analytics or gateway.")],
    port: Annotated[int | None, typer.Option(help="The port to listen on; by default QUNXUE_PORT, else 8000.")] = None,
) -> None:
    """Serve the API of one service, or the gateway, in a distributed installation.

    Example: qunxue serve membership --port 8101
    """
    import uvloop

    from chassis.logs import configure_logs
    from chassis.settings import settings
    from qunxue import distributed
    from qunxue.installation import InUse

    chosen = settings() if port is None else settings().model_copy(update={"port": port})
    configure_logs(process=f"{service}-api", level=chosen.log_level, form=chosen.log_format)
    try:
        uvloop.run(distributed.serve(service, chosen))
    except LookupError as error:
        raise fail(str(error)) from None
    except InUse as error:
        raise fail(f"{error}: `qunxue up` serves {service} already") from None


@app.command(rich_help_panel=RUNNING)
def work(
    services: Annotated[list[str], typer.Argument(help="One or more services, all run in one process.")],
) -> None:
    """Run the workers of services in a distributed installation: relay, consumers, timers and jobs.

    Example: qunxue work content events analytics
    """
    import uvloop

    from chassis.logs import configure_logs
    from chassis.settings import settings
    from qunxue import distributed
    from qunxue.installation import InUse

    configure_logs(process=f"{services[0]}-worker", level=settings().log_level, form=settings().log_format)
    try:
        uvloop.run(distributed.work(services, settings()))
    except (LookupError, InUse, distributed.NotConfigured) as error:
        raise fail(str(error)) from None


@app.command(rich_help_panel=RUNNING)
def migrate() -> None:
    """Migrate every database to this release, and create the first administrator and the services' accounts.

    Example: QUNXUE_ADMIN_PASSWORD_FILE=/run/secrets/admin qunxue migrate
    """
    from chassis.logs import configure_logs
    from chassis.settings import settings
    from qunxue.installation import HalfRestored, InUse, opened, owning, prepare

    configure_logs(process="migrate", level=settings().log_level, form=settings().log_format)

    async def run() -> list[str]:
        async with opened(settings()) as installation:
            return await prepare(installation)

    try:
        if settings().mode == "embedded":
            with owning(settings().data_dir):
                lines = asyncio.run(run())
        else:
            lines = asyncio.run(run())
    except InUse as error:
        raise fail(f"{error}: it migrated its databases when it started") from None
    except HalfRestored as error:
        raise fail(str(error)) from None
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True)
    console.print("[green]All databases are up to date.[/]")


register(app)


def main() -> None:
    """The entry point."""
    from chassis.memory import collect_less_often_from_now
    from chassis.settings import SettingsInvalid
    from qunxue.installation import Unusable
    from qunxue.server import CannotListen

    collect_less_often_from_now()
    try:
        app()
    except (SettingsInvalid, Unusable, CannotListen) as error:
        raise SystemExit(fail(str(error)).exit_code) from None
