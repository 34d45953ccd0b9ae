"""Looking for listed words in a text, whatever they are disguised as. Pure.

One automaton finds all words at once, so the time depends on the text and hardly on the lists; see decision 0024.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any, Final, Literal

import ahocorasick

from services.content.scanning import advertising
from services.content.scanning.disguises import Spelling, readings_of, spellings_of, splits_of
from services.content.scanning.folding import Pattern, Stream, is_han, pattern_of, stream_of
from services.content.scanning.segmenting import borders

Action = Literal["allow", "hold", "reject"]
Mode = Literal["word", "anywhere"]

MOST_MATCHES: Final = 50
LONGEST_WORD: Final = 40
LONGEST_MIXED: Final = 7
"""How far from a letter the characters of a word are looked at that is spelt in part."""
_LETTERS: Final = re.compile("[a-z]+")


@dataclass(frozen=True, slots=True)
class Word:
    """A listed word. `allow`: what stands inside it is no match of others."""

    text: str
    category: str
    action: Action
    mode: Mode


@dataclass(frozen=True, slots=True)
class Rules:
    """What is done about links and advertising."""

    links: Action = "allow"
    domains: Sequence[str] = ()
    advertising: Action = "allow"


@dataclass(frozen=True, slots=True)
class Match:
    """What was found in the text from `start` to before `end`, and by which word or rule."""

    start: int
    end: int
    rule: Literal["word", "links", "advertising"]
    word: str
    category: str
    action: Action


@dataclass
class _View:
    """One way to read the stream: as it is, or with characters put together of their parts. `at` is where each character is in the stream."""

    stream: Stream
    chars: str
    at: Sequence[int]
    put_together: Sequence[int] | None = None
    _borders: dict[bool, set[int]] = field(default_factory=dict)

    def whole(self, start: int, end: int, pattern: Pattern) -> bool:
        """Whether a word stands there: for the segmenter, or of letters that are apart between what is no letter."""
        first, last = self.at[start], self.at[end] - 1
        if self.stream.joined(first, last):
            borders_here = self._borders_of(joined=True)
            between = start in borders_here and end in borders_here
        else:
            between = self._ends_at(start, self.stream.gap_before(first)) and self._ends_at(
                end, self.stream.gap_after(last)
            )
        return between and (
            is_han(self.chars[start]) or is_han(self.chars[end - 1]) or self._spelt(first, last, pattern)
        )

    def _ends_at(self, place: int, otherwise: bool) -> bool:
        han_before = place > 0 and is_han(self.chars[place - 1])
        han_after = place < len(self.chars) and is_han(self.chars[place])
        if han_before and han_after:
            return place in self._borders_of(joined=False)
        return otherwise or han_before or han_after

    def _borders_of(self, *, joined: bool) -> set[int]:
        """Of what is joined, signs and blanks are borders too; of what is not, they were put there to hide it."""
        if joined not in self._borders:
            gaps, chars = [self.stream.gaps[place] for place in self.at[:-1]] if joined else [], self.chars
            cuts = [i for i, (a, b) in enumerate(pairwise(gaps), 1) if a != b]
            self._borders[joined] = borders([chars[a:b] for a, b in pairwise([0, *cuts, len(chars)])])
        return self._borders[joined]

    def _spelt(self, first: int, last: int, pattern: Pattern) -> bool:
        """Whether letters are joined, or all of them apart; and whether those that are repeated cannot be another word."""
        stream = self.stream
        gaps = stream.gaps[last] - stream.gaps[first]
        if gaps and gaps != last - first:
            return False
        times = stream.times[first : last + 1]
        return all(had == wanted or had > 2 for had, wanted in zip(times, pattern.times, strict=False))


class Scanner:
    """The lists and rules of one community or of the `company`, made ready. `pause` is called now and then as long as something is found. Making one takes seconds for long lists: not on the event loop."""

    def __init__(
        self,
        words: Iterable[Word],
        rules: Rules = Rules(),
        *,
        company: bool = False,
        pause: Callable[[], None] = lambda: None,
    ) -> None:
        self.rules = rules
        self._pause = pause
        self.company = company
        self._words: list[Word] = []
        self._patterns: list[Pattern] = []
        for word in words:
            pattern = pattern_of(word.text)
            if pattern.chars:
                self._words.append(word)
                self._patterns.append(pattern)
        self._plain = _automaton((_coded(one.chars), i) for i, one in enumerate(self._patterns))
        self._longest = max((len(one.chars) for one in self._patterns), default=0)
        forbidden = [(i, one.chars) for i, one in enumerate(self._patterns) if self._words[i].action != "allow"]
        texts = [chars for _, chars in forbidden]
        self._readings = readings_of(texts)
        self._spelt = _automaton(
            (spelling.letters, (i, spelling))
            for i, chars in forbidden
            for spelling in spellings_of(chars, self._readings)
        )
        self._splits = _automaton((_coded(parts), (len(parts), one)) for parts, one in splits_of(texts).items())

    @property
    def is_idle(self) -> bool:
        """Whether it finds nothing in any text."""
        return not self._words and self.rules.links == self.rules.advertising == "allow"

    def scan(self, text: str) -> list[Match]:
        """What is found in a text, in its order; of very much what is refused, then what comes first: `MOST_MATCHES` in all."""
        found = {(one.start, one.end, one.rule, one.word): one for one in self._found(text)}
        first = sorted(found.values(), key=lambda one: (one.action != "reject", one.start, one.end, one.word))
        return sorted(first[:MOST_MATCHES], key=lambda one: (one.start, one.end, one.word))

    def _found(self, text: str) -> Iterator[Match]:
        stream = stream_of(text)
        if stream.chars and self._words:
            allowed: list[tuple[int, int]] = []
            plain = _View(stream, stream.chars, range(len(stream.chars) + 1))
            hits = [*self._plainly(plain), *self._spelling(stream), *self._put_together(stream)]
            for i, start, end in hits:
                if self._words[i].action == "allow":
                    allowed.append((start, end))
            let_through = _Spans(allowed)
            for i, start, end in hits:
                word = self._words[i]
                if word.action != "allow" and not let_through.cover(start, end):
                    yield Match(
                        stream.begins[start], stream.ends[end - 1], "word", word.text, word.category, word.action
                    )
        yield from self._ruled(text)

    def _ruled(self, text: str) -> Iterator[Match]:
        rules = self.rules
        if rules.links != "allow":
            for link in advertising.links(text, rules.domains):
                yield Match(link.start, link.end, "links", link.what, "links", rules.links)
        if rules.advertising != "allow":
            for contact in advertising.contacts(text):
                yield Match(contact.start, contact.end, "advertising", contact.what, "advertising", rules.advertising)

    def _plainly(self, view: _View) -> Iterator[tuple[int, int, int]]:
        """Which words stand where in the stream."""
        if self._plain is None:
            return
        times, put = view.stream.times, view.put_together
        often: Counter[int] = Counter()
        for last, several in self._hits(view):
            self._pause()
            for i in several:
                if often[i] >= MOST_MATCHES and self._words[i].action != "allow":
                    continue
                pattern = self._patterns[i]
                start, end = last + 1 - len(pattern.chars), last + 1
                if put is not None and bisect_left(put, start) == bisect_left(put, end):
                    continue
                first, after = view.at[start], view.at[end]
                if pattern.repeats and any(
                    had < wanted for had, wanted in zip(times[first:after], pattern.times, strict=False)
                ):
                    continue
                if self._words[i].mode == "anywhere" or view.whole(start, end, pattern):
                    often[i] += 1
                    yield i, first, after

    def _hits(self, view: _View) -> Iterator[tuple[int, Sequence[int]]]:
        """Where words end, and which; of what was put together only around that."""
        coded, size, reach = _coded(view.chars), len(view.chars), self._longest
        around = [(max(0, one + 1 - reach), min(size, one + reach)) for one in view.put_together or ()]
        done = 0
        for start, end in around if view.put_together is not None else [(0, size)]:
            for last, several in self._plain.iter(coded, 2 * start, 2 * end):
                if last // 2 >= done:
                    yield last // 2, several
            done = end

    def _put_together(self, stream: Stream) -> Iterator[tuple[int, int, int]]:
        """Words with characters that were taken apart."""
        chars = stream.chars
        joined: list[str] = []
        at: list[int] = []
        put: list[int] = []
        place = 0
        for start, end, one in _splits_in(chars, self._splits):
            if start < place:
                continue
            joined += [*chars[place:start], one]
            at += range(place, start + 1)
            put.append(len(joined) - 1)
            place = end
        if put:
            at += range(place, len(chars) + 1)
            text = "".join([*joined, *chars[place:]])
            yield from self._plainly(_View(stream, text, at, put))

    def _spelling(self, stream: Stream) -> Iterator[tuple[int, int, int]]:
        """Words spelt in pinyin, or of which some characters are. They stand between what is no letter, whatever their mode."""
        chars = stream.chars
        if self._spelt is None or not any("a" <= one <= "z" for one in chars):
            return
        letters, units = _spelt_out(chars, self._readings)
        for last, several in self._spelt.iter(letters):
            for i, spelling in several:
                begin = last + 1 - sum(map(len, spelling.syllables))
                if _is_spelt(chars, units, begin, last, spelling):
                    start, end = units[begin], units[last] + 1
                    if _stands_alone(stream, start, end):
                        yield i, start, end


class _Spans:
    """Pieces of a text, to ask which other pieces stand inside one of them, in time that hardly grows with their number."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._furthest = list(accumulate((end for _, end in ordered), max))

    def cover(self, start: int, end: int) -> bool:
        """Whether one begins no later and ends no earlier."""
        before = bisect_right(self._starts, start)
        return before > 0 and self._furthest[before - 1] >= end


def _splits_in(chars: str, splits: Any) -> list[tuple[int, int, str]]:
    """Where parts of a character stand, of those that begin together the longest first, and which character it is."""
    if splits is None:
        return []
    ends = ((last // 2 + 1, several) for last, several in splits.iter(_coded(chars)))
    found = [(end - length, end, one) for end, several in ends for length, one in several]
    return sorted(found, key=lambda one: (one[0], -one[1]))


def _spelt_out(chars: str, readings: Mapping[str, str]) -> tuple[str, list[int]]:
    """The stream in letters, and for each which character of the stream it is of."""
    letters: list[str] = []
    units: list[int] = []
    near = _near_letters(chars)
    for place, one in enumerate(chars):
        # A character that is in no list ends every spelling, and so does one that is far from letters.
        read = one if one.isascii() else readings.get(one, "\0") if near[place] else "\0"
        letters.append(read)
        units += [place] * len(read)
    return "".join(letters), units


def _near_letters(chars: str) -> bytearray:
    """For each place whether a word that is spelt in part could reach it."""
    near = bytearray(len(chars))
    for found in _LETTERS.finditer(chars):
        start = max(0, found.start() - LONGEST_MIXED)
        near[start : found.end() + LONGEST_MIXED] = b"\1" * len(near[start : found.end() + LONGEST_MIXED])
    return near


def _is_spelt(chars: str, units: Sequence[int], begin: int, last: int, spelling: Spelling) -> bool:
    """Whether some of it is in letters, and each character that is not is the one of the word."""
    some, starts = False, spelling.starts()
    for place in range(begin, last + 1):
        one = chars[units[place]]
        if one.isascii():
            some = True
        elif place == begin or units[place - 1] != units[place]:
            if starts.get(place - begin) != one:
                return False
        elif place - begin in starts:
            return False
    ends_inside = last + 1 < len(units) and units[last + 1] == units[last]
    begins_inside = begin > 0 and units[begin - 1] == units[begin]
    return some and not ends_inside and not begins_inside


def _stands_alone(stream: Stream, start: int, end: int) -> bool:
    chars = stream.chars
    before = not chars[start].isascii() or stream.gap_before(start) or not chars[start - 1].isascii()
    after = not chars[end - 1].isascii() or stream.gap_after(end - 1) or not chars[end].isascii()
    return before and after


class _Codes(dict[int, str]):
    def __missing__(self, character: int) -> str:
        code = self[character] = chr(256 + character // 256) + chr(character % 256)
        return code


_codes = _Codes()


def _coded(chars: str) -> str:
    """Two signs for each character. The automaton looks through the ways on from a place one by one: thousands for characters, a few hundred so."""
    return chars.translate(_codes)


def _automaton(words: Iterable[tuple[str, Any]]) -> Any:
    """An automaton that says of each text it knows what stands behind it; None if it knows none."""
    by_text: dict[str, tuple[Any, ...]] = {}
    for text, what in words:
        by_text[text] = (*by_text.get(text, ()), what)
    if not by_text:
        return None
    made = ahocorasick.Automaton()
    add: Callable[[str, Any], bool] = made.add_word
    for text, several in by_text.items():
        add(text, several)
    made.make_automaton()
    return made
