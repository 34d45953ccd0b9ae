"""The page behind a link that ends mail: it changes nothing until its button is pressed, since programs look at links, too."""

from html import escape
from typing import Final

from chassis.locale import Locale

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_WORDS: Final[dict[Locale, tuple[str, str, str]]] = {
    "zh-CN": ("退订邮件", "不再向您发送此类邮件？", "已退订，您可随时在消息中心重新开启。"),
    "en": ("Unsubscribe", "Send no more mail of this kind?", "Done. You can change this in your inbox at any time."),
}


def page_of(locale: Locale, *, done: bool) -> str:
    """The question, or that it is done."""
    word, question, ended = _WORDS[locale]
    body = f"<p>{escape(ended)}</p>"
    if not done:
        body = f'<p>{escape(question)}</p><form method="post"><button>{escape(word)}</button></form>'
    return (
        f'<!doctype html>\n<html lang="{locale}">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(word)}</title></head>\n<body><main>\n{body}\n</main></body>\n</html>\n"
    )
