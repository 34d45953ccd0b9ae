"""The schemas of an application's types, each made once and under one name.

FastAPI's own way makes a field of each field of each model, and each schema twice. A document of a hundred operations took two
seconds that way.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pydantic.json_schema import CoreModeRef, DefsRef, GenerateJsonSchema, JsonSchemaMode
from pydantic_core import CoreSchema

from chassis.web.named import COMPONENT

Schema = dict[str, Any]

PLACE: Final = "#/components/schemas/"

_SEPARATORS = re.compile(r"([\][,])")
_MODULE = re.compile(r"(?:[^.[\]]+\.)+([^.[\]]+)")
_CALLED: Final = {"ProblemDocument": "Problem"}
_BESIDE_A_NAME = frozenset({"description", "default", "examples", "deprecated"})
"""What is said of one place where a named schema stands, not of the schema."""


class Schemas:
    """Collects the schemas of requests and of answers; `finished` gives each its one name.

    A model whose form differs between the two is `<Name>Input` in requests.
    """

    def __init__(self) -> None:
        self._of_requests = _Collected("validation")
        self._of_answers = _Collected("serialization")

    def of_request(self, core: CoreSchema) -> Schema:
        """The schema of what comes in, as it is until `finished`."""
        return self._of_requests.generate_inner(core)

    def of_answer(self, core: CoreSchema) -> Schema:
        """The schema of what goes out."""
        return self._of_answers.generate_inner(core)

    def finished(self, requests: Iterable[Schema], answers: Iterable[Schema]) -> "Finished":
        """Everything collected, and the same schemas with their final names, in their order."""
        requests, answers = list(requests), list(answers)
        coming = _reached(requests, self._of_requests.definitions)
        going = _reached(answers, self._of_answers.definitions)
        split = _different(coming, going)
        tidy = _Tidy()
        inputs = {PLACE + name: f"{PLACE}{name}Input" for name in split}
        for name, schema in going.items():
            tidy.components[name] = tidy(schema, {})
        for name, schema in coming.items():
            if name in split or name not in going:
                tidy.put(f"{name}Input" if name in split else name, tidy(schema, inputs))
        tidied = [tidy(schema, inputs) for schema in requests], [tidy(schema, {}) for schema in answers]
        return Finished(*tidied, dict(sorted(tidy.components.items())))


class Finished:
    """Schemas with their final names, and the components they refer to."""

    def __init__(self, requests: list[Schema], answers: list[Schema], components: dict[str, Schema]) -> None:
        self.requests = requests
        self.answers = answers
        self.components = components


class _Collected(GenerateJsonSchema):
    """Pydantic's generator with the plain name of each class. Pydantic itself finds short names by trying, for longer than all else."""

    def __init__(self, mode: JsonSchemaMode) -> None:
        super().__init__(ref_template=PLACE + "{model}")
        self._mode = mode
        self._owners: dict[DefsRef, str] = {}

    def get_defs_ref(self, core_mode_ref: CoreModeRef) -> DefsRef:
        """See pydantic. Raises `ValueError` where two classes have one name."""
        core = core_mode_ref[0]
        whole = "".join(part.rsplit(":", 1)[0] for part in _SEPARATORS.split(core))
        short = self.normalize_name("".join(_MODULE.sub(r"\1", part) for part in _SEPARATORS.split(whole)))
        name = DefsRef(_CALLED.get(short, short))
        if self._owners.setdefault(name, core) != core:
            raise ValueError(f"two models of one application are called {name}: {core} and {self._owners[name]}")
        return name

    def encode_default(self, dft: Any) -> Any:
        """See pydantic, which builds a serialiser for each default; what is JSON already needs none."""
        return dft if type(dft) in _PLAIN else super().encode_default(dft)


_PLAIN: Final = frozenset({type(None), bool, int, str})


def _reached(roots: Sequence[Schema], definitions: Mapping[Any, Schema]) -> dict[str, Schema]:
    """The definitions that something refers to: an enum with a name of ours leaves its own behind."""
    found: dict[str, Schema] = {}
    waiting = _references(list(roots))
    while waiting:
        name = waiting.pop().removeprefix(PLACE)
        if name not in found:
            found[name] = definitions[name]
            waiting |= _references(definitions[name])
    return found


def _different(coming: Mapping[Any, Schema], going: Mapping[Any, Schema]) -> set[str]:
    """The names whose form in requests is another than in answers, by themselves or by what they refer to."""
    both = coming.keys() & going.keys()
    split = {str(name) for name in both if coming[name] != going[name]}
    while True:
        places = {PLACE + name for name in split}
        more = {str(name) for name in both if name not in split and places & _references(coming[name])}
        if not more:
            return split
        split |= more


def _references(node: Any) -> set[str]:
    found: set[str] = set()
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            waiting += one.values()
            if isinstance(one.get("$ref"), str):
                found.add(one["$ref"])
    return found


class _Tidy:
    """Rewrites schemas as generators of clients want them; puts those that are named in passing among the components."""

    def __init__(self) -> None:
        self.components: dict[str, Schema] = {}

    def put(self, name: str, schema: Schema) -> None:
        """Make a schema a component. Raises `ValueError` where the name means another one."""
        if self.components.setdefault(name, schema) != schema:
            raise ValueError(f"{name} names two schemas")

    def __call__(self, schema: Schema, renamed: Mapping[str, str]) -> Schema:
        """The same without titles and defaults made of objects, null as a type, named schemas by reference."""
        found: Schema = {}
        for key, value in schema.items():
            if key == "title" or (key == "default" and (value is None or _has_objects(value))):
                continue
            if key == "$ref":
                found[key] = renamed.get(value, value)
            elif key == "properties":
                found[key] = {name: self(one, renamed) for name, one in value.items()}
            elif key in {"items", "additionalProperties"} and isinstance(value, dict):
                found[key] = self(value, renamed)
            elif key in {"anyOf", "oneOf", "allOf", "prefixItems"}:
                found[key] = [self(one, renamed) for one in value]
            else:
                found[key] = value
        name = found.pop(COMPONENT, None)
        if name is not None:
            beside = {key: found.pop(key) for key in _BESIDE_A_NAME & found.keys()}
            self.put(name, found)
            found = {"$ref": PLACE + name} | beside
        return _nullable(found) if "anyOf" in found else found


def _has_objects(default: Any) -> bool:
    """Whether this is no literal that a generator knows how to write in its language."""
    return isinstance(default, dict) or (isinstance(default, list) and any(isinstance(one, dict) for one in default))


def _nullable(schema: Schema) -> Schema:
    """`type: [X, "null"]` where X is a plain type; a reference or null stays a choice of two."""
    values = [one for one in schema["anyOf"] if one != {"type": "null"}]
    if len(values) != 1 or len(schema["anyOf"]) != 2:
        return schema
    value: Schema = values[0]
    rest = {key: one for key, one in schema.items() if key != "anyOf"}
    if isinstance(value.get("type"), str) and "enum" not in value and "const" not in value:
        return value | {"type": [value["type"], "null"]} | rest
    return {"oneOf": [value, {"type": "null"}]} | rest
