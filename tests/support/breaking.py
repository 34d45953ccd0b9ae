"""What breaks code that others have written, between two surfaces of the API: each change a sentence."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.support.surface import Surface

_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_ANYTHING = "anything"


def breaking(before: Mapping[str, Surface], after: Mapping[str, Surface]) -> list[str]:
    """Every such change; empty where all that was written against `before` still works."""
    return [
        *_by_name("operation", before["operations"], after["operations"], _operation),
        *_by_name("schema", before["schemas"], after["schemas"], _named_schema),
        *_by_name("problem", before["problems"], after["problems"], _problem),
        *_by_name("message", before["messages"], after["messages"], _message),
    ]


def _by_name(kind: str, before: Surface, after: Surface, compare: Any) -> Iterator[str]:
    for name, one in before.items():
        if name in after:
            yield from compare(name, one, after[name])
        else:
            yield f"{name}: the {kind} is gone"


def _operation(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for key in ("id", "permission"):
        if before[key] != after[key]:
            yield f"{name}: {key} {before[key]} is {after[key]} now"
    yield from (f"{name}: tag {one} is gone" for one in before["tags"] if one not in after["tags"])
    yield from (f"{name}: answer {one} is gone" for one in before["answers"] if one not in after["answers"])
    yield from _parameters(name, before["parameters"], after["parameters"])
    if after["body"]["required"] and not before["body"]["required"]:
        yield f"{name}: a body is required now"
    yield from _content(f"{name} body", before["body"]["content"], after["body"]["content"], asked=True)
    for status, content in before["answers"].items():
        yield from _content(f"{name} {status}", content, after["answers"].get(status, content), asked=False)
    for status, headers in before["headers"].items():
        gone = [one for one in headers if one not in after["headers"].get(status, ())]
        yield from (f"{name} {status}: header {one} is gone" for one in gone)


def _parameters(name: str, before: Surface, after: Surface) -> Iterator[str]:
    for parameter, one in after.items():
        if one["required"] and not before.get(parameter, {}).get("required"):
            yield f"{name}: {parameter} is required now"
    for parameter, one in before.items():
        if parameter in after:
            yield from _schema(f"{name} {parameter}", one["schema"], after[parameter]["schema"], asked=True)
        else:
            yield f"{name}: {parameter} is gone"


def _content(place: str, before: Mapping[str, Any], after: Mapping[str, Any], *, asked: bool) -> Iterator[str]:
    for kind, schema in before.items():
        if kind in after:
            yield from _schema(f"{place} {kind}", schema, after[kind], asked=asked, answered=not asked)
        else:
            yield f"{place}: {kind} is gone"


def _named_schema(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    return _schema(name, before["schema"], after["schema"], asked=before["asked"], answered=before["answered"])


def _problem(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    gone = [one for one in before["statuses"] if one not in after["statuses"]]
    yield from (f"{name}: does not come with {one} any more" for one in gone)


def _message(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for key in ("topic", "subject", "key"):
        if before[key] != after[key]:
            yield f"{name}: {key} {before[key]} is {after[key]} now"
    yield from _schema(name, before["schema"], after["schema"], answered=True)
    definitions = after["schema"].get("$defs", {})
    for part, schema in before["schema"].get("$defs", {}).items():
        if part in definitions:
            yield from _schema(f"{name} {part}", schema, definitions[part], answered=True)
        else:
            yield f"{name}: {part} is gone"


def _schema(
    place: str, before: Mapping[str, Any], after: Mapping[str, Any], *, asked: bool = False, answered: bool = False
) -> Iterator[str]:
    """What is narrower now where it is asked for, or wider where it is answered."""
    old, new = _kinds(before), _kinds(after)
    if asked and _ANYTHING not in new:
        yield from (f"{place}: does not take {kind} any more" for kind in sorted(old - new))
    if answered and _ANYTHING not in old:
        yield from (f"{place}: may be {kind} now" for kind in sorted(new - old))
    yield from _values(place, before, after)
    if asked:
        yield from _tighter(place, before, after)
    yield from _fields(place, before, after, asked=asked, answered=answered)
    for key in ("items", "additionalProperties"):
        if isinstance(before.get(key), dict) and isinstance(after.get(key), dict):
            yield from _schema(f"{place}[]", before[key], after[key], asked=asked, answered=answered)


def _kinds(schema: Mapping[str, Any]) -> set[str]:
    """What a value may be: plain types with their format, named schemas, or anything."""
    choices = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if choices:
        return set().union(*(_kinds(one) for one in choices))
    if "$ref" in schema:
        return {schema["$ref"].rpartition("/")[2]}
    if "const" in schema:
        return {f"const {schema['const']}"}
    types = schema.get("type", _ANYTHING)
    form = f" {schema['format']}" if "format" in schema else ""
    return {one + form * (one == "string") for one in ([types] if isinstance(types, str) else types)}


def _values(place: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Values that were allowed, or known, and are not any more."""
    for key in ("enum", "x-known-values"):
        gone = [one for one in before.get(key, ()) if one not in after.get(key, before.get(key))]
        yield from (f"{place}: value {one} is gone" for one in gone)
    if "enum" in after and "enum" not in before:
        yield f"{place}: only some values are allowed now"


def _tighter(place: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for key in _UPPER:
        if key in after and (key not in before or after[key] < before[key]):
            yield f"{place}: {key} {before.get(key, 'none')} is {after[key]} now"
    for key in _LOWER:
        if key in after and (key not in before or after[key] > before[key]):
            yield f"{place}: {key} {before.get(key, 'none')} is {after[key]} now"
    if "pattern" in after and before.get("pattern") != after["pattern"]:
        yield f"{place}: another pattern"
    if "default" in before and before["default"] != after.get("default"):
        yield f"{place}: default {before['default']} is {after.get('default')} now"


def _fields(
    place: str, before: Mapping[str, Any], after: Mapping[str, Any], *, asked: bool, answered: bool
) -> Iterator[str]:
    old, new = before.get("properties", {}), after.get("properties", {})
    yield from (f"{place}.{one}: is gone" for one in old if one not in new)
    if asked:
        wanted = [one for one in after.get("required", ()) if one not in before.get("required", ())]
        yield from (f"{place}.{one}: is required now" for one in wanted)
    if answered:
        given = [one for one in before.get("required", ()) if one in new and one not in after.get("required", ())]
        yield from (f"{place}.{one}: may be missing now" for one in given)
    for name, one in old.items():
        if name in new:
            yield from _schema(f"{place}.{name}", one, new[name], asked=asked, answered=answered)
