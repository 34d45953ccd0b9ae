"""OAuth 2.0's form (RFC 6749): what standard libraries send for a token, taken as the JSON that it stands for."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request

from chassis.problems import CLIENT_REFUSED, INVALID, FieldError, Problem
from chassis.web.media import check_coding, essence

FORM: Final = "application/x-www-form-urlencoded"

_MOST_NAMES = 20
_BY_POINTER: Final = {"/grant_type": "unsupported_grant_type", "/scope": "invalid_scope"}


def is_form(request: Request) -> bool:
    """Whether this is how the body says it comes."""
    return essence(request.headers.get("content-type", "")) == FORM


def proves_itself(request: Request) -> bool:
    """Whether a client says who it is by HTTP Basic, which is no token."""
    return request.headers.get("authorization", "").partition(" ")[0].lower() == "basic"


async def form_as_json(request: Request, names: Sequence[str]) -> Request:
    """The request as if the form were JSON, with the client's id and secret among its values.

    Other names than these are ignored, and what has no value is left out, as the RFC says. Raises `INVALID` and `UNSUPPORTED_MEDIA_TYPE`.
    """
    check_coding(request)
    body = await request.body()
    values = {name: value for name, value in _pairs(body, names).items() if value}
    if proves_itself(request):
        if "client_secret" in values:
            raise INVALID(errors=[_twice("/client_secret")])
        client, secret = _basic(request.headers["authorization"])
        if values.get("client_id", client) != client:
            raise INVALID(errors=[_twice("/client_id")])
        values |= {"client_id": client, "client_secret": secret}
    headers = [pair for pair in request.scope["headers"] if pair[0] != b"content-type"]
    scope = {**request.scope, "headers": [*headers, (b"content-type", b"application/json")]}
    taken = Request(scope, request.receive)
    taken._body, taken._json = body or b"{}", values  # noqa: SLF001 - where Starlette keeps what it has read and parsed
    return taken


def as_oauth(problem: Problem, request: Request) -> Problem:
    """The same with `error` as RFC 6749, 5.2 names it, for libraries that decide by it."""
    if problem.type is CLIENT_REFUSED:
        challenge = {"WWW-Authenticate": 'Basic realm="qunxue"'} if proves_itself(request) else {}
        return _with_error(problem, "invalid_client", challenge)
    if problem.type is not INVALID:
        return problem
    named = next((_BY_POINTER[one.pointer] for one in problem.errors if one.pointer in _BY_POINTER), None)
    return _with_error(problem, named or "invalid_request", {})


def _with_error(problem: Problem, error: str, headers: dict[str, str]) -> Problem:
    return replace(problem, headers=problem.headers | headers, extensions={"error": error} | problem.extensions)


def _pairs(body: bytes, names: Sequence[str]) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_NAMES, errors="strict")
    except ValueError:
        raise INVALID(errors=[_NO_FORM]) from None
    values: dict[str, str] = {}
    for name, value in pairs:
        if name in values:
            raise INVALID(errors=[_twice(f"/{name}")])
        if "\0" in value:
            raise INVALID(
                errors=[FieldError(f"/{name}", "nul_character", "U+0000 is not accepted.", "不接受 U+0000 字符。")]
            )
        if name in names:
            values[name] = value
    return values


def _basic(authorization: str) -> tuple[str, str]:
    """The id and secret, each encoded as in a form. Raises `CLIENT_REFUSED`."""
    try:
        text = base64.b64decode(authorization.partition(" ")[2].strip(), validate=True).decode()
        client, colon, secret = text.partition(":")
        if not colon or "\0" in text:
            raise ValueError
        return unquote_plus(client, errors="strict"), unquote_plus(secret, errors="strict")
    except (binascii.Error, ValueError):
        raise CLIENT_REFUSED() from None


_NO_FORM: Final = FieldError("", "not_a_form", "This is no form in UTF-8.", "请求体不是 UTF-8 编码的表单。")


def _twice(pointer: str) -> FieldError:
    return FieldError(pointer, "given_twice", "This parameter can be given once.", "该参数只能出现一次。")
