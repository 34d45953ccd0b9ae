"""Reads Moodle XML, as Moodle writes it now and wrote it before."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import ROUND_HALF_UP
from typing import Any, Final

from assessment.formats.hypertext import from_html, from_moodle, from_plain
from assessment.formats.making import (
    MOST_PARTS,
    accepted_text,
    category_of,
    checked,
    choices_of,
    lines_of,
    number_of,
    paid,
    pairs_of,
    refusal_of,
    settings_from,
    tags_of,
    true_or_false,
    weight_of,
)
from assessment.formats.moodle_documents import Damage, Element, children_of
from assessment.formats.pictures import Pictures
from assessment.formats.results import Place, Read, Refusal, bounded, skipped
from assessment.questions import WHOLE, Accepted, Blank, Question

_YES: Final = frozenset(("1", "true", "yes"))


@bounded
def read_moodle_xml(content: bytes) -> Iterator[Read]:
    """The questions of a Moodle XML file, with the pictures that they carry. A category counts for what follows it."""
    category: tuple[str, ...] = ()
    number = 0
    for one in children_of(content):
        if isinstance(one, Damage):
            number += 1
            yield Refusal("too_damaged" if one.too_many else "damaged_xml", {"said": one.said}).at(
                Place(one.line, number=number)
            )
            continue
        if one.name != "question":
            yield skipped(Place(line=one.line), one.name)
            continue
        kind = one.attributes.get("type", "").strip().lower()
        if kind == "category":
            category = category_of(one.said("category"))
            if one.said("info"):
                yield skipped(Place(line=one.line), "category_info")
            continue
        number += 1
        place = Place(one.line, number=number)
        try:
            yield _read(one, kind, place, category)
        except Refusal as refusal:
            yield refusal_of(refusal, place)


def _read(one: Element, kind: str, place: Place, category: tuple[str, ...]) -> Read:
    if one.too_big:
        raise Refusal("too_big_question")
    if not kind:
        raise Refusal("no_type")
    if kind not in _KINDS:
        return skipped(place, kind)
    if one.said("hidden") in _YES:
        return skipped(place, "hidden")
    return _Reader(one).question(_KINDS[kind], place, category)


class _Reader:
    """Reads the parts of one question."""

    def __init__(self, one: Element) -> None:
        self.one = one
        self.pictures = Pictures()
        self.left_out: list[str] = []

    def question(self, parts: "_Parts", place: Place, category: tuple[str, ...]) -> Read:
        one = self.one
        text = self.rich(one.child("questiontext"))
        if content := one.said("image_base64"):
            self.pictures.take(one.said("image") or "picture", content)
            text += f"\n\n![](picture:{self.pictures.all()[-1].name})" if self.pictures.all() else ""
        question = Question(
            text=text,
            name=" ".join(self.plain(one.child("name")).split()),
            category=category,
            explanation=self.rich(one.child("generalfeedback")),
            when_right=self.rich(one.child("correctfeedback")),
            when_wrong=self.rich(one.child("incorrectfeedback")),
            marks=self._marks(),
            id_number=" ".join(one.said("idnumber").split()),
            **parts(self),
            **tags_of(self.plain(tag) for tags in one.all("tags") for tag in tags.all("tag")),
        )
        if (ours := one.child("qunxue")) is not None:
            question = replace(question, **settings_from(ours.attributes))
            question = replace(question, choices=paid(question.kind, question.choices, question.partial))
        self._note("hints", any(hint.text() for hint in one.all("hint")))
        self._note("partial_feedback", one.said("partiallycorrectfeedback"))
        question = replace(question, pictures=self.pictures.all())
        return checked(question, place, self.left_out + self.pictures.left_out)

    def _note(self, code: str, there: object) -> None:
        if there:
            self.left_out.append(code)

    def _marks(self) -> int:
        said = self.one.said("defaultgrade") or self.one.said("defaultmark")
        if not said:
            return 100
        marks = number_of(said) * 100
        if not 0 <= marks <= 10**9:
            raise Refusal("out_of_range", pointer="/marks")
        return int(marks.to_integral_value(ROUND_HALF_UP))

    def plain(self, one: Element | None) -> str:
        """A text that has no format."""
        text = one.text() if one else ""
        if "\ufffd" in text:
            raise Refusal("wrong_encoding")
        return "\n".join(lines_of(text)).strip()

    def rich(self, one: Element | None) -> str:
        """A text as Markdown, its files taken out."""
        if one is None:
            return ""
        for file in one.all("file"):
            self.pictures.take(file.attributes.get("name", ""), file.own())
        text = self.plain(one)
        form = one.attributes.get("format", "html")
        if form == "markdown":
            return self.pictures.in_markdown(text)
        if form == "plain_text":
            return from_plain(text)
        return (from_moodle if form == "moodle_auto_format" else from_html)(text, self.pictures.shown)

    def answers(self) -> list[Element]:
        """The answers, if there are not too many to look at."""
        found = self.one.all("answer")
        if len(found) > MOST_PARTS:
            raise Refusal("too_many", pointer="/choices")
        return found

    def feedback(self, one: Element) -> str:
        """What is said about an answer."""
        return self.rich(one.child("feedback"))

    def yes(self, name: str, *, usual: bool) -> bool:
        """What a switch says."""
        said = self.one.said(name).lower()
        return said in _YES if said else usual

    # --- the kinds --------------------------------------------------------------------------------------------------

    def choices(self) -> dict[str, Any]:
        found = [(self.rich(one), _weight(one), self.feedback(one)) for one in self.answers()]
        single = self.yes("single", usual=True)
        return {
            "kind": "single" if single else "multiple",
            "choices": choices_of(found),
            "partial": "usual" if single else "weights",
            "shuffle": self.yes("shuffleanswers", usual=True),
        }

    def true_or_false(self) -> dict[str, Any]:
        by_text = {self.plain(one).lower(): one for one in self.answers()}
        if by_text.keys() != {"true", "false"}:
            raise Refusal("unknown_key", pointer="/choices")
        weights = {text: _weight(one) for text, one in by_text.items()}
        if sorted(weights.values()) != [0, WHOLE]:
            raise Refusal("one_right", pointer="/choices")
        return {
            "kind": "true_false",
            "choices": true_or_false(
                weights["true"] == WHOLE,
                when_true=self.feedback(by_text["true"]),
                when_false=self.feedback(by_text["false"]),
            ),
        }

    def short_answer(self) -> dict[str, Any]:
        found = [accepted_text(self.plain(one), _weight(one), self.feedback(one)) for one in self.answers()]
        return {"kind": "fill_in", "blanks": (Blank(tuple(found)),), "fold_case": not self.yes("usecase", usual=False)}

    def numerical(self) -> dict[str, Any]:
        units = self.one.child("units")
        self._note("units", units is not None and any(unit.said("unit_name") for unit in units.children))
        return {"kind": "fill_in", "blanks": (Blank(tuple(map(self._number, self.answers()))),)}

    def _number(self, one: Element) -> Accepted:
        said, feedback = self.plain(one), self.feedback(one)
        if said == "*":
            return Accepted("*", wildcard=True, weight=_weight(one), feedback=feedback)
        tolerance = number_of(one.said("tolerance") or "0")
        return Accepted(number=number_of(said), tolerance=tolerance, weight=_weight(one), feedback=feedback)

    def matching(self) -> dict[str, Any]:
        pairs: list[tuple[str, str]] = []
        found = self.one.all("subquestion")
        if len(found) > MOST_PARTS:
            raise Refusal("too_many", pointer="/stems")
        for one in found:
            match = self.plain(one.child("answer"))
            as_is = one.attributes.get("format") == "markdown"
            pairs.append((self.rich(one), match if as_is else from_plain(match)))
        return {"kind": "matching", **pairs_of(pairs), "shuffle": self.yes("shuffleanswers", usual=True)}

    def ordering(self) -> dict[str, Any]:
        rule = self.one.said("gradingtype").upper()
        self._note("grading_rule", rule not in ("", "ALL_OR_NOTHING", "-1", "ABSOLUTE_POSITION", "0"))
        self._note("selection", self.one.said("selecttype").upper() not in ("", "ALL", "0"))
        texts = [(self.rich(one), 0, "") for one in self.answers()]
        partial = "none" if rule in ("ALL_OR_NOTHING", "-1") else "usual"
        return {"kind": "ordering", "choices": choices_of(texts), "partial": partial}

    def essay(self) -> dict[str, Any]:
        files = self.one.said("attachments")
        self._note("response_template", self.one.said("responsetemplate") or files not in ("", "0"))
        return {"kind": "short_text", "rubric": self.rich(self.one.child("graderinfo"))}


_Parts = Callable[[_Reader], dict[str, Any]]
_KINDS: Final[dict[str, _Parts]] = {
    "multichoice": _Reader.choices,
    "truefalse": _Reader.true_or_false,
    "shortanswer": _Reader.short_answer,
    "numerical": _Reader.numerical,
    "matching": _Reader.matching,
    "match": _Reader.matching,
    "ordering": _Reader.ordering,
    "essay": _Reader.essay,
}


def _weight(one: Element) -> int:
    return weight_of(one.attributes.get("fraction") or "0")
