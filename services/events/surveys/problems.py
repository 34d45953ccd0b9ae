"""Refusals of surveys."""

from collections.abc import Mapping
from typing import Final

from chassis.problems import FieldError, ProblemType

SURVEY_CLOSED = ProblemType("survey_closed", 409, en="Nobody can answer now", zh="当前不能作答")
NOT_CLOSED = ProblemType(
    "survey_not_closed", 409, en="Nothing is shown before the survey has closed", zh="问卷结束前不显示任何结果"
)
ANSWERS_UNNAMED = ProblemType(
    "answers_unnamed", 409, en="Answers without names are read together only", zh="匿名答卷只能看汇总结果"
)
TOO_FEW_ASKED = ProblemType(
    "too_few_asked",
    409,
    en="Without names at least five are asked: fewer answers are shown to nobody",
    zh="匿名问卷至少须面向五人，不足五份答卷不显示",
)
ANOTHER_GROUP = ProblemType(
    "another_group_asked",
    409,
    en="Others were asked about the same without names, some of them the same: the difference would tell who said what",
    zh="已就同一对象向部分相同的成员做过匿名问卷，两者之差会暴露个人",
)

_WRONGS: Final[Mapping[str, tuple[str, str]]] = {
    "nobody_attends": ("Nobody attends that.", "该对象没有参加者。"),
    "missing": ("It is missing.", "缺少该项。"),
    "not_by_name": ("Only an audience that is `named` has names.", "仅当对象为指定成员时才能列出成员。"),
    "unknown_question": ("The survey has no such question.", "问卷没有这个问题。"),
    "answered_twice": ("It is answered twice.", "重复作答。"),
    "of_another_kind": ("The question is of another kind.", "与题型不符。"),
    "unknown_choice": ("There is no such choice.", "没有这个选项。"),
    "unknown_member": ("Nobody in this community has it.", "该社群没有这位成员。"),
    "unknown_object": ("There is no such thing in this community.", "该社群没有这一对象。"),
    "too_many_choices": (
        "Only a question of the kind `choice` has choices, from two on.",
        "仅选择题有选项，且至少两个。",
    ),
    "same_code": ("Two have the same code.", "编码重复。"),
    "month_alone": (
        "What is about a month names the month, and everything else a thing.",
        "按月问卷须给出月份，其他须给出对象。",
    ),
    "in_the_past": ("It is in the past.", "时间已过。"),
    "unknown_text": ("The survey has no such text.", "问卷没有这条文字。"),
}


def wrong(pointer: str, code: str) -> FieldError:
    """What a rule found wrong, in words."""
    en, zh = _WRONGS[code]
    return FieldError(pointer, code, en, zh)
