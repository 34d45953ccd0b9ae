"""Forms that members write as JSON Schema (2020-12): whether one is valid and harmless.

A schema is a program that runs on our machine: `$ref` can fetch addresses or loop, `pattern` can run for hours. So what a
form may contain is checked by a walk of bounded size before any library sees it.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final

import orjson
from jsonschema.exceptions import ValidationError

from chassis.budget import spend
from chassis.forms.validators import CountedValidator
from chassis.problems import FieldError

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

MAX_BYTES: Final = 64 * 1024
MAX_DEPTH: Final = 10
MAX_PROPERTIES: Final = 200
MAX_EXPANDED: Final = 1_000
"""Subschemas after every `$ref` is followed: twenty lines can otherwise ask for 2^20 checks."""
MAX_NESTING: Final = 40
"""Of the JSON itself; deeper than any form of ten levels."""

_BY_NAME: Final = ("properties", "$defs", "definitions", "dependentSchemas")
_IN_LIST: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
_SINGLE: Final = ("items", "contains", "not", "if", "then", "else", "additionalProperties", "propertyNames")
_REFUSED: Final = {
    "pattern": "a pattern can take hours on a short text",
    "patternProperties": "a pattern can take hours on a short text",
    "$id": "a form has no address of its own",
    "$anchor": "refer by JSON pointer",
    "$dynamicRef": "refer by JSON pointer",
    "$dynamicAnchor": "refer by JSON pointer",
    "$recursiveRef": "refer by JSON pointer",
    "$recursiveAnchor": "refer by JSON pointer",
    "$vocabulary": "the vocabulary is fixed",
    "unevaluatedProperties": "its cost cannot be bounded",
    "unevaluatedItems": "its cost cannot be bounded",
}


class FormRefused(Exception):
    """A form that is not valid or not harmless; `errors` say where."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__("; ".join(f"{error.pointer}: {error.detail}" for error in errors))
        self.errors = errors


def check_form(form: Any) -> None:
    """Raise `FormRefused` unless the form is a valid and harmless JSON Schema for an object.

    At most 64 KiB, 10 levels of subschemas, 200 properties; `$ref` by JSON pointer into the document only, without cycles.
    """
    _check_size(form)
    if not isinstance(form, dict) or form.get("type") != "object":
        raise FormRefused(
            FieldError(
                "",
                "form_not_an_object",
                "A form describes an object: its `type` must be `object`.",
                "表单描述一个对象：`type` 须为 `object`。",
            )
        )
    if form.get("$schema", DIALECT) != DIALECT:
        raise FormRefused(
            FieldError("/$schema", "form_dialect", f"The dialect must be {DIALECT}.", f"方言须为 {DIALECT}。")
        )
    schemas = dict(_walk(form))
    _check_references(schemas)
    try:
        _meta_validator().validate(form)
    except ValidationError as error:
        raise FormRefused(
            FieldError(
                json_pointer(error.absolute_path),
                "form_invalid",
                f"Not valid here: `{error.validator}`.",
                f"此处无效：`{error.validator}`。",
            )
        ) from None


def faults_in(form: bytes) -> tuple[FieldError, ...]:
    """What keeps a form, as JSON, from being taken; nothing where it can be."""
    # The schema of schemas is followed by the library's own class, which counts nothing.
    spend(len(form) // 2)
    try:
        check_form(orjson.loads(form))
    except FormRefused as refused:
        return refused.errors
    return ()


# --- the walk ------------------------------------------------------------------------------------------------------


def _check_size(form: Any) -> None:
    """Bound the nesting first: the writer of JSON and the validator are recursive, this is not."""
    level, pending = 0, [form]
    while pending:
        level += 1
        if level > MAX_NESTING:
            raise FormRefused(
                FieldError("", "form_too_deep", f"At most {MAX_DEPTH} levels.", f"最多嵌套 {MAX_DEPTH} 层。")
            )
        pending = [
            child
            for node in pending
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
    try:
        size = len(orjson.dumps(form))
    except (TypeError, ValueError):
        raise FormRefused(FieldError("", "form_invalid", "The form is not JSON.", "表单不是 JSON。")) from None
    if size > MAX_BYTES:
        raise FormRefused(
            FieldError("", "form_too_large", f"At most {MAX_BYTES // 1024} KiB.", f"最多 {MAX_BYTES // 1024} KiB。")
        )


def _walk(form: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every subschema with its pointer; raises on the first that is refused."""
    properties = 0
    pending: list[tuple[str, Any, int]] = [("", form, 1)]
    while pending:
        pointer, schema, depth = pending.pop()
        if depth > MAX_DEPTH:
            raise FormRefused(
                FieldError(pointer, "form_too_deep", f"At most {MAX_DEPTH} levels.", f"最多嵌套 {MAX_DEPTH} 层。")
            )
        yield pointer, schema
        if not isinstance(schema, dict):
            continue
        _check_keywords(pointer, schema)
        named = schema.get("properties")
        properties += len(named) if isinstance(named, dict) else 0
        if properties > MAX_PROPERTIES:
            raise FormRefused(
                FieldError(
                    "", "form_too_large", f"At most {MAX_PROPERTIES} properties.", f"最多 {MAX_PROPERTIES} 个属性。"
                )
            )
        pending.extend((f"{pointer}{step}", child, depth + 1) for step, child in _children(schema))


def _check_keywords(pointer: str, schema: dict[str, Any]) -> None:
    for keyword, reason in _REFUSED.items():
        if keyword in schema:
            raise FormRefused(
                FieldError(
                    f"{pointer}/{escaped(keyword)}",
                    "form_keyword_refused",
                    f"`{keyword}`: {reason}.",
                    f"不接受 `{keyword}`。",
                )
            )
    if schema.get("format") == "regex":
        raise FormRefused(
            FieldError(f"{pointer}/format", "form_keyword_refused", "`format: regex`.", "不接受 `format: regex`。")
        )
    if pointer and "$schema" in schema:
        raise FormRefused(
            FieldError(
                f"{pointer}/$schema",
                "form_keyword_refused",
                "`$schema` may only stand at the top.",
                "`$schema` 只能位于最外层。",
            )
        )


def _children(schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for keyword in _BY_NAME:
        named = schema.get(keyword)
        if isinstance(named, dict):
            for name, child in named.items():
                yield f"/{keyword}/{escaped(name)}", child
    for keyword in _IN_LIST:
        listed = schema.get(keyword)
        if isinstance(listed, list):
            for index, child in enumerate(listed):
                yield f"/{keyword}/{index}", child
    for keyword in _SINGLE:
        if keyword in schema:
            yield f"/{keyword}", schema[keyword]


def _check_references(schemas: dict[str, Any]) -> None:
    """Every `$ref` leads to a subschema of the document, none back to itself, and all of them together not too far."""
    targets = {pointer: list(_targets(pointer, schema, schemas)) for pointer, schema in schemas.items()}
    expanded: dict[str, int] = {}
    entered: set[str] = set()
    for start in schemas:
        stack = [(start, False)]
        while stack:
            pointer, children_done = stack.pop()
            if children_done:
                entered.discard(pointer)
                expanded[pointer] = min(1 + sum(expanded[step] for step in targets[pointer]), MAX_EXPANDED + 1)
            elif pointer not in expanded:
                if not entered.isdisjoint(targets[pointer]):
                    raise FormRefused(
                        FieldError(
                            f"{pointer}/$ref", "form_recursive", "A form may not refer to itself.", "表单不能引用自身。"
                        )
                    )
                entered.add(pointer)
                stack.append((pointer, True))
                stack.extend((step, False) for step in targets[pointer])
    if expanded[""] > MAX_EXPANDED:
        raise FormRefused(
            FieldError("", "form_too_large", "The references expand into too many checks.", "引用展开后的检查过多。")
        )


def _targets(pointer: str, schema: Any, schemas: dict[str, Any]) -> Iterator[str]:
    """The subschemas that are applied where this one is, or below: definitions only where something refers to them."""
    if not isinstance(schema, dict):
        return
    for step, _ in _children(schema):
        if not step.startswith(("/$defs/", "/definitions/")):
            yield f"{pointer}{step}"
    if "$ref" in schema:
        yield _target(pointer, schema["$ref"], schemas)


def _target(pointer: str, reference: Any, schemas: dict[str, Any]) -> str:
    if not isinstance(reference, str) or not reference.startswith("#") or "%" in reference:
        raise FormRefused(
            FieldError(
                f"{pointer}/$ref",
                "form_reference",
                "`$ref` must be a JSON pointer into this document.",
                "`$ref` 须为指向本文档的 JSON 指针。",
            )
        )
    target = reference[1:]
    if target not in schemas:
        raise FormRefused(
            FieldError(
                f"{pointer}/$ref", "form_reference", "There is no subschema at this `$ref`.", "该 `$ref` 处没有子模式。"
            )
        )
    return target


@lru_cache(maxsize=1)
def _meta_validator() -> Any:
    """The dialect's own schema; its parts come with the library, nothing is fetched."""
    return CountedValidator(CountedValidator.META_SCHEMA)


def json_pointer(path: Iterable[str | int]) -> str:
    """A JSON pointer (RFC 6901) from its steps."""
    return "".join(f"/{escaped(str(step))}" for step in path)


def escaped(step: str) -> str:
    """One step of a JSON pointer, with `~` and `/` written as `~0` and `~1`."""
    return step.replace("~", "~0").replace("/", "~1")
