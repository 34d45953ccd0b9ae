"""Links as pictures that a phone reads."""

import io
from functools import lru_cache

import segno


@lru_cache(maxsize=256)
def qr_svg(link: str) -> bytes:
    """A QR code (model 2, error correction M) of a link, as a picture that scales. Remembered: for what everybody may see."""
    return draw_qr(link)


def draw_qr(text: str) -> bytes:
    """The same of something secret, which no memory keeps."""
    picture = io.BytesIO()
    segno.make(text, error="m", micro=False).save(picture, kind="svg", scale=8, border=4, light="#ffffff")
    return picture.getvalue()
