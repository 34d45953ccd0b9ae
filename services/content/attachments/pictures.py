"""Pictures made anew in two sizes, from whatever somebody sent: bounded in pixels before one is decoded. Runs in a thread.

What comes out is a picture that this wrote: nothing that was hidden in the original, where it was taken included, is in it.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from PIL import ExifTags, Image

SIDES: Final = {"large": 1600, "small": 320}
"""The longest side of each size, in pixels; what is smaller stays as it is."""
FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")
MADE_AS: Final = "image/webp"
MOST_PIXELS: Final = 40_000_000
MOST_PIXELS_OF_JPEG: Final = 160_000_000
"""A JPEG is decoded at an eighth, a quarter or half of its size, so that a large one costs no more."""
MOST_SCANS: Final = 100
"""Of a JPEG, its thumbnails included: each goes through the whole picture, and a few bytes say one that changes nothing."""
LARGEST_BYTES: Final = 30 * 1024 * 1024
SECONDS: Final = 60.0

_TURNS: Final[dict[Any, Image.Transpose]] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What each orientation takes to be upright."""

_FILLED: Final = 0xFF
_SCAN: Final = 0xDA
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE: Final = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_WITH_LENGTH: Final = frozenset(range(0xC0, 0xFF)) - frozenset(range(0xD0, 0xDA))
"""Markers of JPEG."""


class PictureRefused(Exception):
    """It is none, or too large; the code says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Picture:
    """One size of a picture."""

    content: bytes
    width: int
    height: int


def made_from(content: bytes) -> tuple[dict[str, Picture], int, int]:
    """The two sizes, and width and height of the original as it is looked at. Raises `PictureRefused`."""
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as opened:
            width, height = opened.size
            in_pieces = opened.format == "JPEG" and not _in_several_scans(content)
            if width * height > (MOST_PIXELS_OF_JPEG if in_pieces else MOST_PIXELS):
                raise PictureRefused("too_many_pixels")
            # Nobody can end a decoder that is at work.
            if opened.format in ("JPEG", "MPO") and content.count(b"\xff\xda") > MOST_SCANS:
                raise PictureRefused("takes_too_long")
            largest = max(SIDES.values())
            opened.draft("RGB", (largest, largest))
            if opened.size[0] * opened.size[1] > MOST_PIXELS:
                raise PictureRefused("too_many_pixels")
            turned = _upright(opened)
            upright = (turned.width >= turned.height) == (opened.width >= opened.height)
            made = {}
            for name, side in SIDES.items():
                # From the larger one: each costs less than the one before.
                turned.thumbnail((side, side))
                made[name] = _written(turned)
    except PictureRefused:
        raise
    except Image.DecompressionBombError:
        raise PictureRefused("too_many_pixels") from None
    except Exception:  # noqa: BLE001 - a decoder stumbles over what somebody made up in any way, `TypeError` among them
        raise PictureRefused("broken_picture") from None
    return made, *((width, height) if upright else (height, width))


def _upright(opened: Image.Image) -> Image.Image:
    """As it is looked at. Notes that cannot be read turn nothing: cameras and programs write them in many ways, and none is kept."""
    try:
        turn = _TURNS.get(opened.getexif().get(ExifTags.Base.Orientation))
    except Exception:  # noqa: BLE001 - as above, whatever somebody made up
        turn = None
    return opened if turn is None else opened.transpose(turn)


def _written(picture: Image.Image) -> Picture:
    has_alpha = "A" in picture.getbands() or "transparency" in picture.info
    plain = picture.convert("RGBA" if has_alpha else "RGB")
    plain.info.clear()
    written = BytesIO()
    plain.save(written, "WEBP", quality=80, method=2)
    return Picture(written.getvalue(), plain.width, plain.height)


def _in_several_scans(content: bytes) -> bool:
    """Whether a JPEG is in memory whole until its last scan has come; so is what cannot be told from its segments."""
    at, parts = 2, 0
    while content[at : at + 1] == b"\xff":
        marker, begin = content[at + 1], at + 4
        if marker == _FILLED:
            at += 1
        elif marker == _SCAN:
            return content[begin] < parts
        elif marker in _PROGRESSIVE or marker not in _WITH_LENGTH:
            return True
        else:
            if marker in _FRAMES:
                parts = content[begin + 5]
            at = begin - 2 + int.from_bytes(content[begin - 2 : begin], "big")
    return True
