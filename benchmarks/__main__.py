"""Run the benchmarks, one after another, and write their table: `python -m benchmarks [--write] [NAME …]`.

With names, nothing is written, or with `--write` their rows alone: the others keep what was measured before.

A benchmark is a module here with `run() -> list[Figure]`. Each runs in a process of its own.
"""

import multiprocessing
import os
import platform
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks.costs.section import section
from benchmarks.figures import Figure, figures_of

HERE = Path(__file__).parent
TABLE = HERE.parent / "docs" / "benchmarks.md"
NOT_BENCHMARKS = {"__init__", "__main__", "asking", "crowd", "figures", "servers"}

FAILED = "**failed**"

HEAD = """# Benchmarks

Written by `make bench`. Every figure is a ratio of two sides measured in the same run, so that it means the same on another
machine; the sides are there to check it by. {machine}

| what | ours | compared with | ratio | to reach | |
| --- | --- | --- | --- | --- | --- |
"""


def benchmarks() -> list[str]:
    """The names of all there are."""
    return sorted(path.stem for path in HERE.glob("*.py") if path.stem not in NOT_BENCHMARKS)


def row(figure: Figure) -> str:
    sign = "≥" if figure.at == "least" else "≤"
    return (
        f"| {figure.what} | {figure.ours} | {figure.other} | {figure.value:.2f} {figure.unit} "
        f"| {sign} {figure.to_reach:g} {figure.unit} | {'reached' if figure.reached else '**not reached**'} |"
    )


def reason(error: Exception) -> str:
    """Why one failed, in a cell of the table: without it nobody knows later whether the product or the machine was to blame."""
    said = next(iter(str(error).splitlines()), "")
    # No path of this machine stands in the table.
    words = " ".join(word for word in said.replace("|", " ").split() if "/" not in word)
    return f"{type(error).__name__}: {words[:80]}".removesuffix(": ")


def kept(rows: Sequence[str], asked: Sequence[str]) -> list[str]:
    """The rows of the table as it stands, those about the same replaced by these, and the rest of these after them.

    That a benchmark failed is said until it is run again: `asked` were, and what is no benchmark any more never will be.
    """
    new = {line.split("|")[1]: line for line in rows}
    before = TABLE.read_text(encoding="utf-8").removesuffix(section()).partition("| --- |")[2].splitlines()[1:]
    waiting = set(benchmarks()) - set(asked)
    before = [line for line in before if line and (FAILED not in line or line.split("|")[1].strip() in waiting)]
    return [new.pop(line.split("|")[1], line) for line in before] + list(new.values())


def main(arguments: Sequence[str]) -> int:
    """Run them; 1 when one failed or did not reach its figure, 2 when there is none of a name."""
    names = [argument for argument in arguments if argument != "--write"]
    unknown = sorted(set(names) - set(benchmarks()))
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(benchmarks())}")
        return 2
    rows, good = [], True
    context = multiprocessing.get_context("spawn")
    for name in names or benchmarks():
        print(f"--- {name}", flush=True)
        with ProcessPoolExecutor(1, mp_context=context) as process:
            try:
                figures = process.submit(figures_of, name).result()
            except Exception as error:  # noqa: BLE001 - one that fails keeps none of the others from running
                print(f"{type(error).__name__}: {error}")
                rows.append(f"| {name} | | | | | {FAILED}: {reason(error)} |")
                good = False
                continue
        for figure in figures:
            print(figure.line())
            rows.append(row(figure))
            good = good and figure.reached
    if not names or "--write" in arguments:
        rows = kept(rows, names) if names else rows
        machine = f"Here: {os.cpu_count()} processors, {platform.system()}, Python {platform.python_version()}."
        TABLE.write_text(HEAD.format(machine=machine) + "\n".join(rows) + "\n" + section(), encoding="utf-8")
        print(f"written to {TABLE.relative_to(HERE.parent)}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
