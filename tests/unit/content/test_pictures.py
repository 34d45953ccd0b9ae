"""Pictures that cost more than they look."""

from io import BytesIO

import pytest
from PIL import ExifTags, Image, ImageOps

from services.content.attachments import pictures
from services.content.attachments.pictures import PictureRefused, made_from


def jpeg(size: tuple[int, int] = (400, 300), *, progressive: bool) -> bytes:
    written = BytesIO()
    Image.new("RGB", size, (200, 30, 90)).save(written, "JPEG", progressive=progressive)
    return written.getvalue()


def refusal(content: bytes) -> str | None:
    try:
        made_from(content)
    except PictureRefused as refused:
        return refused.code
    return None


def test_a_picture_that_is_gone_through_time_and_again_is_refused_before_it_is():
    content = jpeg(progressive=True)
    last = content[content.rindex(b"\xff\xda") : -2]
    assert refusal(content) is None
    assert refusal(content[:-2] + last * 2000 + content[-2:]) == "takes_too_long"


@pytest.mark.parametrize(("progressive", "code"), [(False, None), (True, "too_many_pixels")])
def test_only_a_jpeg_that_is_decoded_in_pieces_may_be_very_large(monkeypatch, progressive, code):
    monkeypatch.setattr(pictures, "MOST_PIXELS", 2000 * 1700)
    content = jpeg((4000, 3400), progressive=progressive)
    assert refusal(content) == refusal(content[:2] + b"\xff" + content[2:]) == code


@pytest.mark.parametrize("orientation", range(10))
def test_a_picture_is_turned_as_it_is_looked_at(orientation):
    notes = Image.Exif()
    notes[ExifTags.Base.Orientation] = orientation
    written = BytesIO()
    drawn = Image.new("RGB", (64, 32), "black")
    drawn.paste("white", (0, 0, 16, 8))
    drawn.save(written, "JPEG", exif=notes, quality=100)
    with Image.open(BytesIO(written.getvalue())) as opened:
        wanted = ImageOps.exif_transpose(opened)
    made, *size = made_from(written.getvalue())
    with Image.open(BytesIO(made["large"].content)) as seen:
        assert [seen.size, wanted.size] == [tuple(size)] * 2
        for at in ((2, 2), (2, wanted.height - 3), (wanted.width - 3, 2), (wanted.width - 3, wanted.height - 3)):
            shades = [one.convert("1", dither=Image.Dither.NONE).getpixel(at) for one in (seen, wanted)]
            assert shades[0] == shades[1]
