"""Texts that people read say "they" or "you": of a person never "he", and never "one"."""

import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from qunxue import problem_list, trigger_list
from qunxue.cli import app
from qunxue.documents import asyncapi_document, merged_openapi
from tests.support.needs import ROOT

OF_A_PERSON = re.compile(r"\b(he|his|him|himself|she|hers|herself|one's own|oneself)\b", re.IGNORECASE)
ONES = re.compile(r"\bone's\b", re.IGNORECASE)
# Pinyin of 和, 何 and others is "he".
NAMES = "services/membership/people/names.py"


def tracked(*patterns: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def texts(node: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a document with its place."""
    if isinstance(node, dict):
        for key, child in node.items():
            yield from texts(child, f"{place}/{key}")
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from texts(child, f"{place}/{index}")
    elif isinstance(node, str):
        yield place, node


def commands() -> Iterator[tuple[str, str]]:
    """The help of every command and parameter."""
    pending: list[tuple[str, Any]] = [("qunxue", typer.main.get_command(app))]
    while pending:
        name, command = pending.pop()
        yield name, command.help or ""
        yield from ((f"{name} {one.name}", getattr(one, "help", None) or "") for one in command.params)
        pending += [(f"{name} {called}", child) for called, child in getattr(command, "commands", {}).items()]


def problems() -> Iterator[tuple[str, str]]:
    for declared in problem_list.problem_types():
        yield declared.code, declared.en
    yield "triggers", trigger_list.page()


def guides() -> Iterator[tuple[str, str]]:
    for name in tracked("*.md"):
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), start=1):
            yield f"{name}:{number}", line


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(lambda: texts(merged_openapi()), id="OpenAPI"),
        pytest.param(lambda: texts(asyncapi_document()), id="AsyncAPI"),
        pytest.param(problems, id="problems"),
        pytest.param(commands, id="commands"),
        pytest.param(guides, id="guides"),
    ],
)
def test_people_are_they_or_you_in_what_the_world_reads(told):
    found = list(told())
    assert len(found) > 10
    assert [(place, text) for place, text in found if OF_A_PERSON.search(text) or ONES.search(text)] == []


def test_people_are_they_in_docstrings_and_comments_too():
    assert [
        f"{name}:{number}: {line.strip()}"
        for name in tracked("*.py")
        if name not in {NAMES, "tests/contract/test_words.py"}
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), start=1)
        if OF_A_PERSON.search(line)
    ] == []
