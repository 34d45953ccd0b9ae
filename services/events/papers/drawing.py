"""From what a paper says to the questions that it has: they are drawn, and everything of them is copied."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from assessment.frozen import Asked, Pool, Section, document, fingerprint
from assessment.frozen import Paper as Frozen
from assessment.papers import order
from chassis.problems import FieldError
from services.events.papers import problems
from services.events.papers.models import Paper
from services.events.papers.rules import MOST_BYTES, MOST_QUESTIONS, allot, widened
from services.events.question_banks import queries as banks
from services.events.question_banks.rules import pictures_of

_CANDIDATES = 2 * MOST_QUESTIONS
"""Of so many questions each draw has enough, whatever the others take."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A paper as it would be given, and as a document. `bank_ids`: whence its questions come; `attachment_ids`: what they show."""

    paper: Frozen
    document: dict[str, Any]
    fingerprint: str
    bank_ids: list[UUID]
    attachment_ids: list[UUID]


@dataclass(frozen=True, slots=True)
class _Draw:
    """A draw, and where it stands."""

    section: int
    place: int
    bank_id: UUID
    count: int
    marks: int
    wanted: banks.Wanted


async def drawn_from(session: AsyncSession, paper: Paper) -> Drawn:
    """What the next version of a paper has, if it is published now: until something changes the same each time.

    Raises `PAPER_EMPTY`, `PAPER_SHORT` with each draw that is short, `PAPER_TOO_LARGE`.
    """
    version = paper.published + 1
    seed = sha256(f"{paper.id}:{version}".encode()).digest()
    fixed = [UUID(one["question_id"]) for section in paper.sections for one in section["questions"]]
    draws = list(_draws(paper))
    if not fixed and not draws:
        raise problems.PAPER_EMPTY()
    known = await banks.banks_of(session, fixed) if fixed else {}
    wrong = _gone(paper, known)
    pools, bank_ids, short = await _pools(session, paper, draws, fixed, seed)
    if wrong or short:
        raise problems.PAPER_SHORT(errors=[*wrong, *short])
    asked = await banks.latest(session, [*fixed, *(one for pool in pools for one in pool)])
    frozen = _frozen(paper, version, asked, dict(zip(((one.section, one.place) for one in draws), pools, strict=True)))
    kept = document(frozen)
    if len(json.dumps(kept, ensure_ascii=False).encode()) > MOST_BYTES:
        raise problems.PAPER_TOO_LARGE(limit=MOST_BYTES)
    shown = dict.fromkeys(one for asking in frozen.questions() for one in pictures_of(asking.question))
    whence = {*bank_ids, *(row.bank_id for row in known.values())}
    return Drawn(frozen, kept, fingerprint(kept), sorted(whence), list(shown))


def _draws(paper: Paper) -> list[_Draw]:
    return [
        _Draw(
            place,
            number,
            UUID(one["question_bank_id"]),
            one["count"],
            one["marks"],
            banks.Wanted(
                kinds=one["kinds"], difficulties=one["difficulties"], category=one["category"], tags=one["tags"]
            ),
        )
        for place, section in enumerate(paper.sections)
        for number, one in enumerate(section["draws"])
    ]


def _gone(paper: Paper, known: dict[UUID, Any]) -> list[FieldError]:
    """The fixed questions that have been put away since."""
    return [
        problems.unknown_question(place, number)
        for place, section in enumerate(paper.sections)
        for number, one in enumerate(section["questions"])
        if (row := known.get(UUID(one["question_id"]))) is None or row.status != "active"
    ]


async def _pools(
    session: AsyncSession, paper: Paper, draws: Sequence[_Draw], fixed: Collection[UUID], seed: bytes
) -> tuple[list[list[UUID]], set[UUID], list[FieldError]]:
    """The questions of each draw, the banks that they are of, and which draws are short."""
    there = await banks.banks(session, {one.bank_id for one in draws})
    able: list[list[UUID]] = []
    for one in draws:
        bank = there.get(one.bank_id)
        lot = int.from_bytes(sha256(seed + one.bank_id.bytes).digest()[:4]) >> 1
        some = (
            await banks.drawable(session, bank.id, one.wanted, lot=lot, most=_CANDIDATES + len(fixed), without=fixed)
            if bank is not None and bank.status == "active"
            else []
        )
        able.append(order(some, seed, lambda key: key.bytes))
    counts = [one.count for one in draws]
    found, shortages = allot(able, counts)
    short = [problems.short(draws[one.draw].section, draws[one.draw].place, one.wanted, one.found) for one in shortages]
    if paper.drawn_for == "each":
        found = widened(found, able, counts, MOST_QUESTIONS - len(fixed))
    return found, {one.bank_id for one in draws}, short


def _frozen(paper: Paper, version: int, asked: dict[UUID, Asked], pools: dict[tuple[int, int], list[UUID]]) -> Frozen:
    return Frozen(
        id=str(paper.id),
        version=version,
        title=paper.title,
        sections=tuple(
            Section(section["title"], tuple(_pools_of(place, section, asked, pools)))
            for place, section in enumerate(paper.sections)
        ),
        drawn_for=paper.drawn_for,  # type: ignore[arg-type]  # a request had one of them
        shuffle_questions=paper.shuffle_questions,
        shuffle_choices=paper.shuffle_choices,
    )


def _pools_of(
    place: int, section: dict[str, Any], asked: dict[UUID, Asked], pools: dict[tuple[int, int], list[UUID]]
) -> list[Pool]:
    found = []
    for one in section["questions"]:
        question = asked[UUID(one["question_id"])]
        marks = question.question.marks if one["marks"] is None else one["marks"]
        found.append(Pool(1, marks, (question,)))
    for number, one in enumerate(section["draws"]):
        some = tuple(asked[key] for key in pools[place, number])
        found.append(Pool(one["count"], one["marks"], some))
    return found
