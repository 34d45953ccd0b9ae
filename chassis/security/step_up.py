"""Proving again who one is, before what does most harm in the hands of whoever sits down at somebody's screen (RFC 9470)."""

from datetime import datetime, timedelta

from chassis.problems import ProblemType
from chassis.security.caller import Caller

FRESH = timedelta(minutes=5)
"""For so long after proving who they are somebody may do what an operation with `step_up` does."""

STEP_UP_REQUIRED = ProblemType("step_up_required", 401, en="Prove again who you are", zh="请再次验证身份")
_MAX_AGE = int(FRESH.total_seconds())
_CHALLENGE = (
    'Bearer error="insufficient_user_authentication", error_description="A more recent authentication is required",'
    f" max_age={_MAX_AGE}"
)


def require_recent_proof(caller: Caller | None, now: datetime) -> None:
    """Refuse a person who did not prove lately who they are, with all that they have. Programs have proved it by their secret.

    Raises `STEP_UP_REQUIRED`.
    """
    if caller is None or caller.kind != "person":
        return
    if caller.wants_code or caller.proved_at is None or now - caller.proved_at > FRESH:
        raise STEP_UP_REQUIRED(
            "Send POST /v1/sessions/current/step-up, then repeat the request with the new token.",
            "请先调用 POST /v1/sessions/current/step-up，再用新令牌重发请求。",
            headers={"WWW-Authenticate": _CHALLENGE},
            max_age=_MAX_AGE,
        )
