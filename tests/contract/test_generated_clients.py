"""Clients are generated from the document by other people's generators: they compile, lose nothing, and name every class."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from qunxue.documents import merged_openapi
from tests.support.client_tools import npm_programs, python_generator
from tests.support.needs import NotInstalled, missing

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("documents")]

FILES = ("text/csv", "application/x-ndjson", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
         "image/svg+xml", "image/png", "text/plain")  # fmt: skip

INSPECT = """
import attrs, enum, importlib, json, pkgutil, sys
import client.models
found = {}
for one in pkgutil.walk_packages(client.__path__, "client."):
    importlib.import_module(one.name)
for name in client.models.__all__:
    kind = getattr(client.models, name)
    found[name] = None if issubclass(kind, enum.Enum) else sorted(field.name for field in attrs.fields(kind))
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("document") / "openapi.json"
    path.write_text(json.dumps(merged_openapi()), encoding="utf-8")
    return path


def objects() -> dict[str, list[str]]:
    """The properties of every schema that is an object with names."""
    found = merged_openapi()["components"]["schemas"]
    return {name: list(one["properties"]) for name, one in found.items() if "properties" in one}


def test_a_python_client_has_every_operation_property_and_no_class_without_a_name(document: Path, tmp_path: Path):
    try:
        python = python_generator()
    except NotInstalled as reason:
        missing(str(reason))
    config = {"post_hooks": [], "content_type_overrides": dict.fromkeys(FILES, "application/octet-stream")}
    (tmp_path / "config.json").write_text(json.dumps(config))
    into = ["--output-path", str(tmp_path / "client"), "--config", str(tmp_path / "config.json"), "--meta", "none"]
    generate = [str(python), "-m", "openapi_python_client", "generate", "--path", str(document)]
    said = run([*generate, *into], tmp_path)
    assert "WARNING" not in said, said
    made: dict[str, list[str] | None] = json.loads(run([str(python), "-c", INSPECT], tmp_path))
    names = {plain(name) for name in merged_openapi()["components"]["schemas"]}
    assert [name for name in made if plain(name) not in names] == []
    by_name = {plain(name): {plain(field) for field in fields or ()} for name, fields in made.items()}
    lost = [
        (name, one) for name, fields in objects().items() for one in fields if plain(one) not in by_name[plain(name)]
    ]
    assert lost == []
    operations = [one for methods in merged_openapi()["paths"].values() for one in methods.values()]
    modules = [path for path in (tmp_path / "client" / "api").glob("*/*.py") if path.name != "__init__.py"]
    assert len(modules) == len(operations)


def test_a_typescript_client_compiles_and_has_every_property(document: Path, tmp_path: Path):
    try:
        programs = npm_programs()
    except NotInstalled as reason:
        missing(str(reason))
    run([str(programs / "openapi-typescript"), str(document), "--output", str(tmp_path / "client.ts")], tmp_path)
    uses = [
        f'export type _{number} = components["schemas"]["{name}"]["{one}"];'
        for number, (name, one) in enumerate((name, one) for name, fields in objects().items() for one in fields)
    ]
    answers = [
        f'export type A{number} = operations["{one["operationId"]}"]["responses"][{status}];'
        for number, (one, status) in enumerate(
            (one, status)
            for methods in merged_openapi()["paths"].values()
            for one in methods.values()
            for status in one["responses"]
        )
    ]
    imported = 'import type { components, operations } from "./client";'
    (tmp_path / "use.ts").write_text("\n".join([imported, *uses, *answers]) + "\n", encoding="utf-8")
    # A property that is lost, or an answer, is a type that does not exist.
    run([str(programs / "tsc"), "--noEmit", "--strict", "--target", "es2022", "use.ts"], tmp_path)


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def plain(name: Any) -> str:
    """A name whatever a language makes of its words."""
    return re.sub(r"[^a-z0-9]", "", str(name).lower())
