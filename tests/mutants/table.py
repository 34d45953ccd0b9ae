"""The table of breakages in `docs/mutants.md`, with what became of each when it was last tried."""

import re
from collections.abc import Mapping

from tests.mutants.entries import PACKAGES, Mutant, mutants_of
from tests.support.needs import ROOT

PAGE = ROOT / "docs/mutants.md"
CAUGHT, MISSED, STALE = "caught", "NOT caught", "does not apply"
_HEAD = """# What the tests would notice

A test that cannot fail proves nothing. So the code is broken on purpose, one small thing at a time, in a copy of the tree,
and the tests that should notice are run: `scripts/mutants [PACKAGE]`. It writes this page. The list stands in
`tests/mutants/`; who adds a promise to a README or to the conventions adds there how it could be broken.
"""


def results() -> dict[str, str]:
    """What the page says of each breakage, by its sentence."""
    if not PAGE.exists():
        return {}
    rows = re.findall(r"^\| (.+?) \| `[^|]+` \| [^|]+ \| ([^|]+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(rows)


def page(found: Mapping[str, str]) -> str:
    """The page that says `found` of the breakages there are."""
    parts = [_HEAD]
    for package in PACKAGES:
        rows = "\n".join(_row(mutant, found.get(mutant.breaks, "not tried")) for mutant in mutants_of(package))
        parts.append(
            f"## {package}\n\n| what is broken | where | who notices | result |\n| --- | --- | --- | --- |\n{rows}\n"
        )
    return "\n".join(parts)


def _row(mutant: Mutant, result: str) -> str:
    tests = ", ".join(f"`{test.removeprefix('tests/')}`" for test in mutant.tests)
    return f"| {mutant.breaks} | `{mutant.file}` | {tests}{' (PostgreSQL)' if mutant.postgres else ''} | {result} |"
