"""Questions and answers as JSON documents, as services keep them. What a field does not say is left out; numbers are texts, so none is rounded."""

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from assessment.questions import Accepted, Answer, Blank, Choice, Question, Stem

_USUAL = {one.name: one.default for one in fields(Question)}


def document_of(question: Question) -> dict[str, Any]:
    """The question as a document, without its pictures: these are kept as files. Nor with its id number, which is no part of what is asked."""
    kept: dict[str, Any] = {"kind": question.kind, "text": question.text}
    for name in _PLAIN:
        value = getattr(question, name)
        if value != _USUAL[name]:
            kept[name] = list(value) if isinstance(value, tuple) else value
    if question.choices:
        kept["choices"] = [
            _part(one.key, one.text, weight=one.weight, feedback=one.feedback) for one in question.choices
        ]
    if question.stems:
        kept["stems"] = [_part(one.key, one.text, match=one.match, feedback=one.feedback) for one in question.stems]
    if question.blanks:
        kept["blanks"] = [[_accepted(one) for one in blank.accepted] for blank in question.blanks]
    return kept


def question_of(kept: Mapping[str, Any]) -> Question:
    """The question that a document holds."""
    plain = {name: kept[name] for name in _PLAIN if name in kept}
    for name in ("category", "tags"):
        if name in plain:
            plain[name] = tuple(plain[name])
    return Question(
        kind=kept["kind"],
        text=kept["text"],
        choices=tuple(Choice(**one) for one in kept.get("choices", [])),
        stems=tuple(Stem(**one) for one in kept.get("stems", [])),
        blanks=tuple(Blank(tuple(_accepted_of(one) for one in blank)) for blank in kept.get("blanks", [])),
        **plain,
    )


def answer_document(answer: Answer) -> dict[str, Any]:
    """The answer as a document."""
    kept: dict[str, Any] = {}
    if answer.choices:
        kept["choices"] = list(answer.choices)
    if answer.texts:
        kept["texts"] = list(answer.texts)
    if answer.pairs:
        kept["pairs"] = [list(pair) for pair in answer.pairs]
    return kept


def answer_of(kept: Mapping[str, Any]) -> Answer:
    """The answer that a document holds."""
    return Answer(
        choices=tuple(kept.get("choices", [])),
        texts=tuple(kept.get("texts", [])),
        pairs=tuple((stem, choice) for stem, choice in kept.get("pairs", [])),
    )


_PLAIN = tuple(
    name for name in _USUAL if name not in ("kind", "text", "choices", "stems", "blanks", "id_number", "pictures")
)


def _part(key: str, text: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "text": text, **_without_usual(**more)}


def _without_usual(**parts: Any) -> dict[str, Any]:
    return {name: value for name, value in parts.items() if value not in ("", 0)}


def _accepted(one: Accepted) -> dict[str, Any]:
    kept = _without_usual(text=one.text, feedback=one.feedback)
    kept["weight"] = one.weight
    if one.wildcard:
        kept["wildcard"] = True
    if one.number is not None:
        kept |= {"number": str(one.number), "tolerance": str(one.tolerance)}
    return kept


def _accepted_of(kept: Mapping[str, Any]) -> Accepted:
    numbers = {name: Decimal(kept[name]) for name in ("number", "tolerance") if name in kept}
    return Accepted(**{**kept, **numbers})
