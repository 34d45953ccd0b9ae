"""From what people send to a question, and from a question to what they read."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from assessment.questions import WHOLE, Accepted, Blank, Choice, Question, Stem
from services.events.question_banks.question_schemas import (
    AcceptedPublic,
    BlankGiven,
    BlankPublic,
    ChoiceGiven,
    ChoicePublic,
    QuestionCreate,
    QuestionPatch,
    StemGiven,
    StemPublic,
    given,
)

_TUPLES: Final = frozenset({"category", "tags"})
_PARTS: Final = frozenset({"choices", "stems", "blanks"})


def question_from(body: QuestionCreate) -> Question:
    """The question that a body describes; parts without a key have none yet."""
    return Question(**{"kind": body.kind, "text": body.text} | _values(given(body)))


def changed(question: Question, body: QuestionPatch) -> Question:
    """The question with what a patch says otherwise."""
    return replace(question, **_values(given(body)))


def shown(question: Question) -> dict[str, Any]:
    """A question as it is answered, without its pictures."""
    plain = {name: getattr(question, name) for name in _PLAIN}
    return plain | {
        "category": list(question.category),
        "tags": list(question.tags),
        "choices": [ChoicePublic.model_validate(one) for one in question.choices],
        "stems": [StemPublic.model_validate(one) for one in question.stems],
        "blanks": [BlankPublic(accepted=[_accepted(one) for one in blank.accepted]) for blank in question.blanks],
    }


_PLAIN: Final = tuple(
    name for name in Question.__dataclass_fields__ if name not in _TUPLES | _PARTS | {"id_number", "pictures"}
)


def _values(said: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(said)
    for name in _TUPLES & values.keys():
        values[name] = tuple(dict.fromkeys(values[name])) if name == "tags" else tuple(values[name])
    for name, make in _MAKE.items():
        if name in values:
            values[name] = tuple(make(one) for one in values[name])
    return values


def _choice(one: ChoiceGiven) -> Choice:
    weight = one.weight if one.weight is not None else WHOLE * one.right
    return Choice(one.key or "", one.text, weight, one.feedback)


def _stem(one: StemGiven) -> Stem:
    return Stem(one.key or "", one.text, one.match, one.feedback)


def _blank(one: BlankGiven) -> Blank:
    return Blank(
        tuple(
            Accepted(
                way.text,
                Decimal(way.number) if way.number is not None else None,
                Decimal(way.tolerance),
                way.wildcard,
                way.weight,
                way.feedback,
            )
            for way in one.accepted
        )
    )


def _accepted(one: Accepted) -> AcceptedPublic:
    return AcceptedPublic(
        text=one.text,
        number=f"{one.number:f}" if one.number is not None else None,
        tolerance=f"{one.tolerance:f}",
        wildcard=one.wildcard,
        weight=one.weight,
        feedback=one.feedback,
    )


_MAKE: Final[Mapping[str, Any]] = {"choices": _choice, "stems": _stem, "blanks": _blank}
