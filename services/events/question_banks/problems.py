"""Refusals of question banks."""

from collections.abc import Iterable

from assessment.limits import CODES, Wrong
from chassis.problems import FieldError, ProblemType

BANK_FULL = ProblemType("bank_full", 409, en="The bank has as many questions as one may have", zh="题库的题目已达上限")
QUESTIONS_UNREADABLE = ProblemType(
    "questions_unreadable", 422, en="The file cannot be read as questions", zh="无法将该文件作为试题读取"
)

TOO_MANY_PICTURES = FieldError(
    "/text", "too_many_pictures", "All versions of a question name too many pictures.", "该题目各版本引用的图片过多。"
)
UNKNOWN_EDITOR = FieldError(
    "/editor_ids", "unknown_member", "Only members of the community are appointed.", "只能指定本社群成员。"
)


def wrong_fields(found: Iterable[Wrong]) -> list[FieldError]:
    """What is wrong with a question, as fields of the request."""
    return [_field(one.pointer, one.code, *CODES[one.code]) for one in found]


def _field(pointer: str, code: str, english: str, chinese: str) -> FieldError:
    return FieldError(pointer, code, english, chinese)


def key_of_another(pointer: str) -> FieldError:
    """A new part has the key of an old one."""
    return FieldError(
        pointer,
        "key_of_another",
        "An earlier version had a part of this key: leave the key out, and the part gets a new one.",
        "较早版本中已有此键：请留空，由系统分配新键。",
    )
