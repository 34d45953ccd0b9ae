"""The list of breakages, as the TOML files of this folder tell it."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.support.needs import ROOT

FOLDER = Path(__file__).parent
PACKAGES = tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@dataclass(frozen=True)
class Mutant:
    """One breakage: `old` stands once in `file` and becomes `new`; of `tests`, at least one fails then.

    `postgres` says that it shows there alone: the tests run on PostgreSQL instead of SQLite.
    """

    package: str
    file: str
    breaks: str
    old: str
    new: str
    tests: Sequence[str]
    postgres: bool = False

    @cached_property
    def source(self) -> str:
        """What stands in the file."""
        return (ROOT / self.file).read_text(encoding="utf-8")

    def applies_to(self, source: str) -> bool:
        """Whether it is clear what is to be replaced, and what comes of it is a program."""
        if source.count(self.old) != 1:
            return False
        try:
            compile(self.applied_to(source), self.file, "exec")
        except SyntaxError:
            return False
        return True

    def applied_to(self, source: str) -> str:
        """The broken text."""
        return source.replace(self.old, self.new)


def mutants_of(package: str) -> list[Mutant]:
    """The breakages of one package, in the order of its file."""
    listed = tomllib.loads((FOLDER / f"{package}.toml").read_text(encoding="utf-8"))["mutant"]
    return [Mutant(package=package, **one) for one in listed]


def all_mutants() -> list[Mutant]:
    """The breakages of every package."""
    return [mutant for package in PACKAGES for mutant in mutants_of(package)]
