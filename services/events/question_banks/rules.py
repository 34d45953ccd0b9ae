"""What becomes of the parts of a question when it is written or changed, and how it is looked for. Pure."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final, Literal
from uuid import UUID, uuid5

from assessment.documents import document_of
from assessment.questions import Blank, Choice, Picture, Question, Stem, letter

Status = Literal["active", "archived"]

MOST_QUESTIONS: Final = 20_000
"""Of a bank."""
MOST_EDITORS: Final = 20
MOST_PICTURES: Final = 50
"""Files that all versions of a question name."""
MOST_LEVELS: Final = 8
LONGEST_CATEGORY: Final = 100
LONGEST_TAG: Final = 60
MOST_TAGS: Final = 20

CHOICE_KEY: Final = r"^(true|false|[A-Z]{1,2})$"
STEM_KEY: Final = r"^[1-9][0-9]{0,2}$"

_BETWEEN: Final = "\x1f"
_LEVELS: Final = re.compile(r"(?<!/)/(?!/)")
_CARRIED: Final = re.compile(r"\]\(picture:([^()\s]{1,200})\)")
_FILE: Final = re.compile(r"attachment:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-z-])")


class UnknownKey(ValueError):
    """A part has the key of an earlier one that is there no more, or none that a part may have. `pointer`: where."""

    def __init__(self, pointer: str) -> None:
        super().__init__(pointer)
        self.pointer = pointer


def path_of(category: Sequence[str]) -> str:
    """A category as it is looked for: everything below it begins with it."""
    return "".join(f"{one}{_BETWEEN}" for one in category)


def category_in(text: str) -> tuple[str, ...]:
    """The levels of a category that is written with `/` between them; `//` is a stroke inside a name."""
    return tuple(one.replace("//", "/").strip() for one in _LEVELS.split(text) if one.strip())


def place_of(key: str) -> int:
    """The place of a letter, from 1: the other way of `assessment.questions.letter`. 0 for what is none."""
    if not key.isascii() or not key.isupper():
        return 0
    found = 0
    for one in key:
        found = found * 26 + ord(one) - ord("A") + 1
    return found


def named(question: Question, before: Question | None = None, *, choices: int = 0, stems: int = 0) -> Question:
    """The question with a key for each part that came without one.

    A part that says the same as one of `before` keeps the key of that, since answers name keys; any other has a key that none had before: `choices` and
    `stems` are how many were ever named. Raises `UnknownKey` for a key that a part of an earlier version had, and that is not one of `before`.
    """
    known_choices = {one.key: one.text for one in before.choices} if before else {}
    known_stems = {one.key: one.text for one in before.stems} if before else {}
    keys = _keys("choices", question.choices, known_choices, choices, place_of, lambda place: letter(place - 1))
    stem_keys = _keys("stems", question.stems, known_stems, stems, _number, str)
    return replace(
        question,
        choices=tuple(replace(one, key=key) for one, key in zip(question.choices, keys, strict=True)),
        stems=tuple(replace(one, key=key) for one, key in zip(question.stems, stem_keys, strict=True)),
    )


def _keys(
    name: str,
    parts: Sequence[Choice | Stem],
    known: Mapping[str, str],
    used: int,
    place_of_key: Any,
    key_at: Any,
) -> list[str]:
    taken = {one.key for one in parts if one.key}
    for place, one in enumerate(parts):
        if one.key and known and one.key not in known and place_of_key(one.key) <= used:
            raise UnknownKey(f"/{name}/{place}/key")
    by_text = {text: key for key, text in known.items() if key not in taken}
    following = max([used, *(place_of_key(key) for key in taken)])
    found: list[str] = []
    for one in parts:
        key = one.key or by_text.pop(one.text, "")
        if not key:
            following += 1
            key = key_at(following)
        found.append(key)
    return found


def furthest(question: Question) -> tuple[int, int]:
    """Up to which letter and which number its parts are named."""
    return (
        max((place_of(one.key) for one in question.choices), default=0),
        max((_number(one.key) for one in question.stems), default=0),
    )


def _number(key: str) -> int:
    return int(key) if key.isascii() and key.isdecimal() else 0


def renamed(question: Question) -> Question:
    """The same with the keys that a bank gives, whatever those of its file were; of a true/false question they are what they must be."""
    choices = (
        {one.key: one.key for one in question.choices}
        if question.kind == "true_false"
        else {one.key: letter(place) for place, one in enumerate(question.choices)}
    )
    return replace(
        question,
        choices=tuple(replace(one, key=choices[one.key]) for one in question.choices),
        stems=tuple(
            replace(one, key=str(place), match=choices.get(one.match, one.match))
            for place, one in enumerate(question.stems, start=1)
        ),
    )


def digest(question: Question) -> str:
    """What two questions share if and only if they ask the same and take the same for right.

    What else is said of them makes no other question of one: many formats do not hold explanations, feedback, tags or marks. Pictures count
    by what they show.
    """
    match = {one.key: place for place, one in enumerate(question.choices)}
    asked = [
        question.kind,
        question.text.strip(),
        [[one.text.strip(), one.weight] for one in question.choices],
        [[one.text.strip(), match.get(one.match)] for one in question.stems],
        [
            [[way.text, str(way.number), str(way.tolerance), way.wildcard, way.weight] for way in blank.accepted]
            for blank in question.blanks
        ],
        [sha256(one.content).hexdigest() for one in question.pictures],
    ]
    return sha256(json.dumps(asked, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def file_digest(question: Question) -> str:
    """What two things of files share if they say the same of a question, all of it."""
    said = document_of(question)
    return sha256(json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def texts_of(question: Question) -> Iterator[str]:
    """Every text of it that may show a picture."""
    yield from (question.text, question.explanation, question.rubric, question.when_right, question.when_wrong)
    parts: tuple[Choice | Stem, ...] = (*question.choices, *question.stems)
    for part in parts:
        yield from (part.text, part.feedback)
    for blank in question.blanks:
        yield from (one.feedback for one in blank.accepted)


def with_texts(question: Question, change: Callable[[str], str]) -> Question:
    """The question with each of its texts changed in the same way."""

    def changed(part: Any, *names: str) -> Any:
        return replace(part, **{name: change(getattr(part, name)) for name in names})

    texts: Question = changed(question, "text", "explanation", "rubric", "when_right", "when_wrong")
    return replace(
        texts,
        choices=tuple(changed(one, "text", "feedback") for one in question.choices),
        stems=tuple(changed(one, "text", "feedback") for one in question.stems),
        blanks=tuple(Blank(tuple(changed(one, "feedback") for one in blank.accepted)) for blank in question.blanks),
    )


def carried(question: Question, bank_id: UUID) -> tuple[Question, dict[UUID, Picture]]:
    """The question with files for the pictures that came with it and that it shows. In a bank the same picture is the same file."""
    by_name = {one.name: one for one in question.pictures}
    files: dict[UUID, Picture] = {}

    def named(found: re.Match[str]) -> str:
        picture = by_name.get(found.group(1))
        if picture is None:
            return found.group()
        key = uuid5(bank_id, sha256(picture.content).hexdigest())
        files[key] = picture
        return f"](attachment:{key})"

    changed = with_texts(question, lambda text: _CARRIED.sub(named, text)) if by_name else question
    return replace(changed, pictures=()), files


def carrying(question: Question, pictures: Mapping[UUID, Picture]) -> Question:
    """The question as it goes into a file, with those of its pictures that are given."""

    def named(found: re.Match[str]) -> str:
        picture = pictures.get(UUID(found.group(1)))
        return f"picture:{picture.name}" if picture is not None else found.group()

    there = tuple(pictures[one] for one in pictures_of(question) if one in pictures)
    return replace(with_texts(question, lambda text: _FILE.sub(named, text)), pictures=there) if there else question


def pictures_of(question: Question) -> list[UUID]:
    """The files that it names, each once, in their order."""
    found = dict.fromkeys(one for text in texts_of(question) for one in _FILE.findall(text))
    return [UUID(one) for one in found]


def lot_of(question_id: UUID) -> int:
    """A number from 0 to 2³¹ that follows from the id, as if by chance."""
    return int.from_bytes(sha256(question_id.bytes).digest()[:4]) >> 1


def union(*some: Iterable[str]) -> list[str]:
    """All of them, each once."""
    return list(dict.fromkeys(one for them in some for one in them))
