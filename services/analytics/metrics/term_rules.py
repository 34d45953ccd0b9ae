"""What titles speak of, in Chinese and in languages that put spaces between words. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_RUNS = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+(?:[-'][^\W_{_HAN}]+)*")
_IS_HAN = re.compile(f"[{_HAN}]")
SHORTEST_WORD = 3
WINDOWS: Final = (2, 3, 4)
"""Of how many characters a Chinese term is."""
LONGEST: Final = 64

_EMPTY_HAN = frozenset("的了吗呢吧啊是在和与及或就都也很不这那哪有个们我你他她它要会能可如何怎么什为把被让从到对给请一")
"""No term begins or ends with one of these."""
_EMPTY_WORDS = frozenset(
    [
        "the",
        "and",
        "for",
        "are",
        "was",
        "were",
        "with",
        "what",
        "when",
        "where",
        "which",
        "who",
        "whom",
        "why",
        "how",
        "does",
        "did",
        "can",
        "could",
        "should",
        "would",
        "will",
        "from",
        "into",
        "about",
        "this",
        "that",
        "these",
        "those",
        "there",
        "their",
        "they",
        "you",
        "your",
        "our",
        "its",
        "not",
        "but",
        "has",
        "have",
        "had",
        "any",
        "all",
        "some",
        "been",
        "being",
        "than",
        "then",
        "too",
        "very",
    ]
)


def terms_of(folded_title: str, folded_tags: Iterable[str]) -> set[str]:
    """The terms of a title and its tags, which are folded: words, windows of Chinese characters, and whole tags."""
    found = {tag.strip()[:LONGEST] for tag in folded_tags}
    for run in _RUNS.findall(folded_title):
        if _IS_HAN.match(run):
            found.update(_windows(run))
        elif len(run) >= SHORTEST_WORD and not run.isdigit() and run not in _EMPTY_WORDS:
            found.add(run[:LONGEST])
    return found - {""}


def _windows(run: str) -> Iterable[str]:
    for length in WINDOWS:
        for start in range(len(run) - length + 1):
            window = run[start : start + length]
            if window[0] not in _EMPTY_HAN and window[-1] not in _EMPTY_HAN:
                yield window


@dataclass(frozen=True, slots=True)
class Rising:
    """A term, how many speak of it now, and how many more than before."""

    term: str
    authors: int
    more: int


def rising(now: Mapping[str, set[str]], before: Mapping[str, set[str]], *, fewest: int, most: int) -> list[Rising]:
    """The terms of which more authors speak than before, and no fewer than `fewest`: those that rise most first.

    What stands in a longer term of the very same authors is left out: it is a piece of it.
    """
    some = [
        term for term, authors in now.items() if len(authors) >= fewest and len(authors) > len(before.get(term, ()))
    ]
    by_authors: defaultdict[frozenset[str], list[str]] = defaultdict(list)
    for term in some:
        by_authors[frozenset(now[term])].append(term)
    whole = [
        term
        for alike in by_authors.values()
        for term in alike
        if not any(term != other and term in other for other in alike)
    ]
    found = [Rising(term, len(now[term]), len(now[term]) - len(before.get(term, ()))) for term in whole]
    return sorted(found, key=lambda one: (-one.more, -one.authors, one.term))[:most]
