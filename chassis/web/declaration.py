"""What an operation declares beside its path, and how the API document tells it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chassis.problems import (
    AUTHORITY_UNAVAILABLE,
    BODY_TOO_LARGE,
    COMMUNITY_ARCHIVED,
    FORBIDDEN,
    IDEMPOTENCY_IN_PROGRESS,
    IDEMPOTENCY_KEY_REUSED,
    INTERNAL_ERROR,
    INVALID,
    NOT_FOUND,
    OUTCOME_UNKNOWN,
    RATE_LIMITED,
    RULES_NOT_ACKNOWLEDGED,
    SESSION_REVOKED,
    TOKEN_EXPIRED,
    TOKEN_INVALID,
    TOO_COSTLY,
    UNAUTHENTICATED,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
    ProblemType,
)
from chassis.security.permissions import Permission
from chassis.security.step_up import FRESH, SECOND_FACTOR_REQUIRED, STEP_UP_REQUIRED
from chassis.web.forms import FORM
from chassis.web.idempotency import HEADER as IDEMPOTENCY_HEADER
from chassis.web.idempotency import KEPT

PROBLEM_SCHEMA = "#/components/schemas/Problem"


@dataclass(frozen=True)
class Operation:
    """What an endpoint declares beside its path."""

    permission: Permission | None
    public: bool
    problems: tuple[ProblemType, ...]
    idempotent: bool
    max_body: int
    logged_in: bool
    internal: bool = False
    existing: str = ""
    located: bool = True
    media_types: tuple[str, ...] = ()
    form: tuple[str, ...] = ()
    remembered: timedelta = KEPT
    untold: bool = False
    guests: bool = False
    conditional: bool = False
    versioned: bool = False
    step_up: bool = False
    foreign_query: bool = False


def refusals(declared: Operation, methods: set[str], own: Sequence[ProblemType]) -> dict[int, list[ProblemType]]:
    """Every problem that an operation may answer with, by its status."""
    types: list[ProblemType] = [*_EVERYWHERE, *own, *declared.problems]
    if not declared.public:
        types += [SESSION_REVOKED, FORBIDDEN, NOT_FOUND]
    if declared.permission is not None:
        types += [SECOND_FACTOR_REQUIRED]
    if declared.step_up:
        types += [STEP_UP_REQUIRED]
    wanted = declared.permission
    if wanted is not None and not wanted.of_the_platform:
        types += [AUTHORITY_UNAVAILABLE] + [COMMUNITY_ARCHIVED] * wanted.writes
        types += [RULES_NOT_ACKNOWLEDGED] * wanted.narrower_when_muted
    if methods != {"GET"}:
        types += [BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, OUTCOME_UNKNOWN, TOO_COSTLY]
    if methods == {"POST"} and declared.idempotent:
        types += [IDEMPOTENCY_IN_PROGRESS, IDEMPOTENCY_KEY_REUSED]
    by_status: dict[int, list[ProblemType]] = {}
    for problem in types:
        by_status.setdefault(problem.status, []).append(problem)
    return dict(sorted(by_status.items()))


_EVERYWHERE = (INVALID, RATE_LIMITED, UNAUTHENTICATED, TOKEN_INVALID, TOKEN_EXPIRED, INTERNAL_ERROR, UNAVAILABLE)


def extra(declared: Operation, honours_key: bool) -> dict[str, Any]:
    """What else its document says: the permission, that a token is needed, the header for repeats."""
    if declared.permission is not None:
        needed = declared.permission.name
    else:
        needed = "public" if declared.public else "logged_in"
    extra: dict[str, Any] = {"x-permission": needed}
    if declared.guests:
        extra["x-guests"] = True
    if declared.step_up:
        # In seconds: how long ago the caller may have proved who they are.
        extra["x-step-up"] = int(FRESH.total_seconds())
    if declared.form:
        # Beside the body and not as another of it: between two, generated clients of some languages do not compile.
        extra["x-also-takes"] = [FORM]
    if not declared.public:
        extra["security"] = [{"bearer": []}]
    if declared.untold:
        # For whoever keeps a log in front of the product.
        extra["x-untold"] = True
    if honours_key:
        extra["parameters"] = [
            {
                "name": IDEMPOTENCY_HEADER,
                "in": "header",
                "required": False,
                "schema": {"type": "string", "maxLength": 255},
                "description": f"Repeats of the request with this key are answered like the first, for {_said(declared.remembered)}.",
            }
        ]
    return extra


def _said(kept: timedelta) -> str:
    return f"{kept.days} days" if kept > KEPT else "24 h"
