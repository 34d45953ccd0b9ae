"""A paper as it is given: the questions of one version of it, from which each person's are drawn. It changes no more.

Who gives it keeps it as a document (`document`) with its hash (`fingerprint`), so that whoever grades years later grades the same.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final, Literal, get_args

from assessment.documents import document_of, question_of
from assessment.papers import order
from assessment.questions import Question

DrawnFor = Literal["all", "each"]
"""For whom questions are drawn: once for all, or for each person anew."""
DRAWN_FOR: Final[tuple[DrawnFor, ...]] = get_args(DrawnFor)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question under the id and version by which its bank knows it."""

    id: str
    version: int
    question: Question


@dataclass(frozen=True, slots=True)
class Pool:
    """So many questions are drawn of these; each brings `marks` hundredths, so that everybody's paper has the same whole."""

    count: int
    marks: int
    questions: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a paper, with a heading; its pools follow one another unless the paper is shuffled."""

    title: str
    pools: tuple[Pool, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A version of a paper. Sections stay in their order; inside one, questions are shuffled with `shuffle_questions`."""

    id: str
    version: int
    title: str
    sections: tuple[Section, ...]
    drawn_for: DrawnFor = "all"
    shuffle_questions: bool = True
    shuffle_choices: bool = True

    @property
    def full(self) -> int:
        """What it comes to at most, in hundredths of a mark."""
        return sum(pool.count * pool.marks for section in self.sections for pool in section.pools)

    @property
    def count(self) -> int:
        """How many questions each person gets."""
        return sum(pool.count for section in self.sections for pool in section.pools)

    def questions(self) -> Iterator[Asked]:
        """All that may be drawn."""
        for section in self.sections:
            for pool in section.pools:
                yield from pool.questions


def drawn(paper: Paper, seed: bytes) -> list[tuple[str, list[Asked]]]:
    """One person's questions by section, in their order and with their marks. `seed` is that person's, and stays on the server."""
    shared = sha256(f"{paper.id}:{paper.version}".encode()).digest()
    of_draw = seed if paper.drawn_for == "each" else shared
    return [(section.title, _of_section(paper, section, of_draw, seed)) for section in paper.sections]


def _of_section(paper: Paper, section: Section, of_draw: bytes, seed: bytes) -> list[Asked]:
    found: list[Asked] = []
    for place, pool in enumerate(section.pools):
        chosen = set(
            order([one.id for one in pool.questions], of_draw + bytes([place % 256]), str.encode)[: pool.count]
        )
        found += [
            replace(one, question=replace(one.question, marks=pool.marks)) for one in pool.questions if one.id in chosen
        ]
    return order(found, seed, lambda one: one.id.encode()) if paper.shuffle_questions else found


def document(paper: Paper) -> dict[str, Any]:
    """The paper as a JSON document."""
    return {
        "id": paper.id,
        "version": paper.version,
        "title": paper.title,
        "drawn_for": paper.drawn_for,
        "shuffle_questions": paper.shuffle_questions,
        "shuffle_choices": paper.shuffle_choices,
        "sections": [
            {
                "title": section.title,
                "pools": [
                    {
                        "count": pool.count,
                        "marks": pool.marks,
                        "questions": [
                            {"id": one.id, "version": one.version, "question": document_of(one.question)}
                            for one in pool.questions
                        ],
                    }
                    for pool in section.pools
                ],
            }
            for section in paper.sections
        ],
    }


def paper_of(kept: Mapping[str, Any]) -> Paper:
    """The paper that a document holds."""
    return Paper(
        id=kept["id"],
        version=kept["version"],
        title=kept["title"],
        drawn_for=kept["drawn_for"],
        shuffle_questions=kept["shuffle_questions"],
        shuffle_choices=kept["shuffle_choices"],
        sections=tuple(
            Section(
                section["title"],
                tuple(
                    Pool(
                        pool["count"],
                        pool["marks"],
                        tuple(
                            Asked(one["id"], one["version"], question_of(one["question"])) for one in pool["questions"]
                        ),
                    )
                    for pool in section["pools"]
                ),
            )
            for section in kept["sections"]
        ),
    )


def fingerprint(kept: Mapping[str, Any]) -> str:
    """What two documents share if and only if they hold the same paper: SHA-256 in hexadecimal digits."""
    canonical = json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(canonical.encode("utf-8")).hexdigest()
