"""The headings of tables of questions, by the names that trainers and the programs they use give them."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from assessment.formats.results import Refusal
from assessment.questions import letter

HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "kind": ("题型", "题目类型", "试题类型", "类型", "题类", "试题题型", "kind", "type", "question type"),
    "text": (
        *(
            "题干",
            "题目",
            "试题",
            "问题",
            "题目内容",
            "试题内容",
            "题干内容",
            "题目描述",
            "试题题干",
            "问题内容",
            "考题",
            "题面",
        ),
        *("text", "question", "stem", "question text"),
    ),
    "choices": ("选项", "选项内容", "备选项", "备选答案", "候选项", "全部选项", "choices", "options"),
    "answer": (
        *("答案", "正确答案", "标准答案", "参考答案", "正确选项", "试题答案", "题目答案", "答案内容", "正确答案选项"),
        *("answer", "correct answer", "right answer", "key"),
    ),
    "explanation": (
        *("解析", "答案解析", "试题解析", "题目解析", "解析说明", "答题解析", "试题分析", "分析", "解释"),
        *("explanation", "analysis", "general feedback"),
    ),
    "marks": (
        "分值",
        "分数",
        "得分",
        "本题分数",
        "本题分值",
        "题目分值",
        "试题分数",
        "默认分值",
        "marks",
        "score",
        "points",
    ),
    "difficulty": ("难度", "难易度", "难易程度", "难度系数", "难度等级", "试题难度", "题目难度", "difficulty", "level"),
    "category": (
        "分类",
        "类别",
        "题库分类",
        "试题分类",
        "题目分类",
        "所属分类",
        "所属类别",
        "章节",
        "目录",
        "所属章节",
        "category",
        "chapter",
    ),
    "tags": ("标签", "知识点", "关键词", "关键字", "考点", "试题标签", "所属知识点", "tags", "tag", "keywords"),
    "rubric": ("评分标准", "评分要点", "评分细则", "得分点", "采分点", "评分说明", "rubric"),
    "deduction": ("答错扣分", "扣分", "倒扣分", "错误扣分", "deduction", "penalty"),
    "partial": ("部分得分", "计分方式", "漏选计分", "漏选得分", "少选得分", "评分方式", "partial", "partial marks"),
    "fold_case": ("区分大小写", "大小写敏感", "case sensitive"),
    "fold_traditional": ("区分繁简", "区分简繁", "traditional matters"),
    "shuffle": ("选项乱序", "乱序", "选项随机", "是否乱序", "打乱选项", "shuffle"),
    "when_right": ("答对反馈", "答对提示", "正确反馈", "feedback when right"),
    "when_wrong": ("答错反馈", "答错提示", "错误反馈", "feedback when wrong"),
    "name": ("名称", "题目名称", "试题名称", "标题", "name", "title"),
    "id_number": ("编号", "试题编号", "题目编号", "题目id", "试题id", "id", "id number"),
}
"""What columns mean, by the names they have; the first one is written."""
COUNTED: Final = frozenset(("序号", "题号", "no", "no.", "#", "行号"))
"""Columns that only count the rows: nothing is lost without them."""

_AROUND = re.compile(r"[\s*＊:：_\-]+")
_BRACKETS = re.compile(r"[(（\[【〔][^()（）\[\]【】〔〕]*[)）\]】〕]")
_CHOICE = re.compile(
    r"(?:选项|备选答案|备选项|备选|答案选项|候选项|choice|option|answer)([a-z]|\d{1,2})|([a-z])(?:选项|项)?",
    re.IGNORECASE,
)


def key_of(heading: object) -> str:
    """A heading as it is compared: in one width and case, without what is added to it: “题干（必填）*” is “题干”."""
    text = unicodedata.normalize("NFKC", str(heading)[:200]).casefold()
    bare = _AROUND.sub("", _BRACKETS.sub("", text))
    return bare or _AROUND.sub("", text)


_BY_KEY: Final = {key_of(name): column for column, names in HEADINGS.items() for name in names}
_COUNTED: Final = frozenset(map(key_of, COUNTED))


def column_of(heading: object) -> str | None:
    """What a heading means: a name of `HEADINGS`, a letter for a choice, `counted`, or None for what is not read."""
    key = key_of(heading)
    if key in _BY_KEY:
        return _BY_KEY[key]
    if key in _COUNTED:
        return "counted"
    if found := _CHOICE.fullmatch(key):
        named = (found.group(1) or found.group(2)).upper()
        if named.isdecimal():
            return letter(int(named) - 1) if 1 <= int(named) <= 26 else None
        return named
    return None


def is_heading(text: str) -> bool:
    """Whether a column of the table has this name."""
    return column_of(text) is not None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns are, from 0; `unread` are the names of those that nobody reads, `headed` the places of all that have one."""

    columns: dict[str, int]
    unread: tuple[str, ...]
    headed: frozenset[int] = frozenset()

    def unheaded(self, cells: Sequence[Any]) -> list[Any]:
        """The cells of a row that stand below no heading."""
        return [cell for position, cell in enumerate(cells) if position not in self.headed]

    def title(self, column: str) -> str:
        """What a column is called."""
        return HEADINGS[column][0] if column in HEADINGS else f"选项{column}"


def layout_of(cells: Sequence[Any]) -> Layout | None:
    """The layout, if these are headings: among them must be the one of the texts, and of answers, kinds or choices.

    Raises `Refusal` where two columns mean the same.
    """
    columns: dict[str, int] = {}
    unread: list[str] = []
    headed: set[int] = set()
    twice = ""
    for position, cell in enumerate(cells):
        if cell is None or isinstance(cell, Exception) or not str(cell).strip():
            continue
        headed.add(position)
        column = column_of(cell)
        if column is None:
            unread.append(str(cell))
        elif column in columns and column not in ("counted", "id_number"):
            twice = twice or str(cell)
        else:
            columns[column] = position
    if "text" not in columns or not columns.keys() & {"answer", "kind", "A"}:
        return None
    if twice:
        raise Refusal("heading_twice", {"said": twice[:40]})
    return Layout(columns, tuple(unread), frozenset(headed))
