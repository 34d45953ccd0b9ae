"""Writes the table of trainers, and the empty one to fill in."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from assessment.formats.leaving import Notes, NotHeld
from assessment.formats.making import FALSE_TEXT, GAP, TRUE_TEXT, choices_of, pairs_of, speakable, true_or_false
from assessment.formats.results import Cell, Tabulated
from assessment.formats.table_headings import HEADINGS
from assessment.formats.table_values import (
    DIFFICULTY_NAMES,
    FALSE_WORDS,
    KIND_NAMES,
    PARTIAL_NAMES,
    TRUE_WORDS,
    category_of,
    plain,
    protected,
    tags_of,
)
from assessment.questions import FALSE, TRUE, WHOLE, Accepted, Blank, Choice, Question, letter

_ALWAYS: Final = (
    "kind",
    "text",
    "A",
    "B",
    "C",
    "D",
    "answer",
    "explanation",
    "marks",
    "difficulty",
    "category",
    "tags",
)
_ARROWS = re.compile(r"->|→|=>|⇒|——|—>")
_GAPS = re.compile(r"[_＿]{2,}")
_BRACKETS = re.compile(r"[(（][\s_＿]*[)）]")


def write_table(questions: Iterable[Question]) -> Tabulated:
    """The questions below their headings. Columns that most tables lack are there if a question needs them."""
    notes = Notes()
    found: list[dict[str, Cell]] = []
    for question in questions:
        notes.begin()
        try:
            found.append(_row(question))
        except NotHeld as why:
            notes.altogether(why.code)
            continue
        notes.part("texts_of_choices", there=_unsaid(question))
        notes.part("category", there=category_of("/".join(question.category)) != question.category)
        notes.part("tags", there=tags_of(",".join(question.tags)) != question.tags)
        notes.part("pictures", there=question.pictures)
        known = not question.id_number or re.search("[A-Za-z]", question.id_number)
        notes.part("id_number", there=not known)
        notes.feedback(question, choices=True, blanks=True, stems=True)
    columns = [*_ALWAYS[:6], *_more_choices(found), *_ALWAYS[6:]]
    columns += [name for name in HEADINGS if name not in columns and any(row.get(name) for row in found)]
    titles = [HEADINGS[name][0] if name in HEADINGS else f"选项{name}" for name in columns]
    return Tabulated([titles, *([row.get(name) for name in columns] for row in found)], tuple(notes.left_out))


def template() -> list[list[Cell]]:
    """The headings, and one question of each kind to write over."""
    return [list(row) for row in write_table(_EXAMPLES).rows]


def _more_choices(rows: Iterable[dict[str, Cell]]) -> Iterator[str]:
    most = max((sum(len(name) == 1 for name in row) for row in rows), default=0)
    return (letter(count) for count in range(4, most))


def _row(question: Question) -> dict[str, Cell]:
    choices, answer = _answers(question)
    return {
        **{letter(count): text.strip() for count, text in enumerate(choices)},
        "kind": KIND_NAMES[question.kind],
        "text": question.text.strip(),
        "answer": answer,
        "explanation": question.explanation.strip(),
        "marks": question.marks / 100,
        "difficulty": DIFFICULTY_NAMES[question.difficulty],
        "category": "/".join(question.category),
        "tags": ",".join(question.tags),
        "rubric": question.rubric.strip(),
        "deduction": question.deduction / 100 if question.deduction else None,
        "partial": None if question.partial == "usual" else PARTIAL_NAMES.get(question.partial),
        "fold_case": None if question.fold_case else "是",
        "fold_traditional": None if question.fold_traditional else "是",
        "shuffle": None if question.shuffle else "否",
        "when_right": question.when_right.strip(),
        "when_wrong": question.when_wrong.strip(),
        "name": question.name,
        "id_number": question.id_number,
    }


def _answers(question: Question) -> tuple[list[str], str]:
    if question.partial not in PARTIAL_NAMES and question.kind not in ("single", "true_false", "short_text"):
        raise NotHeld("weights")
    texts = [one.text for one in question.choices]
    if question.kind == "short_text":
        return [], ""
    if question.kind == "fill_in":
        return [], _fillings(question)
    if question.kind == "matching":
        return _pairs(question), ""
    if question.kind == "ordering":
        return texts, "".join(letter(count) for count in range(len(texts)))
    if question.kind == "true_false":
        return _true_or_false(question)
    if any(one.weight not in (0, WHOLE) for one in question.choices) and question.kind == "single":
        raise NotHeld("weights")
    right = [letter(count) for count, one in enumerate(question.choices) if one.right]
    if question.kind == "single" and len(right) != 1:
        raise NotHeld("one_right")
    return texts, "".join(right)


def _true_or_false(question: Question) -> tuple[list[str], str]:
    by_key = {one.key: one for one in question.choices}
    if sorted(one.weight for one in question.choices) != [0, WHOLE]:
        raise NotHeld("weights")
    answer = TRUE_TEXT if by_key[TRUE].weight else FALSE_TEXT
    texts = [by_key[TRUE].text, by_key[FALSE].text]
    return ([] if texts == [TRUE_TEXT, FALSE_TEXT] or _unsaid(question) else texts), answer


def _unsaid(question: Question) -> bool:
    """Whether the choices of a true/false question say something that is not read as true and false."""
    said = {one.key: plain(one.text) for one in question.choices}
    return question.kind == "true_false" and not (said[TRUE] in TRUE_WORDS and said[FALSE] in FALSE_WORDS)


def _pairs(question: Question) -> list[str]:
    texts = {one.key: one.text.strip() for one in question.choices}
    if len(set(texts.values())) < len(texts):
        raise NotHeld("same_choices")
    if any(_ARROWS.search(one.text) for one in question.stems):
        raise NotHeld("arrow")
    matched = {one.match for one in question.stems}
    alone = [f"-> {text}" for key, text in texts.items() if key not in matched]
    return [*(f"{one.text.strip()} -> {texts[one.match]}" for one in question.stems), *alone]


def _fillings(question: Question) -> str:
    gaps = _GAPS.findall(question.text) or _BRACKETS.findall(question.text)
    if max(1, len(gaps)) != len(question.blanks):
        raise NotHeld("blanks")
    return "；".join("|".join(map(_way, blank.accepted)) for blank in question.blanks)


def _way(one: Accepted) -> str:
    if one.weight != WHOLE:
        raise NotHeld("weights")
    if one.wildcard:
        raise NotHeld("wildcard")
    return protected(one.text) if one.number is None else f"{speakable(one.number)}±{speakable(one.tolerance)}"


_EXAMPLES: Final = (
    Question(
        "single",
        "发现初起火灾时，首先应当怎么做？",
        choices=choices_of([("报警并呼喊", WHOLE, ""), ("收拾物品", 0, ""), ("等待通知", 0, ""), ("拍照", 0, "")]),
        explanation="先报警，再扑救。",
        category=("安全", "消防"),
        tags=("必考",),
    ),
    Question(
        "multiple",
        "灭火的基本方法有哪些？",
        choices=choices_of([("冷却", WHOLE, ""), ("窒息", WHOLE, ""), ("隔离", WHOLE, ""), ("鼓风", 0, "")]),
        marks=200,
        category=("安全", "消防"),
    ),
    Question("true_false", "电器着火时可以先用水扑救。", choices=true_or_false(False), explanation="应先断电。"),
    Question(
        "fill_in",
        f"我国的火警电话是{GAP}，急救电话是{GAP}。",
        blanks=(Blank((Accepted("119"),)), Blank((Accepted("120"), Accepted("一二〇")))),
    ),
    Question(
        "ordering",
        "按先后顺序排列灭火器的使用步骤。",
        choices=tuple(
            Choice(letter(count), text) for count, text in enumerate(("拔掉保险销", "对准火源根部", "压下压把"))
        ),
        difficulty=4,
    ),
    Question(
        "matching",
        "把标志颜色与含义配对。",
        **pairs_of([("红色", "禁止"), ("黄色", "警告"), ("蓝色", "指令"), ("", "提示")]),
    ),
    Question("short_text", "说明你所在岗位的疏散路线。", rubric="说出出口和集合点各得一半分。", marks=500),
)
"""What the template shows."""
