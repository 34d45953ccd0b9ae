"""What single cells of a table say."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from assessment.formats.making import number_of, refuse_damaged
from assessment.formats.results import Refusal, shortened
from assessment.questions import WHOLE, Accepted, Kind, Partial

LONGEST_CELL: Final = 32_767
"""Signs, as many as a spreadsheet holds."""
TRUE_WORDS: Final = frozenset(
    ["对", "正确", "√", "✓", "✔", "是", "t", "true", "y", "yes", "1", "right", "correct", "真", "v"]
)
FALSE_WORDS: Final = frozenset(
    [
        "错",
        "错误",
        "×",
        "✗",
        "✘",
        "✕",
        "否",
        "f",
        "false",
        "n",
        "no",
        "0",
        "wrong",
        "incorrect",
        "假",
        "x",
        "不对",
        "不正确",
    ]
)

_KINDS: Final[dict[Kind, tuple[str, ...]]] = {
    "single": ("单选题", "单选", "单项选择", "单项选择题", "选择题", "single", "single choice", "multichoice"),
    "multiple": (
        "多选题",
        "多选",
        "多项选择",
        "多项选择题",
        "不定项",
        "不定项选择",
        "不定项选择题",
        "multiple",
        "multiple choice",
    ),
    "true_false": ("判断题", "判断", "是非题", "对错题", "判断正误", "true/false", "truefalse", "true_false"),
    "fill_in": ("填空题", "填空", "fill-in", "fill in", "fill_in", "shortanswer", "numerical"),
    "ordering": ("排序题", "排序", "顺序题", "ordering"),
    "matching": ("匹配题", "匹配", "连线题", "连线", "配对题", "配对", "matching", "match"),
    "short_text": (
        *(
            "简答题",
            "简答",
            "问答题",
            "问答",
            "论述题",
            "论述",
            "主观题",
            "名词解释",
            "名词解释题",
            "案例分析题",
            "案例分析",
        ),
        *("计算题", "short_text", "short text", "essay"),
    ),
}
_KIND_BY_NAME: Final = {name: kind for kind, names in _KINDS.items() for name in names}
KIND_NAMES: Final[dict[Kind, str]] = {kind: names[0] for kind, names in _KINDS.items()}
"""What a kind is called where it is written."""
NOT_HELD: Final = frozenset(
    (
        *(
            "组合题",
            "材料题",
            "材料分析题",
            "阅读理解",
            "阅读理解题",
            "完形填空",
            "完型填空",
            "听力",
            "听力题",
            "综合题",
            "复合题",
        ),
        *("套题", "操作题", "实操题", "上传题", "文件上传", "作图题", "录音题", "口语题", "cloze", "calculated"),
    )
)
"""Kinds of questions that trainers' programs have and that are not held here."""

DIFFICULTIES: Final[dict[str, int]] = {
    **dict.fromkeys(("很易", "最易", "易", "容易", "很容易", "很简单", "入门", "very easy"), 1),
    **dict.fromkeys(("较易", "较容易", "简单", "较简单", "初级", "easy"), 2),
    **dict.fromkeys(("中", "中等", "一般", "适中", "中级", "普通", "medium"), 3),
    **dict.fromkeys(("较难", "困难", "高级", "hard", "difficult"), 4),
    **dict.fromkeys(("难", "很难", "最难", "极难", "专家", "very hard"), 5),
}
DIFFICULTY_NAMES: Final = {1: "易", 2: "较易", 3: "中", 4: "较难", 5: "难"}
PARTIALS: Final[dict[str, Partial]] = {
    **dict.fromkeys(("", "usual", "漏选得一半", "漏选得分", "少选得一半", "部分得分", "是", "yes"), "usual"),
    **dict.fromkeys(
        ("none", "全对得分", "全对才得分", "全部正确得分", "不得分", "漏选不得分", "少选不得分", "否", "no"), "none"
    ),
}
PARTIAL_NAMES: Final[dict[Partial, str]] = {"usual": "漏选得一半", "none": "全对得分"}

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufdd0-\ufdef\ufffe\uffff\ufeff\u200b]")
_BESIDE = re.compile(r"[;；\n]")
_OR = re.compile(r"[|｜]")
_NUMBER = re.compile(r"([+-]?[\d.]+(?:[eE][+-]?\d+)?)\s*±\s*([\d.]+(?:[eE][+-]?\d+)?)", re.ASCII)
_MARKS = re.compile(r"(\d{1,6}(?:\.\d{1,2})?)\s*(?:分|points?)?", re.ASCII)
_SIGNS: Final = "|｜;；±\\"
_PROTECTED = re.compile(r"\\([|｜;；±\\])")
_HELD = {sign: chr(0xFDD0 + count) for count, sign in enumerate(_SIGNS)}
_FREE = {ord(held): sign for sign, held in _HELD.items()}


def text_of(cell: Any, column: str = "") -> str:
    """A cell as a text: numbers as a sheet shows them. Raises `Refusal` for one that cannot be read."""
    if cell is None:
        return ""
    if isinstance(cell, Exception):
        raise Refusal("bad_cell", {"column": column, "said": str(getattr(cell, "code", cell))[:40]})
    if isinstance(cell, str):
        if len(cell) > LONGEST_CELL:
            raise Refusal("cell_too_long", {"column": column, "limit": LONGEST_CELL})
        refuse_damaged(cell)
        return _CONTROL.sub("", cell.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ") if cell.time() != datetime.min.time() else cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def plain(text: str) -> str:
    """A text in one width and case, for what is compared."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def kind_of(said: str) -> Kind | None:
    """The kind of this name; None for one that is not held. Raises `Refusal` for what is no kind."""
    name = plain(said).strip("()[]【】")
    if name in _KIND_BY_NAME:
        return _KIND_BY_NAME[name]
    if name in NOT_HELD:
        return None
    raise Refusal("unknown_kind", {"said": shortened(said)})


def yes_or_no(said: str, column: str) -> bool:
    """Raises `Refusal` for neither."""
    name = plain(said)
    if name in TRUE_WORDS:
        return True
    if name in FALSE_WORDS:
        return False
    raise unknown(said, column)


def unknown(said: str, column: str) -> Refusal:
    """That a column cannot say this."""
    return Refusal("unknown_value", {"said": shortened(said), "column": column})


def marks_of(said: str, column: str) -> int:
    """Hundredths of a mark."""
    found = _MARKS.fullmatch(plain(said))
    if found is None:
        raise unknown(said, column)
    return int(Decimal(found.group(1)) * 100)


def difficulty_of(said: str, column: str) -> int:
    """1 to 5, from a word, a number, stars, or the share of people who are right: 0.9 is easy."""
    name = plain(said)
    if name in DIFFICULTIES:
        return DIFFICULTIES[name]
    if name in ("1", "2", "3", "4", "5"):
        return int(name)
    if set(name) == {"★"} and len(name) <= 5:
        return len(name)
    if re.fullmatch(r"0\.\d{1,3}", name, re.ASCII):
        return 5 - min(4, int(Decimal(name) * 5))
    raise unknown(said, column)


def partial_of(said: str, column: str) -> Partial:
    """How parts of an answer are paid."""
    if (name := plain(said)) in PARTIALS:
        return PARTIALS[name]
    raise unknown(said, column)


def category_of(said: str) -> tuple[str, ...]:
    """A path of categories: `安全/消防` or `安全>消防`."""
    return tuple(part for part in (" ".join(one.split()) for one in re.split(r"[/＞>\\]|->", said)) if part)


def tags_of(said: str) -> tuple[str, ...]:
    """Tags with commas or the like between them."""
    parts = (" ".join(one.split()) for one in re.split(r"[,，;；、|\n]", said))
    return tuple(dict.fromkeys(part for part in parts if part))


def fillings_of(said: str, blanks: int) -> list[tuple[Accepted, ...]]:
    r"""What fills each blank: `；` or a line stands between blanks, `|` between what is accepted; of one blank both do the latter.

    Where a text has several blanks and the answer no `；`, `|` stands between them. A `\` before such a sign makes it part of the answer.
    """
    held = _PROTECTED.sub(lambda found: _HELD[found.group(1)], said)
    beside = [part for part in _BESIDE.split(held) if part.strip()]
    either = [[one for one in _OR.split(part) if one.strip()] for part in beside]
    if blanks <= 1:
        either = [[one for part in either for one in part]]
    elif len(beside) == 1 and len(either[0]) == blanks:
        either = [[one] for one in either[0]]
    elif len(beside) != blanks:
        raise Refusal("count_of_blanks", {"blanks": blanks, "said": len(beside)})
    return [tuple(map(_accepted_of, ways)) for ways in either]


def count_of_fillings(said: str) -> int:
    """For how many blanks an answer has something, by the signs that stand between blanks."""
    return sum(bool(part.strip()) for part in _BESIDE.split(_PROTECTED.sub("x", said)))


def _accepted_of(said: str) -> Accepted:
    """A text, or a number with what it may be off: `3.14±0.01`."""
    said = said.strip()
    if found := _NUMBER.fullmatch(unicodedata.normalize("NFKC", said)):
        return Accepted(number=number_of(found.group(1)), tolerance=number_of(found.group(2)), weight=WHOLE)
    return Accepted(said.translate(_FREE))


def protected(said: str) -> str:
    """A text as one of several ways to fill a blank."""
    return re.sub(r"[|｜;；±\\]", r"\\\g<0>", " ".join(said.split()))


def first_of(cells: Sequence[Any]) -> tuple[int, str] | None:
    """The one cell of a row that says something, and where it is; None if there are others, or none."""
    said = [count for count, cell in enumerate(cells) if not is_empty(cell)]
    return (said[0], text_of(cells[said[0]])) if len(said) == 1 else None


def is_empty(cell: Any) -> bool:
    """Whether a cell says nothing: what a merged one covers is nothing of its own."""
    if isinstance(cell, Exception):
        return getattr(cell, "code", "") == "merged_cell"
    return cell is None or not str(cell).strip()
