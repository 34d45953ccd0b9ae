"""Pages that are followed: each call of a page is made in the page's order, and answers as the page says.

A block of `sh` is a step. A block of `json` after it is what its last line answers, as far as the page shows it: names that
stand there must be there, and "…" stands for anything, in a list for any number of items.
"""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARK = "=== step"
ANY = "…"


@dataclass(frozen=True)
class Step:
    """A block of calls, and what its last one answers; None where the page does not say."""

    script: str
    answer: Any


def steps_of(page: Path) -> list[Step]:
    """The steps of a page, in their order."""
    blocks = re.findall(r"^```(\w+)\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    steps: list[Step] = []
    for kind, text in blocks:
        if kind == "sh":
            steps.append(Step(text, None))
        elif kind == "json" and steps and steps[-1].answer is None:
            steps[-1] = Step(steps[-1].script, json.loads(text))
    return steps


def follow(steps: list[Step], url: str) -> list[str]:
    """Do all steps in one shell, as somebody at a terminal would; what each of them said."""
    script = "set -eu\n" + "".join(f"{step.script}\necho '{MARK}'\n" for step in steps)
    environment = {**os.environ, "Q": url, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-1500:]}\n{done.stderr[-1500:]}"
    return done.stdout.split(f"{MARK}\n")[:-1]


def mismatch(said: Any, shown: Any, where: str = "") -> str | None:
    """Where an answer is other than the page shows it; None where it is as shown."""
    if shown == ANY:
        return None
    if isinstance(shown, dict):
        if not isinstance(said, dict):
            return f"{where}: {said!r} is no object"
        missing = sorted(shown.keys() - said.keys())
        if missing:
            return f"{where}: there is no {missing}"
        found = (mismatch(said[name], value, f"{where}/{name}") for name, value in shown.items())
        return next((one for one in found if one is not None), None)
    if isinstance(shown, list):
        return _of_list(said, shown, where)
    return None if said == shown and type(said) is type(shown) else f"{where}: {said!r}, not {shown!r}"


def _of_list(said: Any, shown: list[Any], where: str) -> str | None:
    if not isinstance(said, list):
        return f"{where}: {said!r} is no list"
    place, gap, why = 0, False, None
    for number, one in enumerate(shown):
        if one == ANY:
            gap = True
            continue
        while place < len(said):
            why = mismatch(said[place], one, f"{where}/{place}")
            place += 1
            if why is None or not gap:
                break
        else:
            return f"{where}: nothing is like number {number}, {one!r}" + (f" ({why})" if why else "")
        if why is not None:
            return why if not gap else f"{where}: nothing is like number {number}, {one!r} ({why})"
        gap = False
    return None if gap or place == len(said) else f"{where}: {len(said) - place} more"


def program_of(page: Path, name: str) -> str:
    """A program of a page: the block of Python that begins with its name."""
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    (program,) = [text for text in blocks if text.startswith(f"# {name}\n")]
    return program
