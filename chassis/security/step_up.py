"""Proving again who one is, before what does most harm in the hands of whoever sits down at somebody's screen (RFC 9470)."""

from datetime import datetime, timedelta

from chassis.problems import Problem, ProblemType
from chassis.security.caller import Caller

FRESH = timedelta(minutes=5)
"""For so long after proving who they are somebody may do what an operation with `step_up` does."""

CODE = "otp"
"""The method by which somebody proved a code of their app (RFC 8176)."""

STEP_UP_REQUIRED = ProblemType("step_up_required", 401, en="Prove again who you are", zh="请再次验证身份")
SECOND_FACTOR_REQUIRED = ProblemType(
    "second_factor_required",
    403,
    en="What you may do as staff sleeps until you prove a second factor",
    zh="管理权限已休眠，完成两步验证后方可使用",
)
_MAX_AGE = int(FRESH.total_seconds())
_CHALLENGE = (
    'Bearer error="insufficient_user_authentication", error_description="A more recent authentication is required",'
    f" max_age={_MAX_AGE}"
)


def require_recent_proof(caller: Caller | None, now: datetime) -> None:
    """Refuse a person who did not prove lately who they are, with all that they have. Programs have proved it by their secret.

    Raises `STEP_UP_REQUIRED`, which says as far as the token knows whether a code of a second factor is `wanted` or a password.
    """
    if caller is None or caller.kind != "person":
        return
    if caller.wants_code or caller.proved_at is None or now - caller.proved_at > FRESH:
        raise STEP_UP_REQUIRED(
            "Send POST /v1/sessions/current/step-up, then repeat the request with the new token.",
            "请先调用 POST /v1/sessions/current/step-up，再用新令牌重发请求。",
            headers={"WWW-Authenticate": _CHALLENGE},
            max_age=_MAX_AGE,
            wanted="code" if caller.wants_code or CODE in caller.methods else "password",
        )


def asleep_refusal(caller: Caller) -> Problem:
    """What somebody is told whose rights as staff sleep: which way they wake."""
    if caller.wants_code:
        return SECOND_FACTOR_REQUIRED(
            "Send a code of your second factor to POST /v1/sessions/current/step-up, and go on with the new token.",
            "请向 POST /v1/sessions/current/step-up 提交两步验证码，并使用新令牌。",
            wants="code",
        )
    return SECOND_FACTOR_REQUIRED(
        "Set up a second factor (POST /v1/second-factors), confirm it, and refresh your token.",
        "请开启两步验证（POST /v1/second-factors），确认后刷新令牌。",
        wants="factor",
    )
