"""What a file is, from its bytes: what its sender calls it is only used where bytes of one kind have several names. Pure."""

import re
from typing import Final

ANYTHING: Final = "application/octet-stream"
SVG: Final = "image/svg+xml"
PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""Those of which smaller ones are made."""
PLAYED: Final = ("audio/", "video/")
HEAD: Final = 4096
"""How many of the first bytes it takes."""

_MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
_RUNS: Final = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"#!")
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_ZIPPED: Final = {
    "docx": f"{_OFFICE}wordprocessingml.document",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "pptx": f"{_OFFICE}presentationml.presentation",
}
_IN_OLE: Final = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
}
_AS_TEXT: Final = {"csv": "text/csv", "md": "text/markdown", "json": "application/json"}
_MARKUP: Final = re.compile(
    # A comment ends at its first end alone: where it may end at any later one, the ways to read many of them double with each.
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*|<!--(?:(?!-->).)*-->\s*|<!doctype[^>]*>\s*)*"
    rb"<(svg|html|script|head|body|iframe)\b",
    re.DOTALL | re.IGNORECASE,
)
_DOCTYPE: Final = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<!doctype\s+html", re.IGNORECASE)
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def runs(head: bytes) -> bool:
    """Whether it is a program, for whatever machine."""
    return head.startswith(_RUNS)


def type_of(head: bytes, name: str) -> str:
    """The media type of a file with these first bytes; `name` tells apart what has the same."""
    extension = name.rpartition(".")[2].lower()
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return _IN_OLE.get(extension, kind) if kind == "application/x-ole-storage" else kind
    if head.startswith(b"PK\x03\x04"):
        return _ZIPPED.get(extension, "application/zip")
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(head[8:12], ANYTHING)
    if head[4:8] == b"ftyp":
        return _of_brand(head[8:12])
    return _of_text(head, extension)


def _of_brand(brand: bytes) -> str:
    if brand.startswith(b"M4A"):
        return "audio/mp4"
    return "video/quicktime" if brand == b"qt  " else "video/mp4"


def _of_text(head: bytes, extension: str) -> str:
    if (markup := _MARKUP.match(head)) is not None:
        return SVG if markup.group(1).lower() == b"svg" else "text/html"
    if _DOCTYPE.match(head):
        return "text/html"
    if _CONTROL.search(head):
        return ANYTHING
    try:
        # The last character may be cut through.
        head.decode("utf-8", errors="strict" if len(head) < HEAD else "ignore")
    except UnicodeDecodeError:
        return ANYTHING
    return _AS_TEXT.get(extension, "text/plain")


def sent_as(kind: str) -> str:
    """As what it is sent: what a browser would run is sent as bytes, for nothing of ours is ever a page of theirs."""
    return ANYTHING if kind in {SVG, "text/html"} else kind
