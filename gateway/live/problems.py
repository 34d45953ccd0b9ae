"""Why a stream is not opened."""

from chassis.problems import ProblemType

TOO_MANY_STREAMS = ProblemType(
    "too_many_streams",
    429,
    en="You have as many streams open as one person may",
    zh="您打开的实时连接数已达上限",
    retry_after=30,
)
STREAMS_FULL = ProblemType(
    "streams_full", 503, en="There is no room for another stream here", zh="此处的实时连接已满", retry_after=10
)
TICKET_INVALID = ProblemType(
    "ticket_invalid", 401, en="The ticket was used, has expired or is none", zh="票据已使用、已过期或无效"
)
