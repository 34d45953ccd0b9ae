"""Clients are generated from the document by other people's generators: they compile, lose nothing, and name every class."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from qunxue.documents import merged_openapi
from tests.support import jars
from tests.support.client_tools import npm_programs, python_generator
from tests.support.needs import NotInstalled, missing

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

FILES = ("text/csv", "message/rfc822", "application/x-ndjson", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
         "image/svg+xml", "image/png", "text/plain", "text/html")  # fmt: skip

WITHOUT_PAGES = {"models": "", "apis": "", "supportingFiles": ""} | dict.fromkeys(
    ("modelDocs", "modelTests", "apiDocs", "apiTests"), "false"
)
OF_LANGUAGE = {
    "java": {
        "generatorName": "java",
        "library": "native",
        "additionalProperties": {"openApiNullable": "false"},
    },
    # Constants of Go stand side by side in their package, whatever list of values they are of.
    "go": {"generatorName": "go", "additionalProperties": {"enumClassPrefix": "true"}},
}

# A program of a few seconds is through before its optimised form would be ready.
SHORT = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]

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


@pytest.fixture(scope="module")
def generated(document: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a client in Java and one in Go: made in one process, since it takes long to start."""
    try:
        java, folder = jars.java(), jars.clients()
    except NotInstalled as reason:
        missing(str(reason))
    into = tmp_path_factory.mktemp("generated")
    for language, settings in OF_LANGUAGE.items():
        whole = {"inputSpec": str(document), "outputDir": str(into / language), "globalProperties": WITHOUT_PAGES}
        (into / f"{language}.json").write_text(json.dumps(whole | settings))
    files = [str(into / f"{language}.json") for language in OF_LANGUAGE]
    run(
        [
            java,
            *SHORT,
            "-cp",
            f"{folder}/*",
            "org.openapitools.codegen.OpenAPIGenerator",
            "batch",
            "--fail-fast",
            *files,
        ],
        into,
    )
    return into


def test_a_java_client_compiles_has_every_operation_and_property_and_no_class_without_a_name(generated: Path):
    source = generated / "java" / "src" / "main" / "java"
    compiler = [jars.java(), *SHORT, "-cp", f"{jars.clients()}/*", "org.eclipse.jdt.internal.compiler.batch.Main"]
    flags = ["-17", "-nowarn", "-proc:none", "-cp", ":".join(str(one) for one in jars.clients().glob("*.jar"))]
    run([*compiler, *flags, "-d", str(generated / "classes"), str(source)], generated)
    models = {
        path.stem: re.findall(r'JSON_PROPERTY_\w+ = "(.+?)"', path.read_text(encoding="utf-8"))
        for path in source.rglob("model/*.java")
        if path.stem != "AbstractOpenApiSchema"
    }
    called = [path.read_text(encoding="utf-8") for path in source.rglob("api/*.java")]
    nothing_is_lost(models, re.findall(r"^  public \S+ (\w+)\(", "\n".join(called), re.MULTILINE))


def test_a_go_client_compiles_has_every_operation_and_property_and_no_type_without_a_name(generated: Path):
    source = generated / "go"
    go = shutil.which("go")
    if go is None:
        pytest.skip("Go is not installed, so no Go client is compiled")
    # It needs nothing but Go itself, so nothing is fetched. The types are checked as the compiler does, in a sixth of its time.
    run([go, "vet", "-assign", "./..."], source, {"GOPROXY": "off", "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local"})
    models: dict[str, list[str]] = {}
    for path in source.glob("model_*.go"):
        text = path.read_text(encoding="utf-8")
        name = re.findall(r"^type (?!Nullable|_)(\w+) ", text, re.MULTILINE)
        assert len(name) == 1, path.name
        models[name[0]] = re.findall(r'`json:"([^",]+)', text)
    called = [path.read_text(encoding="utf-8") for path in source.glob("api_*.go")]
    nothing_is_lost(models, re.findall(r"^func \(a \*\w+\) (\w+)Execute\(", "\n".join(called), re.MULTILINE))


def nothing_is_lost(models: Mapping[str, list[str]], operations: list[str]) -> None:
    """Every model has a name of ours; every property and operation of ours is there."""
    names = {plain(name) for name in merged_openapi()["components"]["schemas"]}
    assert [name for name in models if plain(name) not in names] == []
    by_name = {plain(name): set(fields) for name, fields in models.items()}
    assert [
        (name, one) for name, fields in objects().items() for one in fields if one not in by_name[plain(name)]
    ] == []
    ours = {plain(one["operationId"]) for methods in merged_openapi()["paths"].values() for one in methods.values()}
    assert ours - {plain(one) for one in operations} == set()


def run(command: list[str], folder: Path, more: Mapping[str, str] | None = None) -> str:
    environment = {**os.environ, **(more or {})}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def plain(name: Any) -> str:
    """A name whatever a language makes of its words."""
    return re.sub(r"[^a-z0-9]", "", str(name).lower())
