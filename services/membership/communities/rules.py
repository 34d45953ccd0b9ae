"""What a community may be called, when its day starts, and which states follow which."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

Kind = Literal["training", "operations_team"]
Status = Literal["draft", "open", "archived"]
Visibility = Literal["public", "internal", "private"]
Join = Literal["campaign", "open", "invitation", "assigned"]
StreakDays = Literal["every_day", "workdays"]
Purpose = Literal["skill", "culture", "onboarding", "leadership", "mixed"]
Action = Literal["open", "archive"]

Part = Literal[
    "settings", "positioning", "charter",
    "assigned", "campaigns", "responsibilities", "rules",
    "earning_rules", "ladders", "rewards", "articles", "courses", "activities",
]  # fmt: skip
"""What a community is made of, and a new one may want of another."""
COPIED: Final[frozenset[str]] = frozenset({"settings", "positioning", "charter", "rules"})
NOT_COPIED: Final[Mapping[str, tuple[str, str]]] = {
    "assigned": ("Whom a community enrols is written anew for each.", "加入规则须为每个社群重新填写。"),
    "campaigns": ("A campaign is made anew, with its own dates and links.", "招募须重新创建，时间与链接各不相同。"),
    "responsibilities": ("Areas need members, whom a new community has not.", "工作领域需要成员，新社群尚无成员。"),
    "earning_rules": ("The gamification service has these; copy them there.", "该部分属于积分服务，请在其中复制。"),
    "ladders": ("The gamification service has these; copy them there.", "该部分属于积分服务，请在其中复制。"),
    "rewards": ("The gamification service has these; copy them there.", "该部分属于积分服务，请在其中复制。"),
    "articles": ("The content service has these; copy them there.", "该部分属于内容服务，请在其中复制。"),
    "courses": ("The content service has these; copy them there.", "该部分属于内容服务，请在其中复制。"),
    "activities": ("The events service has these; copy them there.", "该部分属于活动服务，请在其中复制。"),
}
"""Why a part is not copied with the community, in both languages."""

ACTIONS: Final[tuple[Action, ...]] = get_args(Action)

SLUG_MIN, SLUG_MAX = 3, 60
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_RESERVED_SLUGS = frozenset({"me", "current", "imports", "batch", "refresh", "new", "admin", "api", "by-slug"})
_TIME_OF_DAY = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
_CODE = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,38}[a-z0-9])?")


SLUG_ERRORS: Final = {
    "slug_length": (f"{SLUG_MIN} to {SLUG_MAX} characters.", f"须为 {SLUG_MIN} 至 {SLUG_MAX} 个字符。"),
    "slug_characters": (
        "Lower-case letters, digits and single hyphens, none at an end.",
        "只能使用小写字母、数字和单个连字符，首尾不能是连字符。",
    ),
    "slug_reserved": ("This word has another meaning in an address.", "该词在网址中另有用途。"),
}
"""Why a slug cannot be used, in both languages."""


def slug_error(slug: str) -> str | None:
    """Why a slug cannot be used, as a code; None if it can.

    Lower-case ASCII letters, digits and single hyphens, 3 to 60 characters; neither a word that stands in a path where an id
    stands, nor in the shape of an id.
    """
    if not SLUG_MIN <= len(slug) <= SLUG_MAX:
        return "slug_length"
    if not _SLUG.fullmatch(slug):
        return "slug_characters"
    if slug in _RESERVED_SLUGS or _UUID.fullmatch(slug):
        return "slug_reserved"
    return None


def is_time_of_day(text: str) -> bool:
    """Whether it is a time of day as `HH:MM`, 00:00 to 23:59."""
    return _TIME_OF_DAY.fullmatch(text) is not None


@dataclass(frozen=True)
class Readiness:
    """What `open` looks at."""

    has_positioning: bool
    charter_version: int
    has_owner: bool

    def missing(self) -> list[str]:
        """What is still to be done before the community can open."""
        wanted = {
            "positioning": self.has_positioning,
            "charter": self.charter_version > 0,
            "owner": self.has_owner,
        }
        return [name for name, there in wanted.items() if not there]


def refusal(action: Action, *, status: Status, ready: Readiness) -> str | None:
    """The problem code with which a transition would be refused now; None if it is possible.

    draft → open → archived; a draft may be archived too. Nothing comes back from the archive.
    """
    if status == "archived":
        return "community_archived"
    if action == "open":
        if status != "draft":
            return "illegal_transition"
        return "community_incomplete" if ready.missing() else None
    return None


def entering_refusal(*, status: str | None, kind: str | None, named: bool = False) -> str | None:
    """The problem code with which somebody is refused who would become a member by themselves; `status` is that of an earlier membership.

    Who was expelled is refused like anybody else who may not. People from outside need an invitation in their own name.
    """
    return "forbidden" if status == "expelled" or (kind != "employee" and not named) else None


def joining_refusal(*, community_status: Status, join: Join, status: str | None, kind: str | None) -> str | None:
    """The problem code with which joining without an invitation is refused to somebody who sees the community and is no member of it."""
    if community_status == "archived":
        return "community_archived"
    if (refused := entering_refusal(status=status, kind=kind)) is not None:
        return refused
    if community_status == "draft":
        return "community_not_open"
    return None if join == "open" else "not_joined_openly"


def next_charter_version(current: Mapping[str, Any] | None, version: int, proposed: Mapping[str, Any]) -> int:
    """The version that a proposed charter would get: the present one if it says the same, else the next."""
    return version if current is not None and dict(current) == dict(proposed) else version + 1


def duplicates(codes: list[str]) -> set[str]:
    """Codes that occur more than once."""
    return {code for code in codes if codes.count(code) > 1}
