"""Operations of which nobody is told that they were asked for: no line of a log, no span, no id or trace that came with the request.

An answer without a name is kept without a time, and whatever else would say when it came would put it beside its author.
"""

from collections.abc import Iterable, MutableMapping
from typing import Any

from starlette.routing import BaseRoute

from chassis.web.middleware import IsUntold
from chassis.web.operations import OperationRoute


def untold_among(routes: Iterable[BaseRoute]) -> IsUntold:
    """Whether a request is for one of the operations among these that say so. By its path: it is asked before the route is found."""
    paths = [
        (one.methods or set(), one.path_regex)
        for one in routes
        if isinstance(one, OperationRoute) and one.operation.untold
    ]

    def is_untold(scope: MutableMapping[str, Any]) -> bool:
        return any(scope["method"] in methods and path.match(scope["path"]) for methods, path in paths)

    return is_untold
