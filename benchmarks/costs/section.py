"""The part of `docs/benchmarks.md` that says what operations cost: it is kept when the table before it is written again."""

import os
from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- operations: written by benchmarks/operations.py -->", "<!-- operations end -->"

HEAD = """
## What an operation costs

Milliseconds of CPU of the process that answers, through the gateway, from the request until it rests; the median of several. "Driver"
is the CPU of the same statements sent again through the bare driver, "× livez" how many times a `GET /livez` through the gateway of the
same run it is. Of an operation that can be called in several ways the dearest is shown. Of two releases both were asked at the same
time. Load while it was measured: {load:.0f} on {processors} processors; on a busy machine everything costs more, and wavers.

"""


def section() -> str:
    """As it stands, with its marks; empty if there is none."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    if BEGIN not in text:
        return ""
    return "\n" + BEGIN + text.partition(BEGIN)[2].partition(END)[0] + END + "\n"


def write_section(lines: Sequence[str]) -> None:
    """Put these in its place, or at the end of the page."""
    text = PAGE.read_text(encoding="utf-8")
    head = HEAD.format(load=os.getloadavg()[1], processors=os.cpu_count())
    new = "\n" + BEGIN + "\n" + head + "\n".join(lines) + "\n\n" + END + "\n"
    PAGE.write_text(text.replace(section(), new) if section() else text + new, encoding="utf-8")
