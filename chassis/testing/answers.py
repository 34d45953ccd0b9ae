"""Holds every answer that a test is given against what its operation declares: the status, the problem's code, the form of the body."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import httpx
import orjson
from fastapi import FastAPI
from jsonschema_rs import Draft202012Validator, Registry

from chassis.problems import MEDIA_TYPE, ProblemType
from chassis.web.describing import PROBLEM_CODES

_DOCUMENT = "urn:document"
_JSON = ("application/json", MEDIA_TYPE)
ANY_TYPE = "*/*"
TOLD = ("ETag", "Location", "Retry-After", "WWW-Authenticate", "Idempotency-Replayed")
"""Headers that clients read, so that an operation declares them."""


class Undeclared(AssertionError):
    """An operation answered what it does not declare."""


class Declared:
    """The operations of an OpenAPI document. What it has of each is compiled at its first answer.

    An object has the properties that its schema names and no others, unless the schema says that it takes more. `beside` are
    problems that somebody before the operations may answer in their place. Paths that the document does not have are not looked
    at, but their problems must be problems.
    """

    def __init__(self, document: Mapping[str, Any], *, beside: Iterable[ProblemType] = ()) -> None:
        closed = {name: _closed(schema) for name, schema in document["components"]["schemas"].items()}
        whole = {"paths": document["paths"], "components": {"schemas": closed}}
        self._registry = Registry([(_DOCUMENT, whole)])
        self._paths = _Paths(document["paths"])
        self._headers: Mapping[str, Any] = document["components"].get("headers", {})
        self._beside = {(problem.status, problem.code) for problem in beside}
        self._validators: dict[str, Draft202012Validator] = {}

    async def hold(self, response: httpx.Response) -> None:
        """For the `event_hooks` of an `AsyncClient`."""
        if self._concerns(response):
            await response.aread()
            self.check(response)

    def hold_now(self, response: httpx.Response) -> None:
        """For the `event_hooks` of a `Client`."""
        if self._concerns(response):
            response.read()
            self.check(response)

    def _concerns(self, response: httpx.Response) -> bool:
        """Whether the document says something of it: what is not looked at is not read either, it may be streamed."""
        request = response.request
        known = self._paths.find(request.method, request.url.path) is not None
        return known or (_media_type(response) == MEDIA_TYPE and request.method != "HEAD")

    def check(self, response: httpx.Response) -> None:
        """Raise `Undeclared` unless its operation declares this answer."""
        request = response.request
        wrong = self._complaint(request.method, request.url.path, response)
        if wrong is not None:
            said = response.text[:500]
            raise Undeclared(f"{request.method} {request.url.path} answered {response.status_code}: {wrong}\n{said}")

    def _complaint(self, method: str, path: str, response: httpx.Response) -> str | None:
        status, media_type = response.status_code, _media_type(response)
        operation = self._paths.find(method, path)
        if operation is None:
            return self._misfit("/components/schemas/Problem", response) if media_type == MEDIA_TYPE else None
        template, declared = operation
        if media_type == MEDIA_TYPE and (status, orjson.loads(response.content).get("code")) in self._beside:
            return self._misfit("/components/schemas/Problem", response)
        answer = declared["responses"].get(str(status))
        if answer is None:
            return f"{declared['operationId']} does not declare this status"
        untold = {name for name in TOLD if name in response.headers} - answer.get("headers", {}).keys()
        if untold:
            return f"{declared['operationId']} does not declare {', '.join(sorted(untold))}"
        missing = {name for name in self._always_in(answer) if name not in response.headers}
        if missing:
            return f"{declared['operationId']} declares {', '.join(sorted(missing))}, which is not there"
        leads_to = response.headers.get("Location", "").partition("?")[0]
        if leads_to.startswith("/") and self._paths.find("GET", leads_to) is None:
            return f"{declared['operationId']} leads to {leads_to}, where nothing is read"
        content = answer.get("content", {})
        if not response.content:
            return f"{declared['operationId']} declares a body" if content and status != 304 else None
        if media_type not in content and ANY_TYPE not in content:
            return f"{declared['operationId']} declares {sorted(content) or 'no body'}, not {media_type}"
        place = "/".join(_escaped(part) for part in ("", "paths", template, method.lower(), "responses", str(status)))
        if media_type not in _JSON:
            return None
        wrong = self._misfit(f"{place}/content/{_escaped(media_type)}/schema", response)
        if wrong is None and media_type == MEDIA_TYPE:
            code = orjson.loads(response.content)["code"]
            if code not in answer.get(PROBLEM_CODES, ()):
                return f"{declared['operationId']} does not declare {code}"
            return _not_in_chinese(response)
        return wrong

    def _always_in(self, answer: Mapping[str, Any]) -> set[str]:
        """The headers that are in every such answer."""
        declared = {
            name: self._headers[header["$ref"].rpartition("/")[2]] if "$ref" in header else header
            for name, header in answer.get("headers", {}).items()
        }
        return {name for name, header in declared.items() if header.get("required")}

    def _misfit(self, place: str, response: httpx.Response) -> str | None:
        """What the body has otherwise than the schema at this place of the document."""
        validator = self._validators.get(place)
        if validator is None:
            schema = {"$ref": f"{_DOCUMENT}#{place}"}
            validator = Draft202012Validator(schema, registry=self._registry, formats=FORMATS, validate_formats=True)
            self._validators[place] = validator
        body = orjson.loads(response.content)
        if validator.is_valid(body):
            return None
        return "; ".join(
            f"{_place(error.instance_path)}: {error.message[:200]}" for error in validator.iter_errors(body)
        )


_of_services: dict[str, Declared] = {}


def declared_by(service: str, app: FastAPI) -> Declared:
    """What a service of this name declares: made from the first of its applications that asks."""
    if service not in _of_services:
        _of_services[service] = Declared(app.openapi())
    return _of_services[service]


class _Paths:
    """Finds the operation of a request."""

    def __init__(self, paths: Mapping[str, Any]) -> None:
        self._paths = paths
        self._patterns: dict[int, list[tuple[str, re.Pattern[str]]]] = {}
        for template in sorted(paths, key=lambda one: one.count("{")):
            pattern = re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)))
            self._patterns.setdefault(template.count("/"), []).append((template, pattern))

    def find(self, method: str, path: str) -> tuple[str, Any] | None:
        """The path as the document has it, and the operation; of two that fit the one with the method, then the more literal."""
        for template, pattern in self._patterns.get(path.count("/"), ()):
            if pattern.fullmatch(path) and method.lower() in self._paths[template]:
                return template, self._paths[template][method.lower()]
        return None


def _not_in_chinese(response: httpx.Response) -> str | None:
    """What of a problem for a Chinese reader is in another language."""
    if response.headers.get("content-language") != "zh-CN":
        return None
    body = orjson.loads(response.content)
    said = [
        body["title"],
        *([body["detail"]] if body.get("detail") else []),
        *(error["detail"] for error in body.get("errors", ())),
    ]
    foreign = [text for text in said if not any("\u4e00" <= character <= "\u9fff" for character in text)]
    return f"a Chinese reader is told {foreign}" if foreign else None


def _place(steps: Iterable[str | int]) -> str:
    """A place in a body, like `$.items[3].name`."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def _media_type(response: httpx.Response) -> str:
    return str(response.headers.get("content-type", "")).partition(";")[0]


def _closed(schema: Any) -> Any:
    """The same, taking no other properties than it names."""
    if schema.get("type") == "object" and "properties" in schema and "additionalProperties" not in schema:
        return schema | {"additionalProperties": False}
    return schema


def _escaped(part: str) -> str:
    """A name in a JSON pointer in a fragment."""
    return part.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")


def _is_uuid(value: str) -> bool:
    return _holds(lambda: str(UUID(value)) == value)


def _is_date(value: str) -> bool:
    return _holds(lambda: date.fromisoformat(value).isoformat() == value)


def _is_moment(value: str) -> bool:
    return _holds(lambda: datetime.fromisoformat(value).tzinfo is not None)


def _holds(condition: Callable[[], bool]) -> bool:
    try:
        return condition()
    except ValueError:
        return False


FORMATS = {"uuid": _is_uuid, "date": _is_date, "date-time": _is_moment}
