"""Giving endpoints what they ask for by type, without FastAPI's machinery for dependencies.

An endpoint says `session: Transaction`. FastAPI would solve that before it validates the request: a request with a nonsensical
body would hold a connection, on SQLite the one writer. Here such arguments are filled in when everything else was found valid;
it is cheaper besides, some 30 µs an argument.
"""

import functools
import inspect
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from starlette.requests import Request

Endpoint = Callable[..., Coroutine[Any, Any, Any]]
Provider = Callable[[Request], Awaitable[Any]]

_REQUEST = "request_of_the_chassis"


def provider_of(annotation: Any) -> Any:
    """The dependency that an annotation names; None for a parameter of the request itself."""
    for mark in getattr(annotation, "__metadata__", ()):
        found = getattr(mark, "dependency", None)
        if found is not None:
            return found
    return None


def providing(
    endpoint: Endpoint,
    providers: frozenset[Provider],
    *,
    first: Provider | None = None,
    last: Callable[[Request, Any], Awaitable[None]] | None = None,
) -> Endpoint:
    """Wrap an endpoint so that FastAPI sees only the parameters that come from the request.

    Those whose annotation names one of `providers` are provided, in their order, when the endpoint is called; `first` is awaited
    after that, before the endpoint; `last` is given its answer, before it is sent and the sessions end.
    """
    signature = inspect.signature(endpoint)
    provided = [
        (name, provider)
        for name, parameter in signature.parameters.items()
        if (provider := provider_of(parameter.annotation)) in providers
    ]
    names = {name for name, _ in provided}
    rest = [parameter for name, parameter in signature.parameters.items() if name not in names]

    # FastAPI hands over the request once: under the endpoint's own name for it, where it has one.
    asked_for = next((parameter.name for parameter in rest if parameter.annotation is Request), None)

    @functools.wraps(endpoint)
    async def wrapped(**arguments: Any) -> Any:
        request: Request = arguments[asked_for] if asked_for else arguments.pop(_REQUEST)
        for name, provide in provided:
            arguments[name] = await provide(request)
        if first is not None:
            await first(request)
        answer = await endpoint(**arguments)
        if last is not None:
            await last(request, answer)
        return answer

    seen = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in rest]
    if asked_for is None:
        seen.append(inspect.Parameter(_REQUEST, inspect.Parameter.KEYWORD_ONLY, annotation=Request))
    wrapped.__signature__ = signature.replace(parameters=seen)  # type: ignore[attr-defined]
    del wrapped.__wrapped__  # its parameters are not the ones to look at
    return wrapped
