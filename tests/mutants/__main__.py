"""Tries breakages, one at a time in a copy of the tree, and says which of them the tests notice."""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import SimpleQueue

from tests.mutants.entries import PACKAGES, Mutant, all_mutants, mutants_of
from tests.mutants.table import CAUGHT, MISSED, PAGE, STALE, page, results
from tests.support.needs import ROOT

_LONGEST = 300.0
"""Seconds. What makes a test wait for ever is noticed too."""


@contextmanager
def a_copy() -> Iterator[Path]:
    """The tree as it is now, with what is changed or added but not yet committed, elsewhere."""
    with tempfile.TemporaryDirectory(prefix="qunxue-mutants-") as folder:
        tree = Path(folder) / "tree"
        now = _git("stash", "create") or "HEAD"
        _git("worktree", "add", "--quiet", "--detach", str(tree), now)
        try:
            yield tree
        finally:
            _git("worktree", "remove", "--force", str(tree))


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def run(tree: Path, tests: Sequence[str], *, postgres: bool, broken: bool = True) -> tuple[int, str]:
    """Run tests in a copy: pytest's exit status and what it said."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--hypothesis-profile", "daily"]
    command += ["-m", "postgres" if postgres else "not postgres", *tests]
    environment = os.environ | {"PYTHONPATH": str(tree)}
    if broken:
        # The byte code of what is sound is read; that of what is broken must not outlive it.
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, text=True, timeout=_LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        return 1, "it took too long"
    return done.returncode, done.stdout + done.stderr


def sound(tree: Path, mutants: Sequence[Mutant]) -> bool:
    """Whether the tests pass while nothing is broken: else they prove nothing."""
    for postgres in (False, True):
        tests = sorted({test for mutant in mutants if mutant.postgres is postgres for test in mutant.tests})
        if tests:
            status, said = run(tree, tests, postgres=postgres, broken=False)
            if status != 0:
                print(said)
                return False
    return True


def attempt(tree: Path, mutant: Mutant) -> str:
    """Break the copy, run the tests, and mend it."""
    path = tree / mutant.file
    source = path.read_text(encoding="utf-8")
    if not mutant.applies_to(source):
        return STALE
    dates = path.stat()
    path.write_text(mutant.applied_to(source), encoding="utf-8")
    try:
        status, said = run(tree, mutant.tests, postgres=mutant.postgres)
    finally:
        path.write_text(source, encoding="utf-8")
        os.utime(path, ns=(dates.st_atime_ns, dates.st_mtime_ns))
    if status not in {0, 1, 2}:
        raise RuntimeError(said)
    return MISSED if status == 0 else CAUGHT


def main() -> int:
    """Try what is asked for; 0 when everything was noticed."""
    parser = argparse.ArgumentParser(prog="scripts/mutants", description=__doc__)
    parser.add_argument("package", nargs="?", choices=PACKAGES, help="try those of one package only")
    parser.add_argument("--jobs", type=int, default=1, help="how many copies of the tree work at the same time")
    parser.add_argument("--new", action="store_true", help="only what the page does not call caught")
    asked = parser.parse_args()
    known = results()
    mutants = mutants_of(asked.package) if asked.package else all_mutants()
    if asked.new:
        mutants = [mutant for mutant in mutants if known.get(mutant.breaks) != CAUGHT]
    trees: SimpleQueue[Path] = SimpleQueue()
    tried: dict[str, str] = {}
    with ExitStack() as stack:
        first = stack.enter_context(a_copy())
        if not sound(first, mutants):
            print("these tests fail while nothing is broken")
            return 2
        trees.put(first)
        for _ in range(asked.jobs - 1):
            trees.put(stack.enter_context(a_copy()))

        def one(mutant: Mutant) -> None:
            tree = trees.get()
            try:
                result = tried[mutant.breaks] = attempt(tree, mutant)
            finally:
                trees.put(tree)
            print(f"{result:<14}  {mutant.package:<13}  {mutant.breaks}", flush=True)

        try:
            with ThreadPoolExecutor(asked.jobs) as pool:
                list(pool.map(one, mutants))
        finally:
            # What was tried before it was stopped has been tried.
            PAGE.write_text(page(known | tried), encoding="utf-8")
    missed = sum(result != CAUGHT for result in tried.values())
    print(f"{len(tried) - missed} of {len(tried)} caught; written to {PAGE.relative_to(ROOT)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
