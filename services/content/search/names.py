"""Whom somebody means who types a part of a name: as it is written in any of its forms or in pinyin. Pure.

A database compares the names, each character with those that are the same to who looks for it: no list of names is kept for it.
"""

from itertools import groupby

from chassis.hanzi import folded, forms_of
from services.content.search.sounds import heard_as, spelt

LONGEST_NAME = 40
MOST_WORDS = 3
SHORTEST_BEGUN = 2
"""Letters of a first syllable: what begins with one letter is long as a class, and compared with every name."""

Word = tuple[str, ...]
"""The ways in which one word of a name may be written, each as a class of characters after the other: for `GLOB` and `~` alike."""


def name_words(typed: str) -> list[Word]:
    """The words that a name must have, in any order. None where there is no letter in it."""
    apart = groupby(folded(typed), key=str.isalnum)
    words = ["".join(letters) for is_word, letters in apart if is_word][:MOST_WORDS]
    # Somebody is still typing the last one. What only begins a syllable stands for thousands of characters, so it is asked once.
    return [_ways(word, begun=number == len(words)) for number, word in enumerate(words, 1)]


def _ways(word: str, *, begun: bool) -> Word:
    ways = ["".join(f"[{forms_of(one)}]" for one in word)]
    if word.isascii() and word.isalpha():
        for *whole, last in spelt(word, open_=begun):
            if not begun or whole or len(last) >= SHORTEST_BEGUN:
                sets = [*map(heard_as, whole), heard_as(last, begun=begun)]
                ways += ["".join(f"[{one}]" for one in sets)] if all(sets) else []
    return tuple(ways)
