"""Care of an installation: dead letters, republishing, the ledger, the audit, administrators."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from qunxue.commands.running import run
from qunxue.terminal import CARE, console

letters = typer.Typer(no_args_is_help=True, help="Handle messages that a service could not apply.")
ledger = typer.Typer(no_args_is_help=True, help="Check the points ledger.")
admin = typer.Typer(no_args_is_help=True, help="Manage administrators.")

ServiceArgument = Annotated[str, typer.Argument(help="membership, gamification, content, events or analytics.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(letters, name="dead-letters", rich_help_panel=CARE)
    app.add_typer(ledger, name="ledger", rich_help_panel=CARE)
    app.add_typer(admin, name="admin", rich_help_panel=CARE)
    app.command("republish", rich_help_panel=CARE)(republish)
    app.command("reindex", rich_help_panel=CARE)(reindex)
    app.command("recount", rich_help_panel=CARE)(recount)
    app.command("audit", rich_help_panel=CARE)(audit)


@letters.command("list")
def list_letters(
    service: Annotated[str | None, typer.Argument(help="Only of this service.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Include those that were already replayed.")] = False,
) -> None:
    """List the messages that could not be applied, and why.

    Example: qunxue dead-letters list gamification
    """
    table = Table("service", "id", "type", "handler", "reason", "failed at")

    def show(line: dict[str, Any]) -> None:
        if line["reason"] == "refused":
            # The rule that refused it, as a code; `show` has the whole text.
            line["reason"] += f": {line['detail'].partition(':')[0]}"
        table.add_row(*(str(line[key] or "") for key in ("service", "id", "type", "handler", "reason", "failed_at")))

    if run("dead-letters.list", show, service=service, all=everything):
        console.print(table)
    else:
        console.print("[green]No dead letters.[/]")


@letters.command("show")
def show_letter(service: ServiceArgument, letter_id: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Show one dead letter with its payload.

    Example: qunxue dead-letters show gamification 01a1fd96-0736-7477-af3f-f74ba741d348
    """
    run("dead-letters.show", _print, service=service, id=letter_id)


@letters.command("replay")
def replay_letters(
    service: ServiceArgument,
    letter_id: Annotated[
        str | None, typer.Argument(metavar="ID", help="One dead letter; by default all of them.")
    ] = None,
) -> None:
    """Apply dead letters again, under their own ids. The exit code is 2 if some failed again.

    Example: qunxue dead-letters replay gamification
    """
    done = []

    def show(line: dict[str, Any]) -> None:
        done.append(line["replayed"])
        if not line["replayed"]:
            console.print(f"[red]{line['id']}[/] {line['why']}", highlight=False)

    run("dead-letters.replay", show, service=service, id=letter_id)
    console.print(f"{sum(done)} replayed, {len(done) - sum(done)} failed again")
    if not all(done):
        raise typer.Exit(2)


def republish(
    service: ServiceArgument,
    subject: Annotated[
        str | None,
        typer.Argument(help="person, community, member …; without it, all of them. Or deeds: what was done."),
    ] = None,
    since: Annotated[
        datetime | None, typer.Option("--since", help="Of deeds, only those that were done from then on (UTC).")
    ] = None,
) -> None:
    """Publish the current state again, or all deeds, for consumers that are new, were restored or lost messages.

    Example: qunxue republish membership
    """
    totals: dict[str, int] = {}
    released: list[str] = []
    with console.status("republishing") as status:

        def show(line: dict[str, Any]) -> None:
            if "released" in line:
                released.append(f"{line['released']} reads on in {line['topic']}")
                return
            totals[line["subject"]] = line["republished"]
            status.update(f"republishing: {line['subject']} {line['republished']}")

        run("republish", show, service=service, subject=subject, since=_utc(since))
    for name, total in totals.items():
        what = "deeds" if name == "deeds" else f"snapshots of {name}"
        console.print(f"{total} {what} written to the outbox")
    for text in released:
        console.print(text, highlight=False)


def reindex() -> None:
    """Build the index of search anew, beside searches and writes. Interrupted, it goes on where it was.

    Example: qunxue reindex
    """
    totals = {"indexed": 0, "deleted": 0}
    with console.status("indexing") as status:

        def show(line: dict[str, Any]) -> None:
            if "began" in line:
                console.print("a new index" if line["began"] else "going on with the index that was begun")
                return
            for name in totals:
                totals[name] += line[name]
            status.update(f"indexing: {totals['indexed']} written, {totals['deleted']} of the one before deleted")

        run("reindex", show)
    console.print(f"{totals['indexed']} things are found by the new index")


def recount() -> None:
    """Add up all facts of analytics anew, beside what is counted and read. Interrupted, it goes on where it was.

    Example: qunxue recount
    """
    totals = {"counted": 0, "deleted": 0}
    with console.status("counting") as status:

        def show(line: dict[str, Any]) -> None:
            if "began" in line:
                console.print("counting anew" if line["began"] else "going on with the count that was begun")
                return
            for name in totals:
                totals[name] += line[name]
            status.update(f"counting: {totals['counted']} facts, {totals['deleted']} rows of the one before deleted")

        run("recount", show)
    console.print(f"{totals['counted']} facts are in the new count")


@ledger.command("verify")
def verify() -> None:
    """Check the ledger: sums, balances, and that nothing was paid twice. The exit code is 2 if something is wrong.

    Example: qunxue ledger verify
    """
    faults: list[dict[str, Any]] = []

    def show(line: dict[str, Any]) -> None:
        if "verified" in line:
            status.update(f"verifying: {line['verified']} of {line['of']} wallets")
        elif "unknown" in line:
            console.print(f"[yellow]not to be known[/] {line['unknown']}", highlight=False)
        elif "fault" in line:
            faults.append(line)
            console.print(f"[red]{line['fault']}[/] {line.get('detail', '')}", highlight=False)
        else:
            console.print("  ".join(f"{key} {value}" for key, value in line.items()), highlight=False)

    with console.status("verifying") as status:
        run("ledger.verify", show)
    if faults:
        raise typer.Exit(2)
    console.print("[green]The ledger is in order.[/]")


def audit(
    community: Annotated[str | None, typer.Option(help="Only entries of this community (id).")] = None,
    actor: Annotated[
        str | None, typer.Option(help="Only entries of this actor: person:<id>, service:<id>, guest:<id>, system.")
    ] = None,
    action: Annotated[str | None, typer.Option(help="Only this action, such as person.suspend.")] = None,
    thing: Annotated[str | None, typer.Option("--object", help="Only entries about this object (id).")] = None,
    since: Annotated[datetime | None, typer.Option(help="Only entries from this moment on (UTC).")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many entries to show.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")] = False,
) -> None:
    """Show who did what in all services, the newest first.

    Example: qunxue audit --action role.grant --since 2026-01-01
    """

    def show(line: dict[str, Any]) -> None:
        if as_json:
            typer.echo(json.dumps(line, default=str, ensure_ascii=False))
            return
        at = str(line["at"])[:19].replace("T", " ")
        what = Text.assemble(
            (at, "dim"), "  ", (line["service"], "cyan"), "  ", line["actor"], "  ", (line["action"], "bold"),
            f"  {line['object_kind']} {line['object_id'] or ''}",
        )  # fmt: skip
        if line["changes"]:
            what.append(f"  {json.dumps(line['changes'], ensure_ascii=False)}", "dim")
        console.print(what, soft_wrap=True)

    shown = run(
        "audit",
        show,
        community=community,
        actor=actor,
        action=action,
        object_id=thing,
        since=_utc(since),
        limit=limit,
    )
    if not shown and not as_json:
        console.print("Nothing found.")


@admin.command("reset-password")
def reset_password(login: Annotated[str, typer.Argument(help="E-mail, employee number or phone.")]) -> None:
    """Give a person who lost their password a new one, printed once. Their sessions end; the audit records it.

    Example: qunxue admin reset-password admin@qunxue.example
    """
    run("admin.reset-password", lambda line: console.print(f"new password: [bold]{line['password']}[/]"), login=login)


@admin.command("reset-second-factor")
def reset_second_factor(login: Annotated[str, typer.Argument(help="E-mail, employee number or phone.")]) -> None:
    """Take away the second factor of a person who lost it and their recovery codes. Their sessions end; the audit records it.

    Example: qunxue admin reset-second-factor admin@qunxue.example
    """
    run(
        "admin.reset-second-factor",
        lambda line: console.print(f"{line['reset']} logs in by password alone until they set up another"),
        login=login,
    )


def _print(line: dict[str, Any]) -> None:
    console.print_json(json.dumps(line, default=str, ensure_ascii=False))


def _utc(moment: datetime | None) -> str | None:
    """As commands take it: what is typed without a zone is UTC."""
    return moment.replace(tzinfo=UTC).isoformat() if moment else None
