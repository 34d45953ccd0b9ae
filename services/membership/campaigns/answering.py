"""Whether any answer that a form allows can satisfy a requirement.

A requirement that nothing can satisfy would reject everybody, so a campaign does not open with one. What cannot be told cheaply
(`not`, `if`, several requirements against each other) counts as possible.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import orjson

from chassis.budget import spend
from chassis.text import comparable
from services.membership.campaigns.number_rules import Numbers
from services.membership.campaigns.rules import Op, Requirement, holds, is_number

Reason = Literal["no_such_field", "wrong_type", "not_an_option", "out_of_bounds"]

_TEXT: Final = {"type": "string"}
_OF_A_PERSON: Final[dict[str, Any]] = {
    "properties": {
        **dict.fromkeys(("department_code", "title", "job_grade", "site", "time_zone"), _TEXT),
        "departments": {"type": "array", "items": _TEXT},
        "hired_on": {"type": "string", "format": "date"},
        "kind": {"enum": ["employee", "external"]},
        "locale": {"enum": ["zh-CN", "en"]},
    },
    "additionalProperties": False,
}
"""What a person's fields can be, as a form would say it."""

_TYPES: Final = frozenset({"null", "boolean", "number", "string", "array", "object"})
_EARLIEST_AND_LATEST: Final = {
    "date": ("0001-01-01", "9999-12-31"),
    "date-time": ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
}


@dataclass(frozen=True)
class Unsatisfiable:
    """A requirement that rejects everybody: its place in the list, its code, and why."""

    index: int
    code: str
    reason: Reason


def unsatisfiable(requirements: bytes, form: bytes) -> tuple[Unsatisfiable, ...]:
    """The requirements that no answer satisfies; both as JSON, the form one that was taken."""
    asked = [Requirement(**one) for one in orjson.loads(requirements)]
    return unsatisfiable_in(asked, orjson.loads(form))


def unsatisfiable_in(requirements: Iterable[Requirement], form: Mapping[str, Any]) -> tuple[Unsatisfiable, ...]:
    """The requirements that no answer to the form satisfies, nor any person."""
    found = []
    for index, requirement in enumerate(requirements):
        reason = _reason(requirement, form)
        if reason is not None:
            found.append(Unsatisfiable(index, requirement.code, reason))
    return tuple(found)


def _reason(requirement: Requirement, form: Mapping[str, Any]) -> Reason | None:
    root, *path = requirement.field.split(".")
    document = _OF_A_PERSON if root == "person" else form
    schemas: Sequence[Any] = [document]
    for depth, name in enumerate(path):
        schemas = _at(_spread(schemas, document), name, certain=depth == 0)
        if not schemas:
            return "no_such_field"
    return _why_not(requirement, schemas, document)


def _at(schemas: Iterable[Any], name: str, *, certain: bool) -> list[Any]:
    """What is said of a field of an object that all of these describe; empty if there is no such field.

    `certain`: a field that nobody speaks of counts as missing, even where the form would allow it.
    """
    said: list[Any] = []
    closed = certain
    for schema in schemas:
        if not isinstance(schema, dict):
            continue
        named = schema.get("properties", {})
        if name in named:
            said.append(named[name])
        elif schema.get("additionalProperties") is False or "object" not in _types(schema):
            return []
    return said or ([] if closed else [True])


def _spread(schemas: Iterable[Any], document: Mapping[str, Any]) -> list[Any]:
    """These, and everything that holds where they do: `allOf` and `$ref` followed. A form has no cycles."""
    pending, found = list(schemas), []
    while pending:
        spend()
        schema = pending.pop()
        found.append(schema)
        if isinstance(schema, dict):
            pending.extend(schema.get("allOf", ()))
            if "$ref" in schema:
                pending.append(_target(document, schema["$ref"]))
    return found


def _target(document: Any, reference: str) -> Any:
    found = document
    for step in reference.removeprefix("#").split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        found = found[int(name)] if isinstance(found, list) else found[name]
    return found


def _types(schema: Mapping[str, Any]) -> frozenset[str]:
    listed = schema.get("type", _TYPES)
    names = {listed} if isinstance(listed, str) else set(listed)
    return frozenset(names | {"number"} if "integer" in names else names)


# --- one value -----------------------------------------------------------------------------------------------------


@dataclass
class _Domain:
    """What a value must be: one of the types, one of the options if there are any, within the bounds."""

    types: frozenset[str] = _TYPES
    options: list[Any] | None = None
    numbers: Numbers = field(default_factory=Numbers)
    longest: float = math.inf
    most_items: float = math.inf
    formats: set[str] = field(default_factory=set)
    items: list[Any] = field(default_factory=list)

    def narrow(self, schema: Mapping[str, Any]) -> None:
        """Take in what one more schema says."""
        self.types &= _types(schema)
        for options in ([schema["const"]] if "const" in schema else None, schema.get("enum")):
            if options is not None:
                keys = None if self.options is None else {_key(one) for one in self.options}
                self.options = [one for one in options if keys is None or _key(one) in keys]
        self.numbers.narrow(schema)
        self.longest = min(self.longest, schema.get("maxLength", math.inf))
        self.most_items = min(self.most_items, schema.get("maxItems", math.inf))
        if "format" in schema:
            self.formats.add(schema["format"])
        if "items" in schema:
            self.items.append(schema["items"])


def _why_not(requirement: Requirement, schemas: Sequence[Any], document: Mapping[str, Any]) -> Reason | None:
    """Why no value that all of these schemas allow satisfies the requirement; None if one may."""
    domain = _Domain()
    choices: list[list[Any]] = []
    for schema in _spread(schemas, document):
        if schema is False:
            return "no_such_field"
        if isinstance(schema, dict):
            domain.narrow(schema)
            choices += [schema[word] for word in ("anyOf", "oneOf") if schema.get(word)]
    reason = _narrowed(requirement, domain, document)
    for branches in choices:
        if reason is None:
            # At least one branch holds, together with everything beside it.
            beside = [_without_choices(schema) for schema in schemas]
            reasons = [_why_not(requirement, [*beside, branch], document) for branch in branches]
            reason = None if None in reasons else reasons[0]
    return reason


def _without_choices(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    return {word: value for word, value in schema.items() if word not in ("anyOf", "oneOf")}


def _narrowed(requirement: Requirement, domain: _Domain, document: Mapping[str, Any]) -> Reason | None:
    if domain.options is not None:
        return _among(requirement, domain)
    reasons = {one: _of_type(one, requirement, domain, document) for one in sorted(domain.types)}
    if not reasons or None in reasons.values():
        return None if reasons else "wrong_type"
    return next((reason for reason in reasons.values() if reason != "wrong_type"), "wrong_type")


def _among(requirement: Requirement, domain: _Domain) -> Reason | None:
    options = [one for one in domain.options or () if one is not None and _fits(one, domain)]
    spend(len(options))
    if requirement.op in ("in", "not_in"):
        listed = {_key(one) for one in requirement.value}
        met = any((_key(one) in listed) == (requirement.op == "in") for one in options)
    else:
        met = any(holds(requirement.op, one, requirement.value) for one in options)
    return None if met else "not_an_option"


def _fits(option: Any, domain: _Domain) -> bool:
    if is_number(option):
        return "number" in domain.types and domain.numbers.some(option, option)
    if isinstance(option, str):
        return "string" in domain.types and len(option) <= domain.longest
    return True


def _of_type(kind: str, requirement: Requirement, domain: _Domain, document: Mapping[str, Any]) -> Reason | None:
    op, value = requirement.op, requirement.value
    match kind:
        case "boolean":
            return _among(requirement, _Domain(options=[False, True])) and "wrong_type"
        case "number":
            return _number(op, value, domain)
        case "string":
            return _string(op, value, domain)
        case "array" if op == "contains":
            if domain.most_items < 1:
                return "out_of_bounds"
            item = Requirement(requirement.code, requirement.field, "eq", value)
            return _why_not(item, domain.items, document) if domain.items else None
        case "array" | "object" if op in ("ne", "not_in"):
            return None
    return "wrong_type"


def _number(op: Op, value: Any, domain: _Domain) -> Reason | None:
    wanted = [one for one in (value if isinstance(value, list) else [value]) if is_number(one)]
    spend(len(wanted))
    if op == "contains" or (not wanted and op not in ("ne", "not_in")):
        return "wrong_type"
    match op:
        case "eq" | "in":
            met = any(domain.numbers.some(one, one) for one in wanted)
        case "gte":
            met = domain.numbers.some(wanted[0], None)
        case "lte":
            met = domain.numbers.some(None, wanted[0])
        case _:
            met = not domain.numbers.all_among(wanted)
    return None if met else "out_of_bounds"


def _string(op: Op, value: Any, domain: _Domain) -> Reason | None:
    wanted = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
    spend(len(wanted))
    if op in ("ne", "not_in"):
        return None
    if not wanted:
        return "wrong_type"
    if op in ("gte", "lte"):
        extremes = [_EARLIEST_AND_LATEST[name] for name in domain.formats if name in _EARLIEST_AND_LATEST]
        farthest = [latest if op == "gte" else earliest for earliest, latest in extremes]
        return None if all(holds(op, one, wanted[0]) for one in farthest) else "out_of_bounds"
    return None if any(len(comparable(one)) <= domain.longest for one in wanted) else "out_of_bounds"


def _key(value: Any) -> Any:
    """Equal for values that a requirement takes for the same."""
    if isinstance(value, str):
        return ("text", comparable(value))
    if isinstance(value, bool) or not is_number(value):
        return (type(value), str(value))
    return ("number", value)
