"""What only the gateway has to say."""

from chassis.problems import BAD_REQUEST, BODY_TOO_LARGE, SESSION_REVOKED, ProblemType

REQUEST_TIMEOUT = ProblemType("request_timeout", 408, en="The request took too long to arrive", zh="请求接收超时")
URI_TOO_LONG = ProblemType("uri_too_long", 414, en="The address is too long", zh="请求地址过长")
HEADERS_TOO_LARGE = ProblemType("headers_too_large", 431, en="The headers are too large", zh="请求头过大")
BAD_GATEWAY = ProblemType("bad_gateway", 502, en="The service did not complete its answer", zh="服务中断了响应")
SERVICE_UNAVAILABLE = ProblemType(
    "service_unavailable", 503, en="The service cannot be reached right now", zh="暂时无法连接该服务", retry_after=2
)
OVERLOADED = ProblemType("overloaded", 503, en="Too many requests at once", zh="当前请求过多", retry_after=1)
GATEWAY_TIMEOUT = ProblemType("gateway_timeout", 504, en="The service did not answer in time", zh="服务未及时响应")

OWN = (
    BAD_REQUEST,
    SESSION_REVOKED,
    REQUEST_TIMEOUT,
    BODY_TOO_LARGE,
    URI_TOO_LONG,
    HEADERS_TOO_LARGE,
    BAD_GATEWAY,
    SERVICE_UNAVAILABLE,
    OVERLOADED,
    GATEWAY_TIMEOUT,
)
"""What the gateway answers in the place of any operation, before or after it has passed the request on."""

_UNKNOWN_OUTCOME = (
    "The outcome is unknown; send the request again with the same Idempotency-Key.",
    "操作结果未知，请使用相同的 Idempotency-Key 重试。",
)


def unknown_outcome(method: str) -> tuple[str, str]:
    """The detail of a refusal, in both languages: a command may or may not have taken effect, a read has none."""
    return ("", "") if method in {"GET", "HEAD", "OPTIONS"} else _UNKNOWN_OUTCOME
