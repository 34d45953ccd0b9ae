"""How a text sounds, and what was meant by one that was typed by its sound. Pure, but for the table of readings.

Each Chinese character sounds as it is usually read alone, without its tone; a word of other writing as it is written.
"""

import sys
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Final

import orjson

from services.content.search.cutting import LONGEST_TOKEN, pieces, runs

LONGEST_HEARD: Final = 12
"""Sounds of what is looked for by them; whoever types more is asking, and no longer naming something."""
MOST_READINGS: Final = 4
FIRST_READ, LAST_READ = 0x4E00, 0x9FFF
"""The characters that are read; rarer ones sound like themselves."""
BETWEEN: Final = "0z0"
"""Stands between texts, so that nothing sounds like the end of one and the beginning of the next."""


@dataclass(frozen=True, slots=True)
class Sounds:
    """Sounds one after the other. `open`: the last is only the beginning of one."""

    tokens: tuple[str, ...]
    open: bool = False

    def place_in(self, heard: Sequence[tuple[str, int, int]]) -> tuple[int, int] | None:
        """Where they stand in a text, as characters of it."""
        many = len(self.tokens)
        for first in range(len(heard) - many + 1):
            *before, last = (sound for sound, _, _ in heard[first : first + many])
            fits = last.startswith(self.tokens[-1]) if self.open else last == self.tokens[-1]
            if fits and tuple(before) == self.tokens[:-1]:
                return heard[first][1], heard[first + many - 1][2]
        return None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a query, and how it may sound."""

    begin: int
    end: int
    readings: tuple[Sounds, ...]


def heard_in(text: str) -> list[tuple[str, int, int]]:
    """Each sound of a folded text with where it begins and ends."""
    found: list[tuple[str, int, int]] = []
    for letters, begin, together in runs(text):
        if together:
            found += [(sound_of(one), begin + place, begin + place + 1) for place, one in enumerate(letters)]
        else:
            found.append((letters[:LONGEST_TOKEN], begin, begin + len(letters)))
    return found


def sounds_of(texts: Sequence[str]) -> list[str]:
    """The sounds of folded texts, for the index."""
    found: list[str] = []
    for text in texts:
        found += [*([BETWEEN] if found else []), *(sound for sound, _, _ in heard_in(text))]
    return found


def begun(text: str) -> list[Sounds]:
    """How a folded text may sound whose end is still being typed: as its letters say, and as pinyin. None where it is too long."""
    ways: list[tuple[str, ...]] = [()]
    ends_open = False
    for letters, _, together in runs(text):
        ends_open = not together and len(letters) > 1
        if together:
            ends: list[tuple[str, ...]] = [tuple(map(sound_of, letters))]
        else:
            ends = [(letters[:LONGEST_TOKEN],), *(way for way in spelt(letters, open_=True) if way != (letters,))]
        ways = [(*way, *end) for way in ways for end in ends][:MOST_READINGS]
    return [Sounds(way, ends_open) for way in ways if 0 < len(way) <= LONGEST_HEARD]


def doubtful(text: str, known: Sequence[str]) -> list[Stretch]:
    """The parts of a folded query that stand in none of these texts, and how they sound; nothing in quotes or behind a minus."""
    found: list[Stretch] = []
    for word, at in pieces(text):
        for letters, begin, together in runs(word):
            if any(letters in one for one in known):
                continue
            ways = [tuple(map(sound_of, letters))] if together else list(spelt(letters))
            readings = tuple(Sounds(way) for way in ways if 1 < len(way) <= LONGEST_HEARD)
            if readings:
                found.append(Stretch(at + begin, at + begin + len(letters), readings))
    return found


def spelt(letters: str, *, open_: bool = False) -> Iterator[tuple[str, ...]]:
    """The ways to read letters as pinyin, those with fewer syllables first; `open_`: the last syllable may be begun."""
    if not letters.isascii() or not letters.isalpha() or len(letters) > 6 * LONGEST_HEARD:
        return iter(())
    return islice(_spelt(letters, open_=open_), MOST_READINGS)


def _spelt(letters: str, *, open_: bool) -> Iterator[tuple[str, ...]]:
    known = _syllables()
    # Whether the rest from each place can be read: without this a long text that cannot would be tried in every way.
    can = [False] * len(letters) + [True]
    for at in reversed(range(len(letters))):
        can[at] = any(
            can[at + many] and letters[at : at + many] in known for many in range(1, 7) if at + many < len(can)
        )
        can[at] = can[at] or (open_ and letters[at:] in _beginnings())

    def ways(at: int) -> Iterator[tuple[str, ...]]:
        if at == len(letters):
            yield ()
            return
        for many in range(min(6, len(letters) - at), 0, -1):
            syllable = letters[at : at + many]
            if syllable in known and can[at + many]:
                for rest in ways(at + many):
                    yield (syllable, *rest)
        if open_ and letters[at:] in _beginnings() - known:
            yield (letters[at:],)

    return ways(0) if can[0] else iter(())


@cache
def _readings() -> dict[int, str]:
    """Of each character that is read, its usual reading without tone, ü as v. Read at first use.

    From the file: the package would load its words too, which take 40 MB, and each process that writes a title would have them.
    """
    return {code: sys.intern(_plain(several.split(",")[0])) for code, several in _table().items()}


def _table() -> dict[int, str]:
    package = find_spec("pypinyin")
    if package is None or package.origin is None:
        raise RuntimeError("pypinyin is not installed")
    table = orjson.loads(Path(package.origin).with_name("pinyin_dict.json").read_bytes())
    return {int(code): several for code, several in table.items() if FIRST_READ <= int(code) <= LAST_READ}


def _plain(reading: str) -> str:
    apart = unicodedata.normalize("NFD", reading).replace("u\u0308", "v")
    # ü with a tone: the dots may stand behind it.
    kept = "".join(one for one in apart if not unicodedata.combining(one))
    return kept.replace("u", "v") if "\u0308" in apart else kept


@cache
def _syllables() -> frozenset[str]:
    # Without those that are only a hum.
    return frozenset(one for one in _readings().values() if set("aeiouv") & set(one))


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(one[:many] for one in _syllables() for many in range(1, len(one) + 1))


def heard_as(sound: str, *, begun: bool = False) -> str:
    """The characters that may be read so, in whichever of their readings; `begun`: or that sound like this at their beginning."""
    if not begun:
        return _characters().get(sound, "")
    return "".join(dict.fromkeys("".join(some for one, some in _characters().items() if one.startswith(sound))))


@cache
def _characters() -> dict[str, str]:
    """Of each sound the characters that have it among their readings: names are read in other ways than words are."""
    found: dict[str, list[str]] = {}
    for code, several in _table().items():
        for sound in dict.fromkeys(map(_plain, several.split(","))):
            found.setdefault(sound, []).append(chr(code))
    return {sound: "".join(some) for sound, some in found.items()}


def sound_of(character: str) -> str:
    """How a character sounds; one that nobody reads as itself."""
    return _readings().get(ord(character), character)
