"""A text as it is searched for listed words: without signs and blanks, each repeated character once, in simplified small letters. Pure."""

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

from chassis.hanzi import folded

_REPEATED = re.compile(r"(.)\1", re.DOTALL)


class _Folds(dict[int, str]):
    """What is kept of a character, a blank where nothing is; each is looked at once, and there are not more than Unicode has."""

    def __missing__(self, character: int) -> str:
        kept = self[character] = "".join(one for one in folded(chr(character)) if one.isalnum()) or " "
        return kept


_folds = _Folds()


@dataclass(frozen=True, slots=True)
class Stream:
    """The characters that are kept, and for each where it begins and ends in the text and how often it stands there in a row.

    `gaps`: up to each character, how often something stands between two that is not kept.
    """

    chars: str
    begins: Sequence[int]
    ends: Sequence[int]
    times: Sequence[int]
    gaps: Sequence[int]

    def joined(self, first: int, last: int) -> bool:
        """Whether nothing stands between these characters and those between them."""
        return self.gaps[first] == self.gaps[last]

    def gap_before(self, place: int) -> bool:
        """Whether something that is not kept stands before this character, or nothing at all."""
        return place == 0 or self.gaps[place - 1] != self.gaps[place]

    def gap_after(self, place: int) -> bool:
        """The same, after this character."""
        return place == len(self.chars) - 1 or self.gap_before(place + 1)


def stream_of(text: str) -> Stream:
    """The text as it is searched."""
    kept = text.translate(_folds)
    places: Sequence[int] = range(len(text))
    if len(kept) != len(text):
        # Some characters are several once they are folded.
        several = [(place, one) for place, character in enumerate(text) for one in character.translate(_folds)]
        places, kept = [place for place, _ in several], "".join(one for _, one in several)
    begins = [place for place, one in zip(places, kept, strict=True) if one != " "]
    chars = kept.replace(" ", "")
    again = [i for i, (a, b) in enumerate(pairwise(chars), 1) if a == b]
    gaps = list(accumulate((b > a + 1 for a, b in pairwise(begins)), initial=0)) if begins else []
    if not again:
        return Stream(chars, begins, [place + 1 for place in begins], [1] * len(chars), gaps)
    return _each_once(chars, begins, gaps, frozenset(again))


def _each_once(chars: str, begins: Sequence[int], gaps: Sequence[int], again: Container[int]) -> Stream:
    """The stream without these, which are the same as the one before."""
    ends: list[int] = []
    times: list[int] = []
    for i, place in enumerate(begins):
        if i in again:
            ends[-1] = place + 1
            times[-1] += 1
        else:
            ends.append(place + 1)
            times.append(1)
    once = [i for i in range(len(chars)) if i not in again]
    return Stream("".join(chars[i] for i in once), [begins[i] for i in once], ends, times, [gaps[i] for i in once])


def key_of(word: str) -> str:
    """What is the same for words of which only one can be listed."""
    return word.translate(_folds).replace(" ", "")


@dataclass(frozen=True)
class Pattern:
    """A listed word as it is looked for."""

    chars: str
    times: Sequence[int]

    @cached_property
    def repeats(self) -> bool:
        """Whether a character stands in it several times in a row."""
        return any(times > 1 for times in self.times)


def pattern_of(word: str) -> Pattern:
    """A word as it is looked for."""
    chars = key_of(word)
    if _REPEATED.search(chars) is None:
        return Pattern(chars, (1,) * len(chars))
    stream = stream_of(word)
    return Pattern(stream.chars, stream.times)


def is_han(character: str) -> bool:
    """Whether it is a Chinese character."""
    return "\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0003ffff" or character == "〇"
