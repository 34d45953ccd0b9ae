"""A correction: the questions of one version of a paper as a later version of it has them.

Who is asked what, in which order and for how many marks stays as it was; only what is right changes. So everybody's answers are graded anew
by a paper that they were given.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from assessment.frozen import Asked, Paper
from assessment.questions import Question

Unfitness = Literal["not_in_paper", "older_question", "another_kind", "parts_gone"]


@dataclass(frozen=True, slots=True)
class Unfit:
    """A question of which the later version cannot grade what was answered before, and why."""

    question_id: str
    code: Unfitness


def unfit(before: Paper, after: Paper) -> list[Unfit]:
    """Why the later version corrects nothing: each question that it lacks, or by which answers would lose a part. None where it fits."""
    later = _by_id(after)
    found = []
    for one in _by_id(before).values():
        code = _unfitness(one, later.get(one.id))
        if code is not None:
            found.append(Unfit(one.id, code))
    return found


def changes(before: Paper, after: Paper) -> dict[str, tuple[int, int]]:
    """The questions of which the later version has a later version: both versions by id."""
    later = _by_id(after)
    return {
        one.id: (one.version, later[one.id].version)
        for one in _by_id(before).values()
        if one.id in later and later[one.id].version > one.version
    }


def corrected(before: Paper, after: Paper) -> Paper:
    """The earlier paper with the questions of the later one: the same draw, the same order, the same marks."""
    later = _by_id(after)
    sections = tuple(
        replace(
            section,
            pools=tuple(
                replace(pool, questions=tuple(later.get(one.id, one) for one in pool.questions))
                for pool in section.pools
            ),
        )
        for section in before.sections
    )
    return replace(before, sections=sections)


def _unfitness(before: Asked, after: Asked | None) -> Unfitness | None:
    if after is None:
        return "not_in_paper"
    if after.version < before.version:
        return "older_question"
    if after.question.kind != before.question.kind:
        return "another_kind"
    fewer = len(after.question.blanks) < len(before.question.blanks)
    return "parts_gone" if fewer or _keys(before.question) - _keys(after.question) else None


def _keys(question: Question) -> set[tuple[str, str]]:
    return {(name, one.key) for name in _PARTS for one in getattr(question, name)}


_PARTS: Final = ("choices", "stems")


def _by_id(paper: Paper) -> Mapping[str, Asked]:
    return {one.id: one for one in paper.questions()}
