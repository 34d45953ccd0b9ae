"""Runs the quick tests that a change can touch: python -m scripts.touched [--all] pytest …

Every file of the tree is compared with what it was when its tests last passed (`.cache/passed.json`). Each service, the gateway and the
command line are a part. No service imports another, and nothing but the command line imports services, or `make boundaries` fails.
So a change inside a part touches only test files that reach it through what they, their fixtures and their helpers import, or that name its
folder. Who reaches the command line reaches every part. The tests of contracts read everything and always run. A change
anywhere else touches all tests, and so does another Python. What is left out has passed with the very files it would run with now.
"""

import ast
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).parents[1]
PASSED = Path(".cache/passed.json")
FOLDERS = ("tests/unit", "tests/contract", "tests/service")
CONTRACTS = "tests/contract/"
EVERY_PART = "qunxue"
READ_BY_CONTRACTS_ALONE = re.compile(
    r"(docs|deploy|benchmarks|tests/(contract|integration|system|mutants))/.*|docker-compose\.yml|LICENSE|[A-Z]+\.md|(.*/)?README[\w.-]*"
)
IMPORTED = re.compile(r"(services)\.(\w+)|(gateway|qunxue)\b")
NAMED = re.compile(r"\b(services)[./](\w*)|\b(gateway)/")

Files = Mapping[str, str]


def files(root: Path) -> dict[str, str]:
    """The hash of every file that is tracked or could be; under '' what the tests run on."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, check=True, text=True).stdout.split("\0")
    found = {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in listed if (root / name).is_file()}
    return found | {"": f"{sys.version} {os.environ.get('QUNXUE_SHARED_DATA')}"}


def part_of(name: str) -> str | None:
    """Like `services/content`; None for what is in no part."""
    match name.split("/"):
        case ["services", service, _, *_]:
            return f"services/{service}"
        case ["gateway" | "qunxue" as part, _, *_]:
            return part
    return None


class Reach:
    """What the test files reach."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read = cache(self._read_anew)
        found = [path for folder in FOLDERS for path in (root / folder).rglob("test_*.py")]
        self.tests = {str(path.relative_to(root)): self._helpers(path.relative_to(root)) for path in sorted(found)}
        """The files under `tests` that each is made of: itself, each `conftest.py` above it, and what they import."""

    def parts(self, test: str) -> set[str]:
        """The parts that these files import or name."""
        return {part for name in self.tests[test] for part in self._read(name)[1]}

    def _helpers(self, test: Path) -> set[str]:
        waiting = [str(test), *(str(folder / "conftest.py") for folder in test.parents)]
        found: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name not in found and (self._root / name).is_file():
                found.add(name)
                waiting += self._read(name)[0]
        return found

    def _read_anew(self, name: str) -> tuple[list[str], set[str]]:
        """Where the modules of tests that a file imports may be, and the parts that it imports or names."""
        nodes = list(ast.walk(ast.parse((self._root / name).read_text(encoding="utf-8"))))
        modules = {module for node in nodes for module in _imported(node, name)}
        texts = (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
        hits = chain(
            (hit for module in modules if (hit := IMPORTED.match(module))),
            (hit for text in texts for hit in NAMED.finditer(text)),
        )
        places = [place for module in modules if module.startswith("tests.") for place in _places(module)]
        return places, {_part(hit) for hit in hits}


def _imported(node: ast.AST, name: str) -> Iterable[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        here = Path(name).parts[: -node.level] if node.level else ()
        yield from (".".join([*here, *filter(None, [node.module]), alias.name]) for alias in node.names)


def _places(module: str) -> list[str]:
    """With the packages that are imported before it."""
    parts = module.split(".")
    ways = ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]
    return [place for way in ways for place in (f"{way}.py", f"{way}/__init__.py")]


def _part(hit: re.Match[str]) -> str:
    if hit[1]:
        return f"services/{hit[2]}" if hit[2] else EVERY_PART  # a name that is put together may be any
    return hit[3]


def touched(before: Files, now: Files, reach: Reach) -> tuple[list[str], str]:
    """The test files to run, and why."""
    changed = {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)}
    if not changed:
        return [], "nothing has changed since they passed"
    of_tests = changed & set().union(*reach.tests.values())
    read = {name for name in changed if READ_BY_CONTRACTS_ALONE.fullmatch(name)}
    parts = {name: part for name in changed - read if (part := part_of(name))}
    if rest := sorted(changed - of_tests - read - parts.keys()):
        return list(reach.tests), f"all stand on {rest[0] or 'Python and the data given'}, which has changed"
    inside, chosen = set(parts.values()), []
    for test, helpers in reach.tests.items():
        own = reach.parts(test)
        if test.startswith(CONTRACTS) or helpers & of_tests or own & inside or (inside and EVERY_PART in own):
            chosen.append(test)
    return chosen, f"what can be touched by a change of {', '.join(sorted(inside | of_tests)) or 'documents'}"


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Run them, and remember the files as they were before: an edit meanwhile is tested the next time."""
    everything = arguments[0] == "--all"
    now, reach = files(root), Reach(root)
    if everything or not (root / PASSED).is_file():
        chosen, why = list(reach.tests), "ALL=1" if everything else "they have not all passed here yet"
    else:
        chosen, why = touched(json.loads((root / PASSED).read_text()), now, reach)
    print(f"{len(chosen)} of {len(reach.tests)} files of quick tests: {why}", flush=True)
    if len(chosen) < len(reach.tests):
        print("The others have passed with what they reach as it is. ALL=1 runs them too.", flush=True)
    paths = FOLDERS if len(chosen) == len(reach.tests) else chosen
    done = subprocess.run([*arguments[everything:], *paths], cwd=root, check=False).returncode if chosen else 0
    if done == 0:
        (root / PASSED).parent.mkdir(exist_ok=True)
        (root / PASSED).write_text(json.dumps(now))
    return done


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
