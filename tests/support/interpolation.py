"""Variables in a Compose file: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:?message}`, `$$`."""

import re
from collections.abc import Mapping
from typing import Any

VARIABLE = re.compile(r"\$(?:(?P<escaped>\$)|(?P<bare>\w+)|\{(?P<name>\w+)(?:(?P<how>:?[-?])(?P<rest>[^}]*))?\})")


class VariableMissing(Exception):
    """A variable that the file requires is not set."""


def interpolate(value: Any, variables: Mapping[str, str]) -> Any:
    """The parsed document with every string's variables replaced; keys stay as they are."""
    if isinstance(value, dict):
        return {key: interpolate(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [interpolate(item, variables) for item in value]
    if isinstance(value, str):
        return VARIABLE.sub(lambda found: _replacement(found, variables), value)
    return value


def _replacement(found: re.Match[str], variables: Mapping[str, str]) -> str:
    if found["escaped"]:
        return "$"
    name, how, rest = found["bare"] or found["name"], found["how"] or "", found["rest"] or ""
    value = variables.get(name)
    present = value is not None and (value != "" or not how.startswith(":"))
    if present:
        return value or ""
    if how.endswith("?"):
        raise VariableMissing(f"{name}: {rest}")
    return rest if how.endswith("-") else ""
