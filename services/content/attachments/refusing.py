"""Why a file is refused, in both languages."""

from typing import Final

from chassis.locale import Locale

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "is_a_program": ("Programs are not taken.", "不接受可执行程序。"),
    "not_what_it_says": ("It is not the picture that it was announced as.", "文件内容不是所声明的图片。"),
    "broken_picture": ("The picture cannot be read; save it anew and send that.", "图片无法读取，请重新保存后再上传。"),
    "too_many_pixels": ("The picture has too many pixels; make it smaller.", "图片像素过多，请缩小后再上传。"),
    "picture_too_large": ("The picture has too many bytes; make it smaller.", "图片过大，请压缩后再上传。"),
    "takes_too_long": ("The picture takes too long to read; save it anew.", "图片处理耗时过长，请重新保存后再上传。"),
    "lost": ("Parts of it were lost; send it again.", "文件部分数据丢失，请重新上传。"),
}
"""By code, in English and in Chinese."""


def text_of(code: str | None, locale: Locale) -> str | None:
    """A code in words; None for none."""
    if code is None:
        return None
    en, zh = TEXTS[code]
    return zh if locale == "zh-CN" else en
