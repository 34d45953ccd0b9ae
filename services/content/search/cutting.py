"""How a text is cut into what it is found by, and a query into what it looks for. Pure.

Chinese has no spaces, so every two characters that stand together are a token, and the last character of a run by itself: a single
character is looked for as the beginning of a token. Other writing is cut into words. No dictionary is needed, and the jargon of a
company is found as everything else.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from chassis.hanzi import folded

CUTTER: Final = 2
"""Which cutter this is: an index that another one has made is made anew."""

LONGEST_TOKEN: Final = 40
LONGEST_QUERY: Final = 100
FEW_WORDS: Final = 6
LONGEST_WORD: Final = 4
"""Characters of what is probably one Chinese word."""
MOST_TOKENS: Final = 16_000
"""Of a longer text the beginning is found: PostgreSQL knows the places of no more."""

_TOGETHER: Final = (
    r"\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U000323af"
)
_RUN: Final = re.compile(rf"([{_TOGETHER}]+)|[^\W_{_TOGETHER}]+")
"""What stands together: Chinese, Japanese and Korean characters, or the letters and digits of a word."""
_PART: Final = re.compile(
    r"""(?P<without>(?<!\S)-)?(?:["“”「『](?P<exact>[^"“”」』]*)["“”」』]|(?P<word>[^\s"“”「」『』]+))"""
)


def cut(text: str) -> list[str]:
    """The tokens of a folded text, in their order."""
    found: list[str] = []
    for run in _RUN.finditer(text):
        letters = run.group()
        if run.group(1) is None:
            found.append(letters[:LONGEST_TOKEN])
        else:
            found += [letters[place : place + 2] for place in range(len(letters))]
    return found


def runs(text: str) -> Iterator[tuple[str, int, bool]]:
    """Each run of a folded text, where it begins, and whether it is of characters that stand together."""
    for run in _RUN.finditer(text):
        yield run.group(), run.start(), run.group(1) is not None


def pieces(text: str) -> Iterator[tuple[str, int]]:
    """What was typed without quotes and a minus, each with where it begins."""
    for part in _PART.finditer(text):
        if part["word"] and not part["without"]:
            yield part["word"], part.start("word")


@dataclass(frozen=True, slots=True)
class Term:
    """Tokens that stand one after the other. `open`: the last is only the beginning of a token."""

    tokens: tuple[str, ...]
    open: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What a search looks for: of the words as many as there are, each of the exact texts, none of what is to be without.

    What an exact text consists of is among the words, for the order of what is found.
    """

    words: tuple[Term, ...]
    exact: tuple[Term, ...]
    without: tuple[Term, ...]
    needed: int = 1
    """How many of the words something must have."""
    loose: tuple[tuple[Term, ...], ...] = ()
    """The windows of what was typed without quotes and a minus, of each stretch between such in their order."""

    @property
    def looks_for_something(self) -> bool:
        """Whether there is anything to find; what shall be missing is not enough."""
        return bool(self.words)


def understood(text: str) -> Query:
    """What somebody who typed this looks for."""
    words: dict[Term, None] = {}
    exact: dict[Term, None] = {}
    without: dict[Term, None] = {}
    loose: list[list[Term]] = [[]]
    for part in _PART.finditer(folded(text)):
        if part["without"] or part["exact"] is not None:
            loose.append([])
        if part["without"]:
            _take(without, part["exact"] or part["word"] or "")
        elif part["exact"] is not None:
            _take(exact, part["exact"])
            words.update(dict.fromkeys(windows(part["exact"])))
        else:
            loose[-1] += windows(part["word"])
            words.update(dict.fromkeys(loose[-1]))
    several = {word: None for word in words if not word.open}
    # A single character stands in half of all texts: it is looked for where there is nothing else.
    kept = tuple(several or words)
    return Query(kept, tuple(exact), tuple(without), _needed(text, kept), tuple(map(tuple, filter(None, loose))))


def as_written(text: str) -> Query:
    """What somebody looks for who wrote this as a title: quotes and a minus mean nothing there."""
    return understood(" ".join(run.group() for run in _RUN.finditer(folded(text))))


def _needed(text: str, words: Sequence[Term]) -> int:
    """Of a few words that were typed apart, and of one longer Chinese word, two: with one a text is about something else.

    A question has many pairs that say nothing: what has one of the others may well answer it.
    """
    apart = len(text.split()) > 1 and len(words) <= FEW_WORDS
    one_word = len(_RUN.findall(text)) == 1 and len(words) <= LONGEST_WORD - 1
    return 2 if len(words) > 1 and (apart or one_word) else 1


def windows(text: str) -> list[Term]:
    """What each run of a folded text is found by: a word, a pair of characters, or a character by itself."""
    found = []
    for run in _RUN.finditer(text):
        letters = run.group()
        if run.group(1) is None:
            found.append(Term((letters[:LONGEST_TOKEN],)))
        elif len(letters) == 1:
            found.append(Term((letters,), open=True))
        else:
            found += [Term((letters[place : place + 2],)) for place in range(len(letters) - 1)]
    return found


def together(text: str) -> Term | None:
    """A folded text as it stands: every token behind the one before. None where there is nothing in it."""
    tokens = cut(text)
    if not tokens:
        return None
    runs = list(_RUN.finditer(text))
    if runs[-1].group(1) is None:
        return Term(tuple(tokens))
    # What follows the last character in a text makes another token of it.
    alone = len(runs[-1].group()) == 1
    return Term(tuple(tokens if alone else tokens[:-1]), open=alone)


def _take(into: dict[Term, None], text: str) -> None:
    term = together(text)
    if term is not None:
        into.setdefault(term)
