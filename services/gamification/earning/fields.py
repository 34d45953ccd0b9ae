"""Fields of message classes, by their paths."""

from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Form = Literal["text", "texts", "number", "truth"]

_FORMS: dict[Any, Form] = {str: "text", tuple[str, ...]: "texts", int: "number", float: "number", bool: "truth"}


@dataclass(frozen=True, slots=True)
class Attribute:
    """A field that conditions may test; `known` are the values of today, where they are listed."""

    name: str
    path: str
    form: Form
    known: tuple[str, ...]


def attribute(message: type[BaseModel], path: str) -> Attribute:
    """A field as an attribute, `object.kind` under the name `object_kind`. Raises `TypeError` where no rule can test it."""
    found = require(message, path, *_FORMS, absent=True)
    extra = found.json_schema_extra
    known: Any = extra.get("x-known-values", ()) if isinstance(extra, dict) else ()
    return Attribute(path.replace(".", "_"), path, _FORMS[_forms(found.annotation).pop()], tuple(known))


def require(message: type[BaseModel], path: str, *forms: Any, absent: bool = False) -> FieldInfo:
    """The field at a path. Raises `TypeError` where there is none or one of another type; `absent` allows None as well."""
    steps = path.split(".")
    owner: Any = message
    for step in steps[:-1]:
        owner = _field(message, path, owner, step).annotation
    found = _field(message, path, owner, steps[-1])
    of = _forms(found.annotation)
    if len(of) != 1 or not of <= set(forms) or (not absent and NoneType in get_args(found.annotation)):
        raise TypeError(f"{message.__name__}.{path} is {found.annotation}, not {' or '.join(map(str, forms))}")
    return found


def several(message: type[BaseModel], path: str) -> bool:
    """Whether the field at a path holds several members."""
    return tuple[UUID, ...] in _forms(require(message, path, UUID, tuple[UUID, ...], absent=True).annotation)


def _field(message: type[BaseModel], path: str, owner: Any, name: str) -> FieldInfo:
    fields: dict[str, FieldInfo] = getattr(owner, "model_fields", {})
    if name not in fields:
        raise TypeError(f"{message.__name__} has no field {path}")
    return fields[name]


def _forms(annotation: Any) -> set[Any]:
    """The types that a value may have, bare of what is written beside them; None is left out."""
    united = get_args(annotation) if get_origin(annotation) in {Union, UnionType} else (annotation,)
    return {_bare(one) for one in united if one is not NoneType}


def _bare(annotation: Any) -> Any:
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) is tuple:
        return tuple[tuple(one if one is ... else _bare(one) for one in get_args(annotation))]  # type: ignore[misc]
    return annotation
