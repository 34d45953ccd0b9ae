"""Pictures that travel inside files of questions: taken out within bounds, and put back."""

import binascii
import re
from base64 import b64encode
from collections.abc import Collection
from typing import Final
from urllib.parse import quote, unquote

from assessment.formats.results import Refusal, shortened
from assessment.questions import Picture

LARGEST: Final = 2 * 1024 * 1024
MOST_BYTES: Final = 8 * 1024 * 1024
MOST: Final = 20
"""Of one question."""
_LONGEST_NAME: Final = 80
_KINDS: Final = {
    b"\x89PNG\r\n\x1a\n": ("image/png", "png"),
    b"\xff\xd8\xff": ("image/jpeg", "jpg"),
    b"GIF87a": ("image/gif", "gif"),
    b"GIF89a": ("image/gif", "gif"),
}
_DATA = re.compile(r"data:image/[\w.+-]{1,40};base64,", re.IGNORECASE)
_HELD: Final = "@@PLUGINFILE@@"
_IN_MARKDOWN = re.compile(rf"{_HELD}/([^\s()\"'<>]{{1,400}})")
_SHOWN = re.compile(r"\]\(picture:([^()\s]{1,200})\)")


class Pictures:
    """Those of one question."""

    def __init__(self) -> None:
        self._kept: dict[str, Picture] = {}
        self._names: dict[str, str] = {}
        """By what a file is called, the name that it has here: of the part of the question that is read, first of all."""
        self.left_out: list[str] = []

    def all(self) -> tuple[Picture, ...]:
        """What was kept."""
        return tuple(self._kept.values())

    def take(self, name: str, encoded: str) -> None:
        """Keep a file of a part that is read next, if it is a picture. Raises `Refusal` for a damaged or too large one."""
        content = self._decoded(name, encoded)
        kept = self._keep(name, content)
        if kept:
            self._names[name] = kept
        else:
            self._names.pop(name, None)
            self.left_out.append("media")

    def shown(self, address: str, words: str) -> str:
        """What stands for a picture in Markdown."""
        words = re.sub(r"[\[\]\\\n]", " ", words).strip()
        if address.startswith(f"{_HELD}/"):
            name = self._names.get(unquote(address.partition("?")[0].rpartition("/")[2]))
        elif found := _DATA.match(address):
            name = self._keep("picture", self._decoded("picture", unquote(address[found.end() :])))
        else:
            self.left_out.append("outside_pictures")
            return words
        if not name:
            self.left_out.append("pictures")
            return words
        return f"![{words}](picture:{name})"

    def in_markdown(self, text: str) -> str:
        """A text in Markdown with the names that pictures have here."""

        def named(found: re.Match[str]) -> str:
            name = self._names.get(unquote(found.group(1).rpartition("/")[2]))
            if name is None:
                self.left_out.append("pictures")
            return f"picture:{name}" if name else found.group()

        return _IN_MARKDOWN.sub(named, text)

    def _decoded(self, name: str, encoded: str) -> bytes:
        if len(encoded) > 2 * LARGEST or len(self._kept) >= MOST:
            raise Refusal("picture_too_large", {"said": shortened(name)}, pointer="/pictures")
        try:
            return binascii.a2b_base64("".join(encoded.split()), strict_mode=True)
        except (binascii.Error, ValueError):
            raise Refusal("bad_base64", {"said": shortened(name)}, pointer="/pictures") from None

    def _keep(self, name: str, content: bytes) -> str:
        """The name under which it is kept; nothing if it is no picture."""
        kind = next((kind for magic, kind in _KINDS.items() if content.startswith(magic)), None)
        if kind is None and content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            kind = ("image/webp", "webp")
        if kind is None:
            return ""
        if len(content) > LARGEST or sum(len(one.content) for one in self._kept.values()) + len(content) > MOST_BYTES:
            raise Refusal("picture_too_large", {"said": shortened(name)}, pointer="/pictures")
        stem = re.sub(r"[^\w-]+", "-", name.rpartition(".")[0] or name)[:_LONGEST_NAME].strip("-") or "picture"
        kept, count = f"{stem}.{kind[1]}", 1
        while kept in self._kept and self._kept[kept].content != content:
            count += 1
            kept = f"{stem}-{count}.{kind[1]}"
        self._kept[kept] = Picture(kept, kind[0], content)
        return kept


def named_in(text: str, there: Collection[str]) -> tuple[str, list[str]]:
    """A text as Moodle has it, and the names of the pictures that it shows, of those that are there."""
    names = [name for name in dict.fromkeys(_SHOWN.findall(text)) if name in there]
    return _SHOWN.sub(lambda found: _moodle_link(found, there), text), names


def _moodle_link(found: re.Match[str], there: Collection[str]) -> str:
    return f"]({_HELD}/{quote(found.group(1))})" if found.group(1) in there else found.group()


def encoded(picture: Picture) -> str:
    """Its content as text."""
    return b64encode(picture.content).decode("ascii")
