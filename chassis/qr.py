"""Links as pictures that a phone reads."""

import io
from functools import lru_cache

import segno


@lru_cache(maxsize=256)
def qr_svg(link: str) -> bytes:
    """A QR code (model 2, error correction M) of a link, as a picture that scales."""
    picture = io.BytesIO()
    segno.make(link, error="m", micro=False).save(picture, kind="svg", scale=8, border=4, light="#ffffff")
    return picture.getvalue()
