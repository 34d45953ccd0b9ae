"""The landing as a page for people, for whoever has no app: plain HTML, no script, nothing from elsewhere."""

from datetime import datetime
from html import escape
from typing import Final

from chassis.days import zone_of
from chassis.locale import Locale
from services.membership.campaigns.schemas import LandingPublic

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

_WORDS: Final[dict[Locale, dict[str, str]]] = {
    "zh-CN": {
        "requirements": "申请条件",
        "scheduled": "{opens_at} 开放申请",
        "open": "申请截止：{closes_at}",
        "closed": "申请已于 {closes_at} 截止",
        "employees": "面向本公司员工",
        "anyone": "面向所有人",
        "how": "请登录本公司的学习社群系统提交申请，或联系给您此链接的人。",
    },
    "en": {
        "requirements": "Who can apply",
        "scheduled": "Applications open on {opens_at}",
        "open": "Apply by {closes_at}",
        "closed": "Applications closed on {closes_at}",
        "employees": "For employees",
        "anyone": "For everyone",
        "how": "To apply, log in to your company's community app, or ask whoever gave you this link.",
    },
}


def page_of(landing: LandingPublic, *, time_zone: str, locale: Locale) -> str:
    """The page, with times as the community's clocks show them."""
    words = _WORDS[locale]
    when = words[landing.status].format(
        opens_at=_told(landing.opens_at, time_zone), closes_at=_told(landing.closes_at, time_zone)
    )
    statement = landing.community.positioning.statement if landing.community.positioning else ""
    asked = [(one.text_zh if locale == "zh-CN" else one.text_en) or one.code for one in landing.requirements]
    parts = [
        f"<h1>{escape(landing.title)}</h1>",
        f"<p>{escape(landing.community.name)}</p>",
        *(f"<p>{escape(line)}</p>" for line in statement.splitlines() if line.strip()),
        f"<p>{escape(when)}</p>",
        f"<p>{words[landing.audience]}</p>",
    ]
    if asked:
        listed = "".join(f"<li>{escape(one)}</li>" for one in asked)
        parts.append(f"<h2>{words['requirements']}</h2><ul>{listed}</ul>")
    body = "\n".join([*parts, f"<p>{words['how']}</p>"])
    return (
        f'<!doctype html>\n<html lang="{locale}">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(landing.title)}</title></head>\n<body><main>\n{body}\n</main></body>\n</html>\n"
    )


def _told(moment: datetime | None, time_zone: str) -> str:
    return f"{moment.astimezone(zone_of(time_zone)):%Y-%m-%d %H:%M} ({time_zone})" if moment else ""
