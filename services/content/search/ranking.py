"""Which of what was found comes first, and what of it is shown. Pure.

The databases rank in different ways, and only to choose a hundred. These are put into their order here: BM25, as both would have it
if they knew all that it takes.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from chassis.hanzi import folded, simplified
from services.content.search.cutting import Query, Term
from services.content.search.lexicon import Alike

SATURATION: Final = 1.2
LENGTH_MATTERS: Final = 0.75
TITLE_WEIGHS: Final = 2
LONGEST_SNIPPET: Final = 160
BEFORE: Final = 30
"""How much of the text stands before the first word in a snippet."""
_MOST_PLACES: Final = 50


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text, and whether it is what was looked for."""

    text: str
    found: bool


class _Folding(dict[int, int]):
    """What each character is compared as, one for one: places in the folded text are places in the text."""

    def __missing__(self, code: int) -> int:
        alike = folded(chr(code))
        self[code] = ord(alike) if len(alike) == 1 else code
        return self[code]


_FOLDING: Final = _Folding()


def in_place(text: str) -> str:
    """A text as it is compared, every character in its place."""
    return text.translate(_FOLDING)


@cache
def _changing() -> re.Pattern[str]:
    """Runs of what may be compared as other characters. Punctuation is not among it: it parts words whatever it is compared as."""
    han = "".join(map(chr, range(0x4E00, 0xA000)))
    traditional = "".join(one for one, simple in zip(han, simplified(han), strict=True) if one != simple)
    one = (
        rf"[A-Z\x80-\xb6\xb8-\u200f\u2060-\u2fff\u3005-\u3007\u3021-\u4dff{traditional}"
        r"\ua000-\uff00\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\U0010ffff]"
    )
    # Spelt twice, it knows what a run begins with, and goes through the rest of a text much faster.
    return re.compile(f"{one}{one}*")


def comparable(text: str) -> str:
    """A text in which words are found as in `in_place`, at a fifth of the cost: most of a text is as it is."""
    return _changing().sub(_in_place_of, text)


def _in_place_of(run: re.Match[str]) -> str:
    return in_place(run.group())


def counter(term: Term) -> Callable[[str], int]:
    """Counts a word, or several that stand one after the other, in folded texts."""
    token, *others = pieces_of(term)
    if others:
        phrase = _phrase(token, *others)
        return lambda text: len(phrase.findall(text)) if token in text else 0
    if not token[0].isascii():
        return lambda text: text.count(token)
    return lambda text: len(_word(token).findall(text)) if token in text else 0


def pieces_of(term: Term) -> list[str]:
    """What a word was cut from: runs of characters and words of letters."""
    pieces: list[str] = []
    before = ""
    for token in term.tokens:
        if len(before) == 2 and not before.isascii() and token[0] == before[1]:
            pieces[-1] += token[1:]
        else:
            pieces.append(token)
        before = token
    return pieces


@lru_cache(maxsize=1000)
def _phrase(*pieces: str) -> re.Pattern[str]:
    return re.compile(r"[\W_]*".join(_word(one).pattern if one[0].isascii() else re.escape(one) for one in pieces))


@lru_cache(maxsize=1000)
def _word(token: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![0-9a-z]){re.escape(token)}(?![0-9a-z])")


def scores(
    query: Query,
    texts: Sequence[tuple[str, str]],
    *,
    documents: Mapping[str, int],
    total: int,
    alike: Sequence[Sequence[Alike]] = (),
) -> list[float | None]:
    """How well each fits, of folded titles and texts: None for what has less of the query than it needs.

    `documents`: in how many of the `total` a token stands; of those that are not named it is not known. `alike`: what means
    the same where the text was written, of each text; it weighs as much as the words for which it stands.
    """
    counters = [(word, counter(word), _rarity(documents.get(word.tokens[0]), total)) for word in query.words]
    others = {one: (counter(one.term), _rarity_of(one, documents, total)) for some in set(alike) for one in some}
    usual = sum(len(title) + len(text) for title, text in texts) / max(1, len(texts))
    found: list[float | None] = []
    for place, (title, text) in enumerate(texts):
        length = 1 - LENGTH_MATTERS + LENGTH_MATTERS * (len(title) + len(text)) / max(1.0, usual)
        score, has = 0.0, set()
        for word, count, rarity in counters:
            often = count(title) * TITLE_WEIGHS + count(text)
            if often:
                has.add(word)
                score += rarity * often * (SATURATION + 1) / (often + SATURATION * length)
        for one in alike[place] if alike else ():
            count, rarity = others[one]
            often = count(title) * TITLE_WEIGHS + count(text)
            if often:
                has |= one.instead_of
                score += rarity * often * (SATURATION + 1) / (often + SATURATION * length)
        found.append(score if len(has) >= query.needed else None)
    return found


def _rarity_of(one: Alike, documents: Mapping[str, int], total: int) -> float:
    known = [documents[token] for token in one.term.tokens if token in documents]
    return len(one.instead_of) * _rarity(min(known, default=None), total)


def _rarity(documents: int | None, total: int) -> float:
    if documents is None:
        return 1.0
    return max(0.01, math.log((max(total, documents) - documents + 0.5) / (documents + 0.5)))


def marked(text: str, words: Sequence[Term], *, longest: int = LONGEST_SNIPPET) -> list[Part]:
    """The part of a text that has most of the words, with these apart."""
    alike = comparable(text)
    places = sorted({place for word in words for place in _places(alike, word)})
    begins = _best(places, longest) if len(text) > longest else 0
    end = min(len(text), begins + longest)
    parts: list[Part] = []
    at = begins
    for first, last in _together([(a, b) for a, b in places if a >= begins and b <= end]):
        parts += [Part(text[at:first], found=False), Part(text[first:last], found=True)]
        at = last
    parts.append(Part(text[at:end], found=False))
    shown = [part for part in parts if part.text]
    if begins:
        shown.insert(0, Part("…", found=False))
    if end < len(text):
        shown.append(Part("…", found=False))
    return shown


def _places(alike: str, term: Term) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    token, *others = pieces_of(term)
    if others or token[0].isascii():
        looked_for = _phrase(token, *others) if others else _word(token)
        return [
            (one.start(), one.end()) for one, _ in zip(looked_for.finditer(alike), range(_MOST_PLACES), strict=False)
        ]
    at = alike.find(token)
    while at >= 0 and len(found) < _MOST_PLACES:
        found.append((at, at + len(token)))
        at = alike.find(token, at + 1)
    return found


def _best(places: Sequence[tuple[int, int]], longest: int) -> int:
    """Where a snippet begins that has as many of these as possible."""
    best, most, last = 0, 0, 0
    for n, (first, _) in enumerate(places):
        while last < len(places) and places[last][1] <= first + longest - BEFORE:
            last += 1
        if last - n > most:
            best, most = first, last - n
    return max(0, best - BEFORE)


def _together(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Places that touch or overlap, as one."""
    found: list[tuple[int, int]] = []
    for first, last in places:
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found
