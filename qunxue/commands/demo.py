"""A small training community to look at, for who has nothing of their own yet."""

import contextlib
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from qunxue.terminal import RUNNING, console, fail

DIRECTORY = Path("var-demo")
PASSWORD = "tongxing-2026"  # noqa: S105 -- of made-up people, on a server that only this machine reaches
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

Url = Annotated[str | None, typer.Option(help="A fresh installation that is running; without it, one is started.")]
Port = Annotated[
    int | None, typer.Option(help="The port of the one that is started; by default QUNXUE_PORT, else 8000.")
]
Password = Annotated[
    str | None,
    typer.Option(
        envvar="QUNXUE_DEMO_PASSWORD", help=f"Of the 60 people; by default {PASSWORD}, with --url to be given."
    ),
]
Remove = Annotated[bool, typer.Option("--remove", help="Take the demo away again.")]
Fill = Annotated[bool, typer.Option("--only-fill", help="End when everything is there, instead of serving it.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=RUNNING)(demo)


def demo(
    url: Url = None, port: Port = None, password: Password = None, remove: Remove = False, only_fill: Fill = False
) -> None:
    """Start a Chinese training community to look at: 60 people, 60 days, a team that has work to do.

    It keeps its data in ./var-demo, or in QUNXUE_DATA_DIR. With --url it fills a fresh installation that is running, as
    the administrator of QUNXUE_ADMIN_EMAIL and QUNXUE_ADMIN_PASSWORD.

    Example: qunxue demo
    """
    from qunxue.demo.client import DemoFailed

    try:
        if url is not None:
            _elsewhere(url, password, remove=remove)
        elif remove:
            _remove()
        else:
            _here(port, password or PASSWORD, only_fill=only_fill)
    except DemoFailed as failure:
        raise fail(str(failure)) from None


def _elsewhere(url: str, password: str | None, *, remove: bool) -> None:
    from chassis.settings import settings
    from qunxue.demo.client import Client, DemoFailed
    from qunxue.demo.leaving import take_out

    if settings().admin_password is None:
        raise DemoFailed("QUNXUE_ADMIN_EMAIL and QUNXUE_ADMIN_PASSWORD say who the administrator is")
    with Client(url) as anyone, anyone.log_in(settings().admin_email, _secret()) as admin:
        if remove:
            console.print(f"the community is archived, {take_out(admin)} people left; what they wrote stays")
            return
        if password is None:
            raise DemoFailed("--password: which password should the 60 people have?")
        _fill(admin, password)


def _here(port: int | None, password: str, *, only_fill: bool) -> None:
    from chassis.settings import settings
    from qunxue.demo.client import Client, DemoFailed
    from qunxue.demo.running import cut_off, keep, started, state_of

    chosen, directory = settings(), _directory()
    if chosen.host not in LOOPBACK and password == PASSWORD:
        raise DemoFailed(f"others reach {chosen.host}: give the 60 people a password of your own, QUNXUE_DEMO_PASSWORD")
    state = state_of(directory)
    address = f"http://{chosen.host}:{port or chosen.port}"
    # Python leaves Ctrl-C alone where a shell started us beside itself (`&` in a script): `qunxue up` ends by it there, too.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _interrupt)
    kept = state is not None
    try:
        with started(directory, url=address, port=port or chosen.port, password=password) as process:
            if state is None:
                with Client(address) as anyone, anyone.log_in(chosen.admin_email, password) as admin:
                    state = _fill(admin, password)
                keep(directory, state)
                kept = True
            if only_fill:
                return
            _announce(address, directory, state)
            process.wait()
    except KeyboardInterrupt:
        console.print("stopped", highlight=False)
    finally:
        if not kept:
            cut_off(directory)


def _fill(admin: Any, password: str) -> dict[str, Any]:
    from qunxue.demo.company import Calendar
    from qunxue.demo.filling import Filling, fill, now
    from qunxue.demo.steps import STEPS

    def say(text: str) -> None:
        console.print(f"  {text}", highlight=False, soft_wrap=True)

    filling = Filling(admin, password, Calendar(now()), say)
    seconds = fill(filling, steps=STEPS)
    console.print(f"everything is there, in {seconds:.0f} s", highlight=False)
    return {"community_id": filling.community_id, "password": password, "filled_at": filling.calendar.now.isoformat()}


def _announce(address: str, directory: Path, state: dict[str, Any]) -> None:
    from qunxue.demo.company import people

    console.print(f"\n[bold green]Qunxue 群学[/] shows its demo at [bold]{address}[/]", soft_wrap=True)
    console.print(f"  API documents   {address}/docs", soft_wrap=True)
    console.print(f"  community       {state['community_id']}", highlight=False, soft_wrap=True)
    for role in ("owner", "operator", ""):
        one = next(one for one in people() if one.role == role and one.is_member)
        what = role or "member"
        console.print(f"  {what:<15} {one.no} {one.name}, password {state['password']}", highlight=False)
    console.print("  a walk          docs/tour.md", highlight=False)
    console.print(f"  data directory  {directory.absolute()}; away with it: {_again()} --remove", soft_wrap=True)
    console.print("  stop with Ctrl-C\n", soft_wrap=True)


def _again() -> str:
    """How this command is called from here: who has only the README has no `qunxue` on their path."""
    return f"{Path(sys.argv[0]).parent / 'qunxue'} demo" if sys.argv[0].startswith(".") else "qunxue demo"


def _remove() -> None:
    from qunxue.demo.running import remove
    from qunxue.installation import InUse, owning

    directory = _directory()
    try:
        with owning(directory) if directory.exists() else contextlib.nullcontext():
            there = remove(directory)
    except InUse as error:
        raise fail(f"{error}: stop the demo first") from None
    console.print(f"{directory} is gone" if there else f"there is no demo in {directory}", highlight=False)


def _directory() -> Path:
    from chassis.settings import settings

    chosen = settings()
    return chosen.data_dir if "data_dir" in chosen.model_fields_set else DIRECTORY


def _secret() -> str:
    from chassis.settings import settings

    password = settings().admin_password
    return password.get_secret_value() if password is not None else ""


def _interrupt(signal_number: int, frame: object) -> None:
    raise KeyboardInterrupt
