"""FastAPI's validation errors as the `errors[]` of a problem."""

import re
from collections.abc import Sequence
from typing import Any

from chassis.locale import Locale
from chassis.problems import FieldError

_CODE = re.compile(r"[a-z][a-z0-9_]*")

_CHINESE = {
    "missing": "必填",
    "extra_forbidden": "未知字段",
    "string_too_short": "长度不足",
    "string_too_long": "长度超出上限",
    "string_type": "应为文本",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "float_parsing": "应为数字",
    "bool_parsing": "应为布尔值",
    "uuid_parsing": "应为 UUID",
    "datetime_parsing": "应为 RFC 3339 时间",
    "datetime_from_date_parsing": "应为 RFC 3339 时间",
    "timezone_aware": "时间须带时区",
    "date_from_datetime_parsing": "应为日期",
    "date_parsing": "应为日期",
    "enum": "不在允许的取值内",
    "literal_error": "不在允许的取值内",
    "json_invalid": "不是合法的 JSON",
    "greater_than": "数值过小",
    "greater_than_equal": "数值过小",
    "less_than": "数值过大",
    "less_than_equal": "数值过大",
    "model_attributes_type": "应为 JSON 对象",
    "model_type": "应为 JSON 对象",
    "list_type": "应为列表",
    "dict_type": "应为 JSON 对象",
    "too_long": "条目过多",
    "too_short": "条目过少",
}


def field_errors(errors: Sequence[Any], locale: Locale) -> list[FieldError]:
    """One `FieldError` per validation error; values sent are never repeated, they may be secrets."""
    return [
        FieldError(pointer=_pointer(error["loc"]), code=code, detail=detail)
        if code != "json_invalid"
        else _no_json(error["loc"][-1], detail, locale)
        for error in errors[:100]
        for code, detail in (_said(error, locale),)
    ]


_JSON_CHINESE = {
    "not_utf8": "请求体不是 UTF-8 编码",
    "json_invalid": "不是合法的 JSON",
    "too_deep": "嵌套过深",
    "duplicate_key": "对象中有重复的键",
    "number_out_of_range": "数值超出范围",
    "nul_character": "不接受 U+0000 字符",
    "half_character": "不接受不完整的代理对字符",
}


def json_error(code: str, detail: str, locale: Locale) -> FieldError:
    """Why a body is not let in as JSON."""
    public = "json_invalid" if code == "not_utf8" else code
    return FieldError(pointer="", code=public, detail=_JSON_CHINESE[code] if locale == "zh-CN" else detail)


def _no_json(character: object, detail: str, locale: Locale) -> FieldError:
    """FastAPI puts the position of invalid JSON into the location, where it would look like a place in the body."""
    where = f"（第 {character} 个字符）" if locale == "zh-CN" else f" at character {character}"
    return FieldError(pointer="", code="json_invalid", detail=detail + where)


def _said(error: Any, locale: Locale) -> tuple[str, str]:
    """The code and the text. A validator of ours raises `ValueError` with a code of its own, or with a sentence."""
    code, text = str(error["type"]), str(error["msg"])
    if code == "value_error":
        text = text.removeprefix("Value error, ")
        if _CODE.fullmatch(text):
            return text, text.replace("_", " ")
    return code, _CHINESE.get(code, text) if locale == "zh-CN" else text


def _pointer(location: Sequence[str | int]) -> str:
    """A JSON pointer into the body; other places are `#/query/<name>`, `#/path/<name>`, `#/header/<name>`."""
    place, *rest = location
    escaped = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in rest)
    return escaped if place == "body" else f"#/{place}{escaped}"
