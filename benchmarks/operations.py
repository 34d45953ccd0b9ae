"""What every operation of the API documents costs, and what people do most with all that follows: CPU, statements, driver.

    python -m benchmarks.operations [--beside CHECKOUT] [--only operations|whole] [--databases sqlite postgres]

The recipes of the authorization matrix say how each operation is called, so a new one is there by itself. CPU is that of the process
which answers, from the request until it rests, through the gateway; the driver's is that of the same statements sent again without
anything else. With `--beside` an older release, whose recipes lie beside its features, is asked in the same run. The tables stand in
`docs/benchmarks.md`.
"""

import argparse
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from benchmarks.costs import whole
from benchmarks.costs.asking import HERE, LIVEZ, Cost, costs
from benchmarks.costs.section import write_section
from benchmarks.figures import Figure, end_with
from tests.support.needs import NotInstalled

MEDIAN_MS, EACH_MS = 3.0, 8.0
MAY_TAKE_MORE = ("session", "token", "password", "activat", "import", "batch")
"""Log-in, imports and batches, by parts of the operations' names: passwords are hashed slowly on purpose, files have many rows."""

Asked = Mapping[str, Mapping[str, Cost]]
"""By database, and by operation."""


def label(checkout: Path) -> str:
    """What a checkout is called in the tables."""
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=checkout, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "before"


def operations_table(ours: Asked, before: Asked, name: str) -> list[str]:
    """The dearest first."""
    databases = list(ours)
    head, rule = ["operation"], ["---"]
    for database in databases:
        columns = ["CPU", "× livez", "statements", "driver"]
        if before:
            columns += [f"CPU {name}", f"× livez {name}", f"statements {name}"]
        head += [f"{column}, {database}" for column in columns]
        rule += ["---:"] * len(columns)
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join(rule) + " |"]
    dearest = ours[databases[0]]
    for operation in sorted(dearest, key=lambda one: -dearest[one].cpu):
        status = dearest[operation].status
        cells = [f"`{operation}`" + (f" (answered {status})" if status >= 400 else "")]
        for database in databases:
            cost, livez = ours[database][operation], ours[database][LIVEZ]
            cells += [f"{cost.cpu:.2f}", f"{cost.cpu / livez.cpu:.1f}", str(cost.statements)]
            cells += ["" if cost.bare is None else f"{cost.bare:.2f}"]
            if before:
                was = before[database].get(operation)
                cells += _of_before(was, before[database][LIVEZ]) if was else [""] * 3
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _of_before(cost: Cost, livez: Cost) -> list[str]:
    return [f"{cost.cpu:.2f}", f"{cost.cpu / livez.cpu:.1f}", str(cost.statements)]


def whole_table(ours: Mapping[str, float], before: Mapping[str, float], name: str) -> list[str]:
    columns = ["asked of the whole product, embedded", "CPU ms", "× livez"]
    columns += [f"CPU ms {name}", f"× livez {name}"] if before else []
    columns += ["to reach"]
    lines = ["| " + " | ".join(columns) + " |", "| --- |" + " ---: |" * (len(columns) - 1)]
    for row in whole.ROWS:
        cells = [row.what]
        for side in (ours, before) if before else (ours,):
            cells += [f"{side[row.key]:.2f}", f"{side[row.key] / side['livez']:.1f}"]
        lines.append("| " + " | ".join([*cells, f"{row.to_reach:g}" if row.to_reach else ""]) + " |")
    return lines


def figures_of(ours: Asked, asked_whole: Mapping[str, float]) -> list[Figure]:
    """What the tables say in a line each."""
    figures = []
    for database, found in ours.items():
        livez = found[LIVEZ].cpu
        beside = f"`GET /livez` {livez:.2f} ms"
        plain = {name: cost.cpu for name, cost in found.items() if name != LIVEZ}
        middle = median(plain.values())
        what = f"an operation, through the gateway, {database}: median of {len(plain)}"
        figures.append(Figure(what, f"{middle:.2f} ms CPU", beside, middle, MEDIAN_MS, "most", "ms"))
        quick = {name: cpu for name, cpu in plain.items() if not any(part in name for part in MAY_TAKE_MORE)}
        dearest = max(quick, key=lambda name: quick[name])
        above = sum(cpu > EACH_MS for cpu in quick.values())
        what = f"the dearest but log-in, imports and batches, {database}: `{dearest}`, {above} above {EACH_MS:g} ms"
        figures.append(Figure(what, f"{quick[dearest]:.2f} ms CPU", beside, quick[dearest], EACH_MS, "most", "ms"))
    for row in whole.ROWS:
        if asked_whole and row.to_reach is not None:
            took, livez = asked_whole[row.key], asked_whole["livez"]
            sides = f"{took:.2f} ms CPU, {took / livez:.1f} × `GET /livez`"
            figures.append(Figure(row.what, sides, f"`GET /livez` {livez:.2f} ms", took, row.to_reach, "most", "ms"))
    return figures


def measure(checkout: Path, databases: Sequence[str]) -> dict[str, dict[str, Cost]]:
    """On every database that this machine has."""
    found = {}
    for database in databases:
        try:
            found[database] = costs(checkout, database)
        except NotInstalled as reason:
            print(f"  left out: {reason}")
    return found


def run(
    *, beside: Path | None = None, databases: Sequence[str] = ("sqlite", "postgres"), only: str | None = None
) -> list[Figure]:
    """Ask, and write both tables. Both sides are asked at the same time, so that whatever else the machine does falls on both."""
    name = label(beside) if beside else ""
    sides = [HERE, beside] if beside else [HERE]
    lines: list[str] = []
    asked: list[dict[str, dict[str, Cost]]] = [{}, {}]
    asked_whole: list[dict[str, float]] = [{}, {}]
    with ThreadPoolExecutor(len(sides)) as pool:
        if only != "operations":
            asked_whole = [*pool.map(whole.costs, sides), {}]
            lines += [*whole_table(asked_whole[0], asked_whole[1], name), ""]
        if only != "whole":
            asked = [*pool.map(lambda side: measure(side, databases), sides), {}]
            lines += operations_table(asked[0], asked[1], name)
    print("\n".join(lines))
    if only is None:
        write_section(lines)
    return figures_of(asked[0], asked_whole[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--beside", type=Path, help="a checkout of an older release")
    parser.add_argument("--only", choices=["operations", "whole"], help="print one of the tables, and write nothing")
    parser.add_argument("--databases", nargs="+", choices=["sqlite", "postgres"], default=["sqlite", "postgres"])
    arguments = parser.parse_args()
    end_with(run(beside=arguments.beside, databases=arguments.databases, only=arguments.only))


if __name__ == "__main__":
    main()
