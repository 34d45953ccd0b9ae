"""The page on which anybody verifies a certificate: plain HTML, no script, nothing from elsewhere."""

from datetime import datetime
from html import escape
from typing import Final

from chassis.days import zone_of
from chassis.locale import Locale
from services.gamification.certificates.schemas import CertificateVerified

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}

_WORDS: Final[dict[Locale, dict[str, str]]] = {
    "zh-CN": {
        "valid": "✓ 证书有效",
        "expired": "✗ 证书已过期",
        "revoked": "✗ 证书已被撤销",
        "name": "持有人",
        "forgotten": "（应本人要求不再显示）",
        "subject": "内容",
        "issuer": "颁发社群",
        "cohort": "期次",
        "hours": "学时",
        "earned_on": "获得日期",
        "issued": "颁发日期",
        "until": "有效期至",
        "revoked_on": "撤销日期",
        "serial": "证书编号",
        "qr": "扫码核验",
        "other": '<a href="?lang=en" lang="en">English</a>',
    },
    "en": {
        "valid": "✓ This certificate is valid",
        "expired": "✗ This certificate has expired",
        "revoked": "✗ This certificate was revoked",
        "name": "Holder",
        "forgotten": "(no longer shown, at their request)",
        "subject": "For",
        "issuer": "Issued by",
        "cohort": "Cohort",
        "hours": "Hours",
        "earned_on": "Earned on",
        "issued": "Issued on",
        "until": "Valid until",
        "revoked_on": "Revoked on",
        "serial": "Serial",
        "qr": "Scan to verify",
        "other": '<a href="?lang=zh-CN" lang="zh-CN">中文</a>',
    },
}


def page_of(said: CertificateVerified, *, time_zone: str, locale: Locale, qr: str) -> str:
    """The page in one language; `qr` is where the picture is. Days are those of the community's clocks."""
    words = _WORDS[locale]
    chinese = locale == "zh-CN"
    title = said.title_zh if chinese else said.title_en
    facts = [
        ("name", said.name if said.name is not None else words["forgotten"]),
        ("subject", said.subject_zh if chinese else said.subject_en),
        ("issuer", said.community_name),
        ("cohort", said.cohort_name),
        ("hours", f"{said.hours:g}" if said.hours is not None else None),
        ("earned_on", said.earned_on.isoformat()),
        ("issued", _day(said.issued_at, time_zone)),
        ("until", _moment(said.valid_until, time_zone)),
        ("revoked_on", _day(said.revoked_at, time_zone)),
        ("serial", said.serial),
    ]
    listed = "\n".join(f"<dt>{words[name]}</dt><dd>{escape(value)}</dd>" for name, value in facts if value is not None)
    return (
        f'<!doctype html>\n<html lang="{locale}">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title></head>\n<body><main>\n<h1>{escape(title)}</h1>\n"
        f"<p><strong>{words[said.status]}</strong></p>\n<dl>\n{listed}\n</dl>\n"
        f'<p><img src="{escape(qr)}" width="200" height="200" alt="{words["qr"]}"></p>\n'
        f"<p>{words['other']}</p>\n</main></body>\n</html>\n"
    )


def _day(moment: datetime | None, time_zone: str) -> str | None:
    return f"{moment.astimezone(zone_of(time_zone)):%Y-%m-%d}" if moment is not None else None


def _moment(moment: datetime | None, time_zone: str) -> str | None:
    return f"{moment.astimezone(zone_of(time_zone)):%Y-%m-%d %H:%M} ({time_zone})" if moment is not None else None
