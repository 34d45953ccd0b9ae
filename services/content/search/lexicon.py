"""Words that mean the same in a community, and what a query is looked for by beside its own words. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from chassis.hanzi import folded
from chassis.text import one_line
from chassis.wrong import Wrong
from services.content.search.cutting import Query, Term, together, windows

MOST_GROUPS: Final = 200
MOST_IN_GROUP: Final = 10
LONGEST_SYNONYM: Final = 40
MOST_ALIKE: Final = 16
"""Of one search, so that it costs little more than its own words do."""

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alike:
    """What means the same as some words of a query: whatever has it has them."""

    term: Term
    instead_of: frozenset[Term]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The groups of a community: of each word what it is known by in a query, and what it is looked for by."""

    groups: Sequence[Mapping[Key, Term]]
    begins: Mapping[str, Sequence[tuple[Key, int]]]

    def alike(self, query: Query) -> tuple[Alike, ...]:
        """What is looked for beside a query, for each word of a group that stands in it, the longest from each place on.

        What stands in quotes or behind a minus is meant as it was typed.
        """
        found: dict[Term, Alike] = {}
        for loose in query.loose:
            at = 0
            while at < len(loose):
                key, group = self._longest(tuple(word.tokens[0] for word in loose[at:]))
                stands = frozenset(loose[at : at + len(key)])
                for other, term in self.groups[group].items() if key else ():
                    if other != key and term not in query.words:
                        found.setdefault(term, Alike(term, stands))
                at += max(1, len(key))
        return tuple(found.values())[:MOST_ALIKE]

    def _longest(self, standing: Key) -> tuple[Key, int]:
        fitting = [one for one in self.begins.get(standing[0], ()) if standing[: len(one[0])] == one[0]]
        return max(fitting, key=lambda one: len(one[0]), default=((), 0))


@lru_cache(maxsize=64)
def lexicon(groups: tuple[tuple[str, ...], ...]) -> Lexicon:
    """What a community's groups of words are looked for by."""
    terms: list[dict[Key, Term]] = []
    begins: dict[str, list[tuple[Key, int]]] = defaultdict(list)
    for place, group in enumerate(groups):
        terms.append({})
        for word in group:
            term, key = together(folded(word)), key_of(word)
            if term is not None:
                terms[-1][key] = term
                begins[key[0]].append((key, place))
    return Lexicon(terms, begins)


def key_of(word: str) -> Key:
    """What is the same for words that are found in the same texts."""
    return tuple(window.tokens[0] for window in windows(folded(word)))


def normal_synonym(text: str) -> str:
    """A word as it is kept. Raises ValueError where there is nothing in it to look for."""
    word = one_line(text)
    if not key_of(word):
        raise Wrong("no_word", "There is no letter, digit or character in it.", "其中没有字母、数字或汉字。")
    # Some characters are a whole phrase once they are spelt out.
    if len(folded(word)) > LONGEST_SYNONYM:
        raise Wrong("too_long", f"At most {LONGEST_SYNONYM} characters.", f"最多 {LONGEST_SYNONYM} 个字符。")
    return word


def normal_groups(groups: list[list[str]]) -> list[list[str]]:
    """The groups, if each word stands in them once. Raises ValueError."""
    seen: set[Key] = set()
    for place, group in enumerate(groups):
        for number, word in enumerate(group):
            key = key_of(word)
            if key in seen:
                raise Wrong(
                    "duplicate", "A word stands in one group, once.", "一个词只能出现一次。", at=f"/{place}/{number}"
                )
            seen.add(key)
    return groups
