"""The W3C trace context of what is being done: it comes with a request, and goes on in calls and in messages.

That needs no telemetry of ours: a trace that somebody else began is not cut off here.
"""

import re
from contextvars import ContextVar
from typing import Final

from opentelemetry.trace import SpanContext, get_current_span

TRACEPARENT: Final = "traceparent"

traceparent_var: ContextVar[str | None] = ContextVar("traceparent", default=None)
"""The trace of the current request. A transaction writes it into its messages, unless it is given another."""

_WELL_FORMED = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def traceparent(header: bytes | None) -> str | None:
    """The trace context to go on with: of our own span where there is one, else of the request's header, if it is one."""
    context = get_current_span().get_span_context()
    if context.is_valid:
        return written(context)
    # Anybody may send this header, and it goes into a column of 64 characters and out to every consumer.
    return header.decode("ascii") if header is not None and _WELL_FORMED.fullmatch(header) else None


def written(context: SpanContext) -> str:
    """A span's context as the header says it."""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
