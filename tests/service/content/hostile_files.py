"""A corpus of files that mean harm, made here, and what becomes of each."""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from PIL import Image

PAYLOAD = b"<script>alert(1)</script>"
PNG, JPEG, GIF = "image/png", "image/jpeg", "image/gif"


@dataclass(frozen=True)
class Hostile:
    """What is sent, as what, and what comes of it."""

    content: bytes
    called: str
    media_type: str
    taken_as: str | None = None
    refused: str | None = None

    @property
    def status(self) -> str:
        return "refused" if self.refused else "ready"

    @property
    def runs_in_browsers(self) -> bool:
        return self.taken_as in {"text/html", "image/svg+xml"}


def picture(kind: str, size: tuple[int, int] = (40, 20), **options: object) -> bytes:
    written = BytesIO()
    Image.new("RGB", size, "red").save(written, kind, **options)
    return written.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def png_with(kind: bytes, data: bytes) -> bytes:
    """A picture with one chunk more, behind its header."""
    plain = picture("PNG")
    return plain[:33] + chunk(kind, data) + plain[33:]


def png_of(width: int, height: int) -> bytes:
    head = struct.pack(">II", width, height) + b"\x08\x02\x00\x00\x00"
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def gif_of_frames(count: int) -> bytes:
    plain = BytesIO()
    Image.new("P", (1, 1)).save(plain, "GIF")
    whole = plain.getvalue()
    frame = whole[whole.rindex(b",") : -1]
    return whole[:-1] + frame * count + whole[-1:]


def jpeg_with_notes(notes: bytes) -> bytes:
    """A picture with these notes of a camera in front."""
    plain, said = picture("JPEG"), b"Exif\0\0" + notes
    return plain[:2] + b"\xff\xe1" + (len(said) + 2).to_bytes(2, "big") + said + plain[2:]


def entry(tag: int, kind: int, count: int, value: int) -> bytes:
    return struct.pack(">HHII", tag, kind, count, value)


def notes(*entries: bytes, after: bytes = b"") -> bytes:
    return b"MM\0*\0\0\0\x08" + len(entries).to_bytes(2, "big") + b"".join(entries) + bytes(4) + after


def zip_bomb() -> bytes:
    """A hundred million zeros, and files in it that would land elsewhere."""
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("../../etc/passwd", b"root")
        with archive.open("zeros", "w") as zeros:
            for _ in range(100):
                zeros.write(bytes(1_000_000))
    return packed.getvalue()


_TURNED = entry(0x0112, 3, 1, 6 << 16)
HOSTILE = {
    # Of two kinds at once.
    "gif that is a script": Hostile(
        b"GIF89a/*" + bytes(20) + b"*/=1;" + PAYLOAD, "a.gif", GIF, refused="broken_picture"
    ),
    "picture with a page behind it": Hostile(picture("PNG") + PAYLOAD, "a.html", PNG, PNG),
    "picture with a page in its text": Hostile(png_with(b"tEXt", b"Comment\0" + PAYLOAD), "a.png", PNG, PNG),
    "picture with an archive behind it": Hostile(picture("JPEG") + zip_bomb()[:5000], "a.jpg", JPEG, JPEG),
    "document that is an archive": Hostile(b"%PDF-1.7\n" + zip_bomb(), "a.pdf", "application/pdf", "application/pdf"),
    # What a browser would run.
    "page called a picture": Hostile(b"<html>" + PAYLOAD, "me.png", PNG, refused="not_what_it_says"),
    "page": Hostile(b"<!doctype html>" + PAYLOAD, "a.txt", "text/plain", "text/html"),
    "drawing that runs": Hostile(
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "a.svg", "image/svg+xml", "image/svg+xml"
    ),
    "drawing called a picture": Hostile(b"<svg>" + PAYLOAD + b"</svg>", "a.jpg", JPEG, refused="not_what_it_says"),
    # Programs, whatever they are called.
    "program called a document": Hostile(b"MZ" + bytes(500), "setup.pdf", "application/pdf", refused="is_a_program"),
    "program called a picture": Hostile(b"\x7fELF" + bytes(500), "a.png", PNG, refused="is_a_program"),
    "script called a text": Hostile(b"#!/bin/sh\nrm -rf /\n", "a.txt", "text/plain", refused="is_a_program"),
    "picture called a text": Hostile(picture("GIF"), "a.txt", "text/plain", GIF),
    # What becomes much more than it is.
    "pixels": Hostile(png_of(60_000, 60_000), "a.png", PNG, refused="too_many_pixels"),
    "pixels in a line": Hostile(png_of(2_000_000_000, 1), "a.png", PNG, refused="too_many_pixels"),
    "pixels of a gif": Hostile(
        b"GIF89a\xff\xff\xff\xff" + picture("GIF")[10:], "a.gif", GIF, refused="too_many_pixels"
    ),
    "frames": Hostile(gif_of_frames(100_000), "a.gif", GIF, GIF),
    "archive": Hostile(zip_bomb(), "a.zip", "application/zip", "application/zip"),
    "text in a picture": Hostile(
        png_with(b"zTXt", b"a\0\0" + zlib.compress(bytes(50_000_000), 9)), "a.png", PNG, refused="broken_picture"
    ),
    "picture that ends early": Hostile(picture("PNG", (2000, 1000))[:200], "a.png", PNG, refused="broken_picture"),
    # Notes of a camera: broken or strange ones are no reason to refuse the picture.
    "notes that go round": Hostile(jpeg_with_notes(notes(entry(0x8769, 4, 1, 8))), "a.jpg", JPEG, JPEG),
    "notes without end": Hostile(
        jpeg_with_notes(b"MM\0*\0\0\0\x08\xff\xff" + entry(0x0112, 3, 2**32 - 1, 0) * 2000), "a.jpg", JPEG, JPEG
    ),
    "notes cut off": Hostile(jpeg_with_notes(b"II*\0"), "a.jpg", JPEG, JPEG),
    "notes of the wrong kind": Hostile(
        jpeg_with_notes(notes(_TURNED, entry(0x0131, 11, 1, 38), after=b"hello hello" + PAYLOAD)), "a.jpg", JPEG, JPEG
    ),
    "noise for notes": Hostile(png_with(b"eXIf", b"\xff" * 200), "a.png", PNG, PNG),
}
