"""FastAPI's validation errors as the `errors[]` of a problem."""

from collections.abc import Sequence
from typing import Any, Final

from chassis.problems import FieldError
from chassis.wrong import Wrong

CHINESE: Final = {
    "missing": "必填。",
    "extra_forbidden": "未知字段。",
    "string_too_short": "至少 {min_length} 个字符。",
    "string_too_long": "最多 {max_length} 个字符。",
    "string_type": "应为文本。",
    "string_pattern_mismatch": "格式不正确。",
    "int_parsing": "应为整数。",
    "int_parsing_size": "整数过大。",
    "int_from_float": "应为整数。",
    "int_type": "应为整数。",
    "float_parsing": "应为数字。",
    "float_type": "应为数字。",
    "finite_number": "应为有限的数。",
    "bool_parsing": "应为布尔值。",
    "bool_type": "应为布尔值。",
    "uuid_parsing": "应为 UUID。",
    "uuid_type": "应为 UUID。",
    "datetime_parsing": "应为 RFC 3339 时间。",
    "datetime_type": "应为 RFC 3339 时间。",
    "datetime_from_date_parsing": "应为 RFC 3339 时间。",
    "datetime_object_invalid": "应为 RFC 3339 时间。",
    "timezone_aware": "时间须带时区。",
    "date_from_datetime_parsing": "应为日期。",
    "date_from_datetime_inexact": "应为日期。",
    "date_parsing": "应为日期。",
    "date_type": "应为日期。",
    "enum": "可选：{expected}。",
    "literal_error": "可选：{expected}。",
    "json_invalid": "不是合法的 JSON。",
    "greater_than": "须大于 {gt}。",
    "greater_than_equal": "不能小于 {ge}。",
    "less_than": "须小于 {lt}。",
    "less_than_equal": "不能大于 {le}。",
    "model_attributes_type": "应为 JSON 对象。",
    "model_type": "应为 JSON 对象。",
    "list_type": "应为列表。",
    "set_type": "应为列表。",
    "dict_type": "应为 JSON 对象。",
    "too_long": "最多 {max_length} 项，现有 {actual_length} 项。",
    "too_short": "至少 {min_length} 项，现有 {actual_length} 项。",
}
"""What the codes that models of requests can give say in Chinese, with pydantic's figures."""

_JSON = {
    "not_utf8": "请求体不是 UTF-8 编码。",
    "json_invalid": "不是合法的 JSON。",
    "too_deep": "嵌套过深。",
    "duplicate_key": "对象中有重复的键。",
    "number_out_of_range": "数值超出范围。",
    "nul_character": "不接受 U+0000 字符。",
    "half_character": "不接受不完整的代理对字符。",
}


def field_errors(errors: Sequence[Any]) -> list[FieldError]:
    """One `FieldError` per validation error; values sent are never repeated, they may be secrets."""
    return [_told(error) for error in errors[:100]]


def json_error(code: str, detail: str) -> FieldError:
    """Why a body is not let in as JSON."""
    return FieldError("", "json_invalid" if code == "not_utf8" else code, detail, _JSON[code])


def _told(error: Any) -> FieldError:
    code, text, context = str(error["type"]), str(error["msg"]), error.get("ctx") or {}
    pointer = _pointer(error["loc"])
    if isinstance(wrong := context.get("error"), Wrong):
        return FieldError(pointer + wrong.at, wrong.code, wrong.en, wrong.zh)
    if code == "json_invalid":
        # FastAPI puts the position into the location, where it would look like a place in the body.
        at = error["loc"][-1]
        return FieldError("", code, f"{text} at character {at}", f"第 {at} 个字符起{CHINESE[code]}")
    if isinstance(expected := context.get("expected"), str):
        # pydantic joins the choices as English does: 'a', 'b' or 'c'.
        context = {**context, "expected": expected.replace(" or ", ", ").replace(", ", "、").replace("'", "")}
    told = text.removeprefix("Value error, ").replace(" after validation", "")
    return FieldError(pointer, code, told, CHINESE.get(code, "").format(**context))


def _pointer(location: Sequence[str | int]) -> str:
    """A JSON pointer into the body; other places are `#/query/<name>`, `#/path/<name>`, `#/header/<name>`."""
    place, *rest = location or ("body",)
    escaped = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in rest)
    return escaped if place == "body" else f"#/{place}{escaped}"
