"""Rules of the house that no other tool checks."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import grimp
import pytest

from tests.support.needs import ROOT

MOST_LINES = 500
OURS = ("contracts", "chassis", "assessment", "services", "gateway", "qunxue", "tests", "benchmarks", "scripts")
# Documents and code speak of host names that are reserved for examples, of this machine, and of the Apache licence.
ADDRESS = re.compile(r"https?://|--(extra-)?index-url|--find-links|--trusted-host|\bfile:/")
MACHINE_PATH = re.compile(r"(?<![\w./-])/(work|home/\w+|root|Users/\w+|workspace)(/|\b)")


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]


def python_files() -> list[Path]:
    return [path for folder in OURS for path in tracked(f"{folder}/*.py")]


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_file_is_longer_than_one_can_read():
    long = {
        relative(path): lines
        for path in python_files()
        if "migrations" not in path.parts and (lines := len(path.read_text().splitlines())) > MOST_LINES
    }
    assert not long, "split by use case"


def test_locked_and_image_files_name_no_address():
    files = [
        *tracked("requirements"),
        *tracked("deploy/Dockerfile", "docker-compose.yml", "tests/support/*.xml", ".ci"),
    ]
    assert files
    found = [
        f"{relative(path)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if ADDRESS.search(line) and "://127.0.0.1" not in line and "://${QUNXUE_" not in line
    ]
    assert not found


def test_every_locked_package_has_a_hash():
    for path in tracked("requirements/*.txt"):
        text = path.read_text()
        packages = re.findall(r"^[a-z0-9][\w.-]*(?:\[.*?\])?==", text, flags=re.MULTILINE | re.IGNORECASE)
        blocks = re.findall(
            r"^[a-z0-9][^\n]*== ?[^\n]*\\\n    --hash=sha256:", text, flags=re.MULTILINE | re.IGNORECASE
        )
        assert packages
        assert len(packages) == len(blocks), relative(path)


def locked(name: str) -> dict[str, str]:
    """Versions by package."""
    text = (ROOT / "requirements" / name).read_text()
    return dict(re.findall(r"^([\w.-]+)==(\S+)", text, flags=re.MULTILINE))


def test_what_runs_is_locked_alike_for_use_and_for_work():
    runtime, dev = locked("runtime.txt"), locked("dev.txt")
    assert runtime.items() <= dev.items()


def test_the_wheels_of_servers_change_nothing_that_is_there_for_work():
    dev, parts = locked("dev.txt"), locked("parts.txt")
    assert {name: dev[name] for name in parts if name in dev}.items() <= parts.items()


def test_no_file_names_a_path_of_somebodys_machine():
    found = [
        f"{relative(path)}:{number}"
        for path in tracked()
        if path.suffix not in {".gz", ".xlsx", ".png", ".woff2"} and path != Path(__file__)
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1)
        if MACHINE_PATH.search(line)
    ]
    assert not found


@pytest.mark.parametrize("pair", [("README.md", "README.zh-CN.md")])
def test_both_languages_have_the_same_chapters(pair: tuple[str, str]):
    english, chinese = (re.findall(r"^(#+) ", (ROOT / name).read_text(), flags=re.MULTILINE) for name in pair)
    assert english == chinese


def test_what_is_wrong_with_a_body_is_pointed_at_from_its_beginning():
    # `#/query/…` names what is no part of the body.
    named = re.compile(r"""["']#/(?!components/|channels/|\$defs/|query\b|path\b|header\b|\{place\})""")
    served = [
        path
        for path in python_files()
        if path.relative_to(ROOT).parts[0] in ("chassis", "assessment", "services", "gateway")
    ]
    assert [
        f"{relative(path)}: {line.strip()}"
        for path in served
        for line in path.read_text().splitlines()
        if named.search(line)
    ] == []


def test_no_module_is_called_utils():
    assert not [
        relative(path) for path in python_files() if re.search(r"\b(utils?|helpers?|misc|common)\.py$", path.name)
    ]


def test_days_are_told_in_one_place():
    """`chassis/days.py` alone: else an hour that comes twice, or a date that a zone skipped, is two days for two features."""
    assert not [
        relative(path)
        for path in tracked("services/**/*.py", "gateway/*.py")
        if re.search(r"import .*\bZoneInfo\b|\bZoneInfo\(", path.read_text())
    ]


def test_public_operations_say_what_they_do():
    silent = [
        f"{relative(path)}:{function.lineno} {function.name}"
        for path in tracked("services/**/routes.py", "gateway/**/routes.py")
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.AsyncFunctionDef)
        and not function.name.startswith("_")
        and function.decorator_list
        and not ast.get_docstring(function)
    ]
    assert not silent


def test_chassis_modules_say_what_they_are_for():
    silent = [
        relative(path)
        for path in tracked("chassis/**/*.py")
        if path.name != "__init__.py" and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent


def test_every_service_has_a_readme():
    services = {path.parent for path in tracked("services/*/__init__.py") if path.parents[1].name == "services"}
    assert not [relative(service) for service in services if not (service / "README.md").is_file()]


def test_routes_hold_no_sql():
    """They pass the session on: what is selected stands in `queries.py`, what is done in `service.py`."""
    found = []
    for path in tracked("services/**/*routes.py", "services/**/routes.py", "gateway/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in {"sqlalchemy", "sqlmodel"}:
                found += [
                    f"{relative(path)}:{node.lineno} {one.name}" for one in node.names if one.name != "AsyncSession"
                ]
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "session":
                found.append(f"{relative(path)}:{node.lineno} session.{node.attr}")
    assert not found


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("IntegrityError", "unique(…, answers=…) beside the table says what a request is answered"),
        ("COMMUNITY_ARCHIVED", "it follows from a permission that writes"),
    ],
)
def test_what_the_chassis_answers_no_feature_answers_again(name, instead):
    named = [
        f"{relative(path)}:{node.lineno}"
        for path in tracked("services/**/*.py")
        if name in (source := path.read_text())
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and name in {one.name for one in node.names}
    ]
    assert not named, instead


def test_all_rules_are_held_to_be_pure():
    """import-linter takes whole names alone, so what is called `import_rules` must stand in its list too."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (pure,) = (one["source_modules"] for one in contracts if one["name"].startswith("Rules are pure"))
    rules = {f"services.*.*.{path.stem}" for path in tracked("services/**/*rules.py")}
    assert rules
    assert rules <= set(pure)


def test_no_module_is_there_that_nothing_imports():
    graph = grimp.build_graph("contracts", "chassis", "assessment", "services", "gateway", "qunxue", cache_dir=None)
    # Found by their names: migrations, definitions, the command, and what `make migration` runs.
    entries = {"qunxue.__main__", "chassis.database.revisions"}
    alone = {
        module
        for module in graph.modules
        if not graph.find_children(module)
        and not graph.find_modules_that_directly_import(module)
        and not re.fullmatch(r"services\.\w+\.(definition|migrations(\.\w+)?)", module)
    }
    assert not alone - entries
