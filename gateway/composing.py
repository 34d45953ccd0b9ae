"""What the gateway puts together from all services, whichever they are: one question, asked of each at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from chassis.problems import MEDIA_TYPE
from chassis.settings import SERVICES
from gateway.parts import Asking, Parts, content
from gateway.upstream import Fetched


@dataclass(frozen=True, slots=True)
class Composed:
    """The services' answers, in their order, and the services that gave none.

    `refusal` is the answer instead: a service says that the caller's session has ended, or all services refuse the caller.
    """

    answers: list[Any]
    missing: list[str]
    refusal: Response | None


async def compose(request: Request, path: str, query: Mapping[str, Any] | None = None) -> Composed:
    """Ask every service that may have something the same, in parallel, as the caller."""
    parts: Parts = request.app.state.runtime.parts
    asked = [service for service in SERVICES if parts.may_have(service, path)]
    found = await parts.get_all(Asking.of(request), asked, path, query)
    answers = [content(answer) for answer in found.values() if answer is not None and answer.status == 200]
    refused = [answer for answer in found.values() if answer is not None and answer.status not in _ANSWERED]
    nobody = next((answer for answer in refused if answer.status == 401), None)
    refusing = nobody or (refused[0] if refused and not answers else None)
    missing = [name for name, answer in found.items() if answer is None or answer.status not in _ANSWERED]
    return Composed(answers, missing, None if refusing is None else refusal(refusing))


_ANSWERED = frozenset({200, 204})
"""With 204 a service says that none of its features has anything here."""


def refusal(answer: Fetched) -> Response:
    """A service's refusal, handed on as it came."""
    passed = {
        name.decode(): value.decode("latin-1")
        for name, value in answer.headers.items()
        if name in {b"www-authenticate", b"retry-after", b"content-language", b"cache-control"}
    }
    return Response(answer.body, status_code=answer.status, media_type=MEDIA_TYPE, headers=passed)
