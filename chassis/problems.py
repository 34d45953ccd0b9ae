"""Refusals as RFC 9457 problem details: declared once, raised anywhere, told in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from starlette.responses import Response

from chassis.locale import Locale
from chassis.states import in_words

MEDIA_TYPE = "application/problem+json"

catalogue: dict[str, "ProblemType"] = {}
"""Every declared problem type by its code."""


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one value of the request; `pointer` is a JSON pointer into the body, or `#/query/<name>` and the like."""

    pointer: str
    code: str
    detail: str
    zh: str = ""
    """The same in Chinese. A test finds where it is missing."""

    def as_json(self, locale: Locale) -> dict[str, str]:
        """The form in a problem's `errors[]`."""
        said = (self.zh or self.detail) if locale == "zh-CN" else self.detail
        return {"pointer": self.pointer, "code": self.code, "detail": said}


@dataclass(frozen=True)
class ProblemType:
    """A kind of refusal. Calling it makes the exception: `raise QUOTA_FULL("…", state="closed")`.

    `code` is stable and unique in the product; `type` in the answer is `urn:qunxue:problem:<code>`.
    """

    code: str
    status: int
    en: str
    zh: str
    retry_after: int | None = None

    def __post_init__(self) -> None:
        known = catalogue.setdefault(self.code, self)
        if known != self:
            raise ValueError(f"problem code {self.code!r} is declared twice with different meanings")

    def __call__(
        self,
        detail: str = "",
        zh: str = "",
        *,
        errors: Sequence[FieldError] = (),
        headers: dict[str, str] | None = None,
        retry_after: int | None = None,
        **extensions: Any,
    ) -> "Problem":
        """An exception of this type; extensions become members of the answer beside the standard ones.

        A `detail` says more than the title, `zh` the same in Chinese. `retry_after`, in seconds, becomes the header `Retry-After`.
        """
        wait = retry_after if retry_after is not None else self.retry_after
        all_headers = dict(headers or {})
        if wait is not None:
            all_headers["Retry-After"] = str(wait)
        return Problem(self, detail, zh, tuple(errors), all_headers, extensions)

    def title(self, locale: Locale) -> str:
        """The title in the reader's language."""
        return self.zh if locale == "zh-CN" else self.en


def refused(code: str, **extensions: Any) -> "Problem":
    """The problem that a rule's refusal code names; raise it."""
    return catalogue[code](**extensions)


_STATE: Final[Mapping[Locale, str]] = {"en": "Its state now: {state}.", "zh-CN": "当前状态：{state}。"}
"""What is said of who comes too early or too late, where the operation says no more."""


@dataclass(eq=False)
class Problem(Exception):
    """One refusal on its way to the client."""

    type: ProblemType
    detail: str = ""
    zh: str = ""
    """The detail in Chinese. A test finds where it is missing."""
    errors: tuple[FieldError, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    extensions: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.type.code}: {self.detail}" if self.detail else self.type.code

    def as_json(self, locale: Locale) -> dict[str, Any]:
        """The body of the answer."""
        body: dict[str, Any] = {
            "type": f"urn:qunxue:problem:{self.type.code}",
            "title": self.type.title(locale),
            "status": self.type.status,
            "code": self.type.code,
        }
        detail = (self.zh or self.detail) if locale == "zh-CN" else self.detail
        if not detail and self.type is ILLEGAL_TRANSITION and isinstance(state := self.extensions.get("state"), str):
            detail = _STATE[locale].format(state=in_words(state, locale))
        if detail:
            body["detail"] = detail
        if self.errors:
            body["errors"] = [error.as_json(locale) for error in self.errors]
        return body | {key: value for key, value in self.extensions.items() if value is not None}


def problem_response(problem: Problem, locale: Locale, request_id: str | None = None) -> Response:
    """The HTTP answer for a problem."""
    body = problem.as_json(locale)
    if request_id is not None:
        body["request_id"] = request_id
    headers = {"Cache-Control": "no-store", "Content-Language": locale} | problem.headers
    return Response(
        # Times as all other answers write them.
        orjson.dumps(body, default=str, option=orjson.OPT_UTC_Z),
        status_code=problem.type.status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )


BAD_REQUEST = ProblemType("bad_request", 400, en="The request cannot be understood", zh="无法识别该请求")
CURSOR_INVALID = ProblemType("cursor_invalid", 400, en="The cursor does not belong to this list", zh="游标与此列表不符")
UNAUTHENTICATED = ProblemType("unauthenticated", 401, en="Log in first", zh="请先登录")
TOKEN_INVALID = ProblemType("token_invalid", 401, en="The access token is not valid", zh="访问令牌无效")
TOKEN_EXPIRED = ProblemType("token_expired", 401, en="The access token has expired", zh="访问令牌已过期")
SESSION_REVOKED = ProblemType("session_revoked", 401, en="The session has ended", zh="会话已结束")
CLIENT_REFUSED = ProblemType(
    "client_refused", 401, en="The account or its secret is not valid", zh="服务账号或密钥无效"
)
FORBIDDEN = ProblemType("forbidden", 403, en="You may not do this", zh="没有权限执行此操作")
RULES_NOT_ACKNOWLEDGED = ProblemType(
    "rules_not_acknowledged", 403, en="Acknowledge the community's rules first", zh="请先确认社群规则"
)
CONFLICT_OF_INTEREST = ProblemType(
    "conflict_of_interest", 403, en="You may not decide about a matter of your own", zh="不得处理与本人有关的事项"
)
NOT_FOUND = ProblemType("not_found", 404, en="Not found", zh="未找到")
METHOD_NOT_ALLOWED = ProblemType(
    "method_not_allowed", 405, en="This method is not supported here", zh="不支持该请求方法"
)
ILLEGAL_TRANSITION = ProblemType(
    "illegal_transition", 409, en="Not possible in the current state", zh="当前状态下不能执行此操作"
)
COMMUNITY_ARCHIVED = ProblemType("community_archived", 409, en="The community is archived", zh="社群已归档")
ALREADY_EXISTS = ProblemType("already_exists", 409, en="It already exists", zh="已存在")
IDEMPOTENCY_IN_PROGRESS = ProblemType(
    "idempotency_in_progress",
    409,
    en="The first request with this idempotency key is still running",
    zh="使用该幂等键的首个请求仍在处理",
    retry_after=1,
)
PRECONDITION_FAILED = ProblemType(
    "precondition_failed", 412, en="It has changed since you read it", zh="内容在读取后已被修改"
)
BODY_TOO_LARGE = ProblemType("body_too_large", 413, en="The body is too large", zh="请求体过大")
UNSUPPORTED_MEDIA_TYPE = ProblemType(
    "unsupported_media_type", 415, en="The media type is not supported here", zh="不支持的媒体类型"
)
INVALID = ProblemType("invalid", 422, en="Some values are not valid", zh="部分内容无效")
IDEMPOTENCY_KEY_REUSED = ProblemType(
    "idempotency_key_reused", 422, en="This idempotency key was used with another request", zh="该幂等键已用于其他请求"
)
PRECONDITION_REQUIRED = ProblemType(
    "precondition_required", 428, en="Send If-Match with the ETag you read", zh="请在 If-Match 中携带所读内容的 ETag"
)
TOO_COSTLY = ProblemType("too_costly", 422, en="The content takes too much work to read", zh="内容过于复杂，无法处理")
RATE_LIMITED = ProblemType("rate_limited", 429, en="Too many requests", zh="请求过于频繁", retry_after=1)
INTERNAL_ERROR = ProblemType("internal_error", 500, en="Something went wrong on the server", zh="服务内部错误")
AUTHORITY_UNAVAILABLE = ProblemType(
    "authority_unavailable",
    503,
    en="Your permissions cannot be checked right now",
    zh="暂时无法核实权限",
    retry_after=2,
)
UNAVAILABLE = ProblemType("unavailable", 503, en="Not available right now", zh="服务暂不可用", retry_after=2)
OUTCOME_UNKNOWN = ProblemType(
    "outcome_unknown",
    504,
    en="The outcome is unknown; send the request again with the same Idempotency-Key",
    zh="操作结果未知，请使用相同的 Idempotency-Key 重试",
    retry_after=2,
)


def too_much_at_once() -> Problem:
    """The refusal of who has more under way than their part."""
    return RATE_LIMITED(
        "Too much at once from one caller.", "同一调用方同时发出的请求过多。", policy="at_once", retry_after=1
    )
