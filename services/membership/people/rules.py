"""What holds for people whoever asks: how their identifiers are written, and which states follow which."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from enum import StrEnum
from typing import Any

from chassis.identifiers import identifier_key as identifier_key
from chassis.identifiers import normal_email as normal_email
from chassis.text import one_line, said
from chassis.wrong import Wrong
from chassis.zones import zone_name

_PHONE = re.compile(r"\+?\d{5,20}\Z")
_MAINLAND_PREFIX = re.compile(r"(?:\+|00)86(?=1[3-9]\d{9}\Z)")
_SENT = re.compile(r"attachment:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_URL = re.compile(r"https?://[^\s/@<>\"]+(?:/[^\s<>\"]*)?\Z", re.IGNORECASE)
_EMPLOYEE_NO = re.compile(r"[^\s/\\?#]{1,64}\Z")


class Status(StrEnum):
    """Where a person stands with the company."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEFT = "left"
    ERASED = "erased"


class Action(StrEnum):
    """What moves a person from one status to another."""

    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    LEAVE = "leave"
    REHIRE = "rehire"


_NEXT = {
    (Status.ACTIVE, Action.SUSPEND): Status.SUSPENDED,
    (Status.SUSPENDED, Action.REINSTATE): Status.ACTIVE,
    (Status.ACTIVE, Action.LEAVE): Status.LEFT,
    (Status.SUSPENDED, Action.LEAVE): Status.LEFT,
    (Status.LEFT, Action.REHIRE): Status.ACTIVE,
}


def after(status: str, action: Action) -> Status | None:
    """The status that an action leads to; None where it is not possible."""
    return _NEXT.get((Status(status), action))


def possible(status: str) -> list[Action]:
    """What can be done to a person of this status."""
    return [action for action in Action if after(status, action) is not None]


def path_to(status: str, wanted: str) -> list[Action] | None:
    """The actions that lead from one status to another, as an import asks for; None where none do."""
    if status == wanted:
        return []
    direct = [action for action in Action if after(status, action) == wanted]
    if direct:
        return direct[:1]
    if status == Status.LEFT and wanted == Status.SUSPENDED:
        return [Action.REHIRE, Action.SUSPEND]
    return None


def normal_phone(text: str) -> str:
    """A phone number as it is kept: digits, with a leading + where given; +86 of mainland mobile numbers is dropped.

    Raises ValueError where it is none, for instance `1.38E+10`.
    """
    number = re.sub(r"[\s\-()‐-―]", "", identifier_key(text))
    number = _MAINLAND_PREFIX.sub("", number)
    if not _PHONE.match(number):
        raise Wrong("not_a_phone", "This is not a phone number.", "不是电话号码。")
    return number


def normal_employee_no(text: str) -> str:
    """An employee number as it is shown: NFKC, its case and leading zeros kept. Raises ValueError where it cannot be one."""
    number = unicodedata.normalize("NFKC", text).strip()
    if not _EMPLOYEE_NO.match(number) or not number.isprintable():
        raise Wrong(
            "not_a_code", "At most 64 characters without spaces, / \\ ? or #.", "最多 64 个字符，不含空格和 / \\ ? #。"
        )
    return said(number)


def same_logins(field: str, value: str) -> dict[str, list[str]]:
    """What others may not have if somebody has this: by column, the values with which one log-in would name both.

    An employee number may be written like a phone or an e-mail address. `field` is `employee_no`, `email` or `phone`, normalised.
    """
    if field != "employee_no":
        prefixes = ("", "+86", "0086") if field == "phone" else ("",)
        return {"employee_key": [prefix + value for prefix in prefixes]}
    found: dict[str, list[str]] = {}
    for column, normal in (("email", normal_email), ("phone", normal_phone)):
        with suppress(ValueError):
            found[column] = [normal(value)]
    return found


def is_identified(*, email: str | None, phone: str | None, employee_no: str | None) -> bool:
    """Whether a person has at least one of the three things to log in with."""
    return any((email, phone, employee_no))


def normal_department_code(text: str) -> str:
    """A department code as it is kept: NFKC, its case and zeros kept. Raises ValueError where it cannot be one."""
    code = normal_employee_no(text)
    if not code.strip("."):
        # In an address these are the place itself and the one above it.
        raise Wrong("not_a_code", "A code has more than dots.", "编码不能只有点。")
    return code


normal_name = one_line
normal_time_zone = zone_name


def normal_locale(text: str) -> str:
    """One of the product's languages. Raises ValueError for anything else."""
    language = text.strip().lower().replace("_", "-").split("-")[0]
    if language not in {"zh", "en"}:
        raise Wrong("not_a_language", "The languages are zh-CN and en.", "语言可选 zh-CN 或 en。")
    return "zh-CN" if language == "zh" else "en"


def normal_url(text: str) -> str:
    """An absolute http or https address without credentials. Raises ValueError for anything else."""
    if not _URL.match(text.strip()):
        raise Wrong(
            "not_a_url", "A web address begins with https:// or http://.", "网址须以 https:// 或 http:// 开头。"
        )
    return text.strip()


def normal_picture(text: str) -> str:
    """The same, or `attachment:` and the id of a file. Raises ValueError for anything else."""
    return text.strip() if _SENT.fullmatch(text.strip()) else normal_url(text)


NORMAL: Mapping[str, Callable[[str], str]] = {
    "employee_no": normal_employee_no,
    "email": normal_email,
    "phone": normal_phone,
    "display_name": normal_name,
    "department_code": normal_department_code,
    "title": normal_name,
    "job_grade": normal_name,
    "site": normal_name,
    "locale": normal_locale,
    "time_zone": normal_time_zone,
    "avatar_url": normal_url,
}
"""How each text about a person is written; the same for requests and for imports."""

LOGIN_FIELDS = frozenset({"email", "phone", "employee_no"})
"""What a person logs in with."""


def with_grade_since(changes: Mapping[str, Any], today: date) -> dict[str, Any]:
    """These changes of a person, with the day since which a new job grade holds: today, unless they say another."""
    if "job_grade" not in changes or "grade_since" in changes:
        return dict(changes)
    return {**changes, "grade_since": today if changes["job_grade"] else None}


CHOSEN_BY = frozenset({"department_code", "job_grade", "grade_since", "hired_on", "kind"})
"""By what communities choose whom they enrol."""

PUBLIC_FIELDS = frozenset(
    {
        "employee_no",
        "display_name",
        "department_code",
        "title",
        "job_grade",
        "grade_since",
        "site",
        "hired_on",
        "kind",
        "locale",
        "time_zone",
        "avatar_url",
        "status",
    }
)
"""What other services are told of a person."""
