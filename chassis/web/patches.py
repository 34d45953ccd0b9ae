"""Merge patches (RFC 7396) as request models."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from chassis.problems import INVALID
from chassis.web.validation import field_errors

ABSENT: Any = None
"""The default of a field that a patch may leave out but not clear: null is refused, since only defaults go unchecked."""

Model = TypeVar("Model", bound=BaseModel)


def merged(document: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON document with a merge patch applied, all the way down: null takes a member away, a list is replaced as a whole."""
    result = dict(document)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping):
            present = result.get(name)
            result[name] = merged(present if isinstance(present, Mapping) else {}, value)
        else:
            result[name] = value
    return result


def changed_by(patch: Mapping[str, Any], thing: Any) -> dict[str, list[Any]]:
    """The fields that the patch gives another value, with [before, after]."""
    return {name: [getattr(thing, name), value] for name, value in patch.items() if getattr(thing, name) != value}


def whole(model: type[Model], values: dict[str, Any]) -> Model:
    """What a patch makes of a document, checked as a whole. Raises `INVALID` where its parts do not fit together."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise INVALID(errors=field_errors([{**one, "loc": ("body", *one["loc"])} for one in found])) from None
