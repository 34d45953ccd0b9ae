"""What can be done with an article in which state."""

from collections.abc import Collection
from typing import Final, Literal, get_args

from services.content.discussions.rules import Cause

Kind = Literal["material", "case_study", "industry_news", "experience", "guide", "session_archive"]
Visibility = Literal["public", "internal", "private"]
_WIDEST_FIRST: Final[tuple[str, ...]] = get_args(Visibility)
Working = Literal["draft", "held", "in_review", "scheduled"]
"""Of a version that readers do not see yet."""
Status = Literal["draft", "held", "in_review", "scheduled", "published", "archived"]
Sort = Literal["-published_at", "-created_at"]

LONGEST_ARTICLE: Final = 50_000
MOST_AUTHORS: Final = 10
UNDER_WAY: Final[frozenset[str]] = frozenset({"draft", "held", "in_review", "scheduled"})


def refusal(
    action: str,
    *,
    status: str,
    working: str | None,
    causes: Collection[str],
    as_: Cause,
    featured: bool,
    group: bool = False,
    dissolved: bool = False,
) -> str | None:
    """The code of the refusal, None where the state lets it be. `working`: the state of the version under way, if there is one.

    `group`: it stands in a group, and is copied to no other community; `dissolved`: one that is no more, where one reads and takes away.
    """
    if action == "restore":
        return None if as_ in causes else "illegal_transition"
    if (dissolved and action not in {"read", "remove"}) or (group and action == "copy"):
        return "illegal_transition"
    possible = not causes
    match action:
        case "update":
            possible &= status != "archived"
        case "submit":
            possible &= working == "draft"
        case "approve":
            possible &= working == "in_review"
        case "return":
            possible &= working in {"in_review", "scheduled"}
        case "read":
            possible &= status in {"published", "archived"}
        case "archive" | "react" | "rate" | "verify" | "copy":
            possible &= status == "published"
        case "feature":
            possible &= status == "published" and not featured
        case "unfeature":
            possible &= featured
    return None if possible else "illegal_transition"


def narrower(one: str, other: str) -> str:
    """Of two visibilities the one that fewer see."""
    return max(one, other, key=_WIDEST_FIRST.index)
