"""In which encoding a text file was written, decided by what speaks most surely: a mark, the sender's word, then the bytes.

Never a guess that is stored: where the bytes fit several encodings alike, the file is refused with what it looks like and what to
do about it. Bytes that do not fit the decision come through as `surrogateescape` has them, and make an error of their row.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from chassis.budget import check
from chassis.tabular.cells import ESCAPED
from chassis.tabular.common_characters import COMMON
from chassis.tabular.problems import file_problem

_ESCAPED_RUN = re.compile("[\udc80-\udcff]+")
_LONG = re.compile("[\u0800-\ud7ff\ue000-\U0010ffff]")
_SHORT = re.compile("[\u0080-\u07ff]")
_CHUNK = 1 << 20
_PIECE = 1 << 16
"""Decoded at once: Python's lock is kept meanwhile, about a millisecond."""
_SAMPLE = 100_000
_NEARLY_ALL = 20
"""One bad sequence among so many is damage; more of them, another encoding."""

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HEADER = 10_000
_BETWEEN_CELLS = re.compile(r"[,;\t|\"]")
_SURE_ENOUGH = 3.0
"""Two common characters and nothing against them; by chance a short text of another encoding gets there once in thirty times."""
_GB18030_MARK = "\ufeff".encode("gb18030")

# What may be declared, by the names that Python knows them under, and as what each is read: the superset that programs which
# use the name really write.
_DECLARABLE = {
    **dict.fromkeys(("utf-8", "utf-8-sig", "ascii"), "utf-8"),
    **dict.fromkeys(("gb18030", "gbk", "gb2312"), "gb18030"),
    **dict.fromkeys(("big5", "cp950"), "cp950"),
    "big5hkscs": "big5hkscs",
    **dict.fromkeys(("shift_jis", "cp932"), "cp932"),
    "euc_jp": "euc_jp",
    **dict.fromkeys(("euc_kr", "cp949"), "cp949"),
    **dict.fromkeys(("iso8859-1", "cp1252"), "cp1252"),
    **{name: name for name in ("iso8859-2", "iso8859-15", "koi8-r", "koi8-u", "cp874")},
    **{f"cp125{number}": f"cp125{number}" for number in (0, 1, 3, 4, 5, 6, 7, 8)},
}
_NAMES = {
    "cp950": "Big5",
    "cp932": "Shift_JIS",
    "euc_jp": "EUC-JP",
    **dict.fromkeys(("euc_kr", "cp949"), "EUC-KR"),
    "cp1252": "windows-1252",
    "cp1251": "windows-1251",
    "koi8-r": "KOI8-R",
    "gb18030": "GB18030",
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-32": "UTF-32",
}


def unmarked(content: bytes) -> bytes:
    """What a spreadsheet saves as "Unicode text" (UTF-16 with its mark), in UTF-8; anything else as it is."""
    if not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or content.startswith(codecs.BOM_UTF32_LE):
        return content
    decoder = codecs.getincrementaldecoder("utf-16")("surrogatepass")
    pieces = [codecs.BOM_UTF8]
    for start in range(0, len(content) & ~1, _PIECE):
        check()
        piece = decoder.decode(content[start : min(start + _PIECE, len(content) & ~1)])
        pieces.append(piece.encode("utf-8", "surrogatepass"))
    # Half a character, or half a pair, fits no encoding: it makes an error of its row.
    pieces.append(b"\xff" * bool(len(content) & 1 or decoder.getstate()[0]))
    return b"".join(pieces)


def encoding_of(content: bytes, charset: str | None, knows: Callable[[str], bool]) -> str:
    """Python's name of the encoding. Raises `TABLE_INVALID`, with the guess, where none is sure.

    A byte order mark decides; then what the sender declared; then UTF-8 where nearly all multi-byte sequences are valid in it; then
    GB18030 where the text reads as Chinese, which a header that is known (`knows`) settles.
    """
    if content.startswith(codecs.BOM_UTF8):
        return _held_to("utf-8-sig", content)
    if content.startswith(_GB18030_MARK):
        return _held_to("gb18030", content)
    for mark, name in _MARKS:
        if content.startswith(mark):
            raise _refusal(name)
    if content[:_CHUNK].count(0) > len(content[:_CHUNK]) // 10:
        raise _refusal("utf-16")
    if charset:
        return _declared(content, charset)
    if _is_utf8(content):
        return "utf-8"
    if _is_chinese(content, knows):
        return "gb18030"
    raise _refusal(_guess(content))


def decoded(content: bytes, charset: str | None = None) -> str:
    """A text file of any kind as a text, without its mark. Bytes that do not fit the encoding come as `surrogateescape` has them.

    Raises `TABLE_INVALID` where the encoding is not sure. `charset` is what the sender declared.
    """
    content = unmarked(content)
    encoding = encoding_of(content, charset, lambda _: False)
    return "".join(_texts(content, encoding)).removeprefix("\ufeff")


def _refusal(guess: str | None) -> Exception:
    if guess is None:
        return file_problem("wrong_encoding")
    return file_problem("wrong_encoding", wording="wrong_encoding_guessed", guess=_NAMES.get(guess, guess))


def _declared(content: bytes, charset: str) -> str:
    try:
        encoding = _DECLARABLE[codecs.lookup(charset.strip("\"' ")).name]
    except (LookupError, ValueError):
        raise file_problem("wrong_encoding", wording="unknown_charset", name=charset[:40]) from None
    if encoding != "utf-8":
        found = _sequences(content, "utf-8")
        # Chance makes no text of another encoding valid UTF-8 through and through, with long sequences in it.
        if found.invalid == 0 and found.long > 2:
            raise file_problem("wrong_encoding", wording="wrong_declaration", name=charset[:40], guess="UTF-8")
    return _held_to(encoding, content)


def _held_to(encoding: str, content: bytes) -> str:
    found = _sequences(content, encoding)
    if found.invalid > max(1, found.valid // _NEARLY_ALL):
        raise file_problem(
            "wrong_encoding",
            wording="wrong_declaration",
            name=_NAMES.get(encoding.removesuffix("-sig"), encoding),
            guess="another",
        )
    return encoding


@dataclass
class _Sequences:
    """How many characters beyond ASCII a reading finds, of two bytes in UTF-8 and of more, and how many runs of bytes it cannot read."""

    short: int = 0
    long: int = 0
    invalid: int = 0

    @property
    def valid(self) -> int:
        return self.short + self.long


def _sequences(content: bytes, encoding: str) -> _Sequences:
    found = _Sequences()
    if content.isascii():
        return found
    for text in _texts(content, encoding):
        if not text.isascii():
            found.short += len(_SHORT.findall(text))
            found.long += len(_LONG.findall(text))
            found.invalid += len(_ESCAPED_RUN.findall(text))
    return found


def _texts(content: bytes, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)("surrogateescape")
    for start in range(0, len(content), _PIECE):
        check()
        yield decoder.decode(content[start : start + _PIECE])
    yield decoder.decode(b"", final=True)


def _is_utf8(content: bytes) -> bool:
    found = _sequences(content, "utf-8")
    # Two bytes are often valid by chance; three in a row hardly ever. A small file may have one character cut and few whole ones.
    return (
        found.invalid <= found.valid // _NEARLY_ALL
        or found.invalid * 4 <= found.long
        or (found.invalid == 1 and found.long >= 1)
    )


# --- Chinese -------------------------------------------------------------------------------------------------------


@cache
def _gb2312() -> frozenset[str]:
    """The 6,763 characters of GB 2312: what was thought enough for ordinary Chinese."""
    pairs = (bytes((lead, trail)) for lead in range(0xB0, 0xF8) for trail in range(0xA1, 0xFF))
    return frozenset(character for pair in pairs for character in pair.decode("gb2312", "ignore"))


def _is_chinese(content: bytes, knows: Callable[[str], bool]) -> bool:
    """Whether a text reads as Chinese in GB18030: by a Chinese header that we know, or by how common its characters are.

    Other encodings, read as GB18030, give characters that GB 2312 lacks (Western, Big5, Shift-JIS), mostly its rarer half (Cyrillic)
    or characters without regard to how common they are (Korean).
    """
    found = _sequences(content, "gb18030")
    if found.invalid > max(1, found.valid // _NEARLY_ALL):
        return False
    header = next(filter(str.strip, "".join(_texts(content[:_HEADER], "gb18030")).splitlines()), "")
    if any(not cell.isascii() and knows(cell) for cell in _BETWEEN_CELLS.split(header)):
        return True
    return sum(map(_evidence, _beyond_ascii(content, "gb18030"))) >= _SURE_ENOUGH


def _evidence(character: str) -> float:
    """What one character says for Chinese or against it: about the logarithm of how much likelier it is there than by chance."""
    if character in COMMON:
        return 1.6
    if character in _gb2312():
        return -0.8
    return 0.0 if _is_chinese_sign(character) else -2.5


def _beyond_ascii(content: bytes, encoding: str) -> str:
    """The first of the characters beyond ASCII."""
    found: list[str] = []
    count = 0
    for text in _texts(content, encoding):
        part = "".join(character for character in text if character > "\x7f" and not ESCAPED.match(character))
        found.append(part)
        count += len(part)
        if count >= _SAMPLE:
            break
    return "".join(found)[:_SAMPLE]


def _is_chinese_sign(character: str) -> bool:
    return "\u3000" <= character <= "\u3020" or "\uff00" <= character <= "\uff5e" or character in "“”‘’—…·•《》"


# --- what else it may be, for the message ------------------------------------------------------------------------------


def _guess(content: bytes) -> str | None:
    """What a text looks like that is neither UTF-8 nor Chinese; None where nothing fits."""
    scores = {encoding: _fit(content, encoding, expected) for encoding, expected in _EXPECTED.items()}
    best = max(scores, key=lambda encoding: scores[encoding])
    return best if scores[best] >= 0.6 else None


def _fit(content: bytes, encoding: str, expected: Callable[[str], float]) -> float:
    """The share of what stands beyond ASCII that is what one would expect in this encoding."""
    text = "".join(_texts(content[: _SAMPLE * 4], encoding))
    foreign = sum(character > "\x7f" for character in text)
    bad = len(ESCAPED.findall(text))
    return (expected(text) - bad) / foreign if foreign else 0.0


def _count(pattern: str) -> Callable[[str], float]:
    compiled = re.compile(pattern)
    return lambda text: float(sum(len(found) for found in compiled.findall(text)))


# A word: at most its first letter is a capital, and no Latin letter stands beside it.
_WORD = "(?<![A-Za-z]){first}?{rest}{{2,}}(?![A-Za-z])"


@cache
def _big5_common() -> frozenset[str]:
    pairs = (bytes((lead, trail)) for lead in range(0xA4, 0xC7) for trail in (*range(0x40, 0x7F), *range(0xA1, 0xFF)))
    return frozenset(character for pair in pairs for character in pair.decode("cp950", "ignore"))


_EXPECTED: dict[str, Callable[[str], float]] = {
    "cp950": lambda text: float(sum(c in _big5_common() or "\u3000" <= c <= "\u3020" for c in text)),
    # Japanese is never without kana for long; kanji alone count less, since other encodings make them too.
    "cp932": lambda text: (
        _count("[\u3040-\u30ff]")(text) + 0.7 * _count("[\u3001\u3002\u4e00-\u9fff\uff66-\uff9f]")(text)
    ),
    "euc_jp": lambda text: _count("[\u3040-\u30ff]")(text) + 0.75 * _count("[\u3001\u3002\u4e00-\u9fff]")(text),
    "euc_kr": _count("[\uac00-\ud7a3]"),
    "cp1251": _count(_WORD.format(first="[\u0410-\u042f\u0401]", rest="[\u0430-\u044f\u0451]")),
    "koi8-r": _count(_WORD.format(first="[\u0410-\u042f\u0401]", rest="[\u0430-\u044f\u0451]")),
    # Accented letters stand alone between plain ones.
    "cp1252": _count("(?<![^\x00-\x7f])[À-ÖØ-öø-ÿŠšŽžŒœŸ](?![^\x00-\x7f])"),
}
