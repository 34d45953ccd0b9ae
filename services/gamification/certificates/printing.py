"""Certificates on paper: a PDF with its font inside, or an SVG of which every letter is drawn."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from chassis.days import zone_of
from chassis.locale import Locale
from chassis.qr import qr_svg
from chassis.typesetting import Form, set_in_type
from services.gamification.certificates.models import Certificate, CertificateWording
from services.gamification.certificates.rules import grouped

SECONDS: Final = 15.0
_TEMPLATE: Final = Path(__file__).with_name("certificate.typ")
_WORDS: Final[dict[Locale, dict[str, str]]] = {
    "zh-CN": {"cohort": "期次", "hours": "学时", "earned_on": "获得日期", "issued": "颁发日期", "until": "有效期至"},
    "en": {
        "cohort": "Cohort",
        "hours": "Hours",
        "earned_on": "Earned on",
        "issued": "Issued on",
        "until": "Valid until",
    },
}


async def printed(
    certificate: Certificate, wording: CertificateWording, *, link: str, time_zone: str, locale: Locale, form: Form
) -> bytes:
    """A certificate as a file. Raises `TypesettingFailed`."""
    chinese = locale == "zh-CN"

    def content(seen: Callable[[str], str]) -> dict[str, Any]:
        said = {
            "title": certificate.title_zh if chinese else certificate.title_en,
            "community": certificate.community_name,
            "name": certificate.name or "",
            "subject": certificate.subject_zh if chinese else certificate.subject_en,
            "text": wording.text_zh if chinese else wording.text_en,
            "signature": wording.signature,
            "serial": grouped(certificate.serial),
        }
        facts = [[name, seen(value)] for name, value in _facts(certificate, time_zone, locale)]
        drawn = {name: seen(value) for name, value in said.items()}
        return drawn | {"lang": "zh" if chinese else "en", "facts": facts, "qr": qr_svg(link).decode()}

    return await set_in_type(_TEMPLATE, content, form=form, seconds=SECONDS, dated=certificate.issued_at)


def _facts(one: Certificate, time_zone: str, locale: Locale) -> list[tuple[str, str]]:
    words = _WORDS[locale]
    facts = [
        ("cohort", one.cohort_name),
        ("hours", f"{one.hours:g}" if one.hours is not None else None),
        ("earned_on", one.earned_on.isoformat()),
        ("issued", _moment(one.issued_at, time_zone)[:10]),
        ("until", f"{_moment(one.valid_until, time_zone)} ({time_zone})" if one.valid_until is not None else None),
    ]
    return [(words[name], value) for name, value in facts if value is not None]


def _moment(moment: datetime, time_zone: str) -> str:
    return f"{moment.astimezone(zone_of(time_zone)):%Y-%m-%d %H:%M}"
