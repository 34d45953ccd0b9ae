"""Whether answers fit the form that they were given to."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import orjson
from jsonschema import FormatChecker
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource
from referencing.exceptions import NoSuchResource

from chassis.bounds import LARGEST_NUMBER
from chassis.forms.answer_words import in_words
from chassis.forms.definition import escaped, json_pointer
from chassis.forms.validators import CountedValidator
from chassis.problems import FieldError

MAX_BYTES: Final = 64 * 1024
MAX_VALUES: Final = 2_000
MAX_ITEMS: Final = 200
"""Of one array: comparing each item with each other, as `uniqueItems` does, grows with the square."""
MAX_NESTING: Final = 40
MAX_ERRORS: Final = 50


def errors_in(form: bytes, answers: bytes) -> list[FieldError]:
    """The same for both as JSON."""
    return answer_errors(orjson.loads(form), orjson.loads(answers))


def answer_errors(form: Mapping[str, Any], answers: Mapping[str, Any]) -> list[FieldError]:
    """How the answers do not fit the form, at most 50; empty if they do. Pointers are relative to the answers."""
    too_much = excess(answers)
    if too_much is not None:
        return [too_much]
    # The form is hashed by its text, so that one validator serves all answers to it.
    validator = _validator(orjson.dumps(form, option=orjson.OPT_SORT_KEYS))
    errors: list[FieldError] = []
    for error in validator.iter_errors(dict(answers)):
        errors.extend(_told(error))
        if len(errors) >= MAX_ERRORS:
            break
    return sorted(errors[:MAX_ERRORS], key=lambda error: (error.pointer, error.code))


def _refuse_retrieval(uri: str) -> Resource[Any]:
    raise NoSuchResource(ref=uri)  # type: ignore[call-arg]  # its attrs wrapper hides the constructor


def _offline() -> Registry[Any]:
    return Registry(retrieve=_refuse_retrieval)  # type: ignore[call-arg]  # the same


@lru_cache(maxsize=256)
def _validator(form: bytes) -> Any:
    return CountedValidator(orjson.loads(form), registry=_offline(), format_checker=_formats)


_formats = FormatChecker(formats=())
"""The formats that are checked. Any other format is only a hint for whoever displays the form."""


@_formats.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    # Week dates and dates without hyphens are ISO 8601, but not RFC 3339, which JSON Schema means.
    return not isinstance(value, str) or (len(value) == 10 and value[4] == "-" and bool(date.fromisoformat(value)))


@_formats.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@_formats.checks("email")
def _is_email(value: object) -> bool:
    if not isinstance(value, str):
        return True
    name, at, host = value.rpartition("@")
    return bool(name and at and "." in host.strip(".")) and not any(character.isspace() for character in value)


@_formats.checks("uuid", raises=ValueError)
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or bool(UUID(value))


@_formats.checks("uri")
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or value.startswith(("https://", "http://"))


def excess(answers: Mapping[str, Any]) -> FieldError | None:
    """What of the answers is out of all proportion, if anything is; the validator's cost is this times the form's."""
    nodes, level = 0, 0
    pending: list[tuple[str, Any]] = [("", answers)]
    while pending:
        level += 1
        if level > MAX_NESTING:
            return FieldError("", "too_deep", f"At most {MAX_NESTING} levels.", f"最多嵌套 {MAX_NESTING} 层。")
        following: list[tuple[str, Any]] = []
        for pointer, node in pending:
            nodes += 1
            if isinstance(node, list) and len(node) > MAX_ITEMS:
                return FieldError(pointer, "too_many_items", f"At most {MAX_ITEMS} items.", f"最多 {MAX_ITEMS} 项。")
            if isinstance(node, int | float) and not abs(node) <= LARGEST_NUMBER:
                return FieldError(
                    pointer, "number_too_large", "Too large for an exact JSON number.", "数值过大，JSON 无法精确表示。"
                )
            if isinstance(node, dict):
                following.extend((f"{pointer}/{escaped(key)}", child) for key, child in node.items())
            elif isinstance(node, list):
                following.extend((f"{pointer}/{index}", child) for index, child in enumerate(node))
        if nodes > MAX_VALUES:
            return FieldError("", "too_large", f"At most {MAX_VALUES} values.", f"最多 {MAX_VALUES} 个值。")
        pending = following
    if len(orjson.dumps(answers)) > MAX_BYTES:
        return FieldError("", "too_large", f"At most {MAX_BYTES // 1024} KiB.", f"最多 {MAX_BYTES // 1024} KiB。")
    return None


def _told(error: ValidationError) -> Iterator[FieldError]:
    """The error without the words of whoever answered in it: problems end up in logs of clients."""
    pointer = json_pointer(error.absolute_path)
    keyword = str(error.validator)
    instance: Any = error.instance
    if keyword == "required":
        wanted_names: Any = error.validator_value
        missing = [name for name in wanted_names if name not in instance]
        # The library reports each missing name separately, but names it only in the message.
        yield from (
            FieldError(f"{pointer}/{escaped(name)}", "required", "An answer is required.", "此项必填。")
            for name in missing
            if error.message.startswith(repr(name))
        )
    elif keyword == "additionalProperties" and error.validator_value is False:
        known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
        yield from (
            FieldError(
                f"{pointer}/{escaped(name)}", "unknown_field", "The form has no such field.", "表单没有这个字段。"
            )
            for name in instance
            if name not in known
        )
    else:
        en, zh = in_words(keyword, error.validator_value)
        yield FieldError(pointer, keyword, en, zh)
