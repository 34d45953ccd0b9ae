"""What every request passes before an operation reads it: texts that are texts, JSON that means one thing, parameters that exist."""

from collections.abc import Collection, Sequence
from typing import Any, get_args, get_origin
from urllib.parse import unquote_to_bytes

from fastapi import params
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from starlette.requests import Request

from chassis.problems import INVALID, NOT_FOUND, FieldError
from chassis.strict_json import JsonRefused, parse
from chassis.web.media import check_json, is_json
from chassis.web.validation import json_error

MOST_NAMED = 20
"""How many wrong parameters one refusal names."""


class Taken:
    """What an operation takes: whether JSON, which names in its query, and which of them more than once."""

    def __init__(self, dependant: Dependant, *, foreign_query: bool = False) -> None:
        self.json = bool(dependant.body_params)
        self.foreign_query = foreign_query
        fields = [field for field in get_flat_params(dependant) if isinstance(field.field_info, params.Query)]
        self.names: Collection[str] = frozenset(field.alias for field in fields)
        self.repeatable: Collection[str] = frozenset(
            field.alias for field in fields if _is_list(field.field_info.annotation)
        )

    def check(self, request: Request) -> None:
        """Raises `INVALID`: a filter that is misspelt, or given twice, would be ignored, and the list answered whole."""
        query = request.scope["query_string"]
        if not query:
            return
        if b"%" in query:
            _check_text(query)
        given = [name for name, _ in request.query_params.multi_items()]
        wrong = [_unknown(name) for name in dict.fromkeys(given) if name not in self.names and not self.foreign_query]
        wrong += [
            FieldError(f"#/query/{name}", "given_twice", "This parameter can be given once.", "该参数只能出现一次。")
            for name in dict.fromkeys(given)
            if name in self.names and name not in self.repeatable and given.count(name) > 1
        ]
        if wrong:
            raise INVALID(errors=wrong[:MOST_NAMED])


def _is_list(annotation: Any) -> bool:
    return any(get_origin(one) is list for one in (annotation, *get_args(annotation)))


def _unknown(name: str) -> FieldError:
    pointer = name[:100].replace("~", "~0").replace("/", "~1")
    return FieldError(f"#/query/{pointer}", "unknown_parameter", "There is no such parameter.", "没有这个参数。")


def _check_text(query: bytes) -> None:
    try:
        decoded = unquote_to_bytes(query).decode()
    except UnicodeDecodeError:
        raise INVALID(
            errors=[FieldError("#/query", "not_utf8", "The query is not UTF-8.", "查询字符串不是 UTF-8 编码。")]
        ) from None
    if "\0" in decoded:
        raise INVALID(
            errors=[FieldError("#/query", "nul_character", "U+0000 is not accepted.", "不接受 U+0000 字符。")]
        )


def check_path(request: Request) -> None:
    """Nothing has an address with U+0000 in it. Raises `NOT_FOUND`."""
    if "\0" in request.scope["path"]:
        raise NOT_FOUND()


async def let_json_in(request: Request, *, wanted: bool, also: Sequence[str] = ()) -> None:
    """Parse a JSON body by the strict rules, for FastAPI to find it parsed.

    `wanted` is whether the operation takes JSON, `also` what else. Raises `UNSUPPORTED_MEDIA_TYPE` and `INVALID`.
    """
    body = await request.body()
    if not body or not (wanted or is_json(request)):
        return
    check_json(request, also)
    try:
        request._json = parse(body)  # noqa: SLF001 - where Starlette keeps what it has parsed
    except JsonRefused as refused:
        raise INVALID(errors=[json_error(refused.code, refused.detail)]) from None
