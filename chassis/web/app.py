"""The FastAPI application of a service."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from chassis.database.migrations import is_at_head
from chassis.locale import negotiate
from chassis.problems import (
    BAD_REQUEST,
    BODY_TOO_LARGE,
    INTERNAL_ERROR,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    UNAVAILABLE,
    Problem,
    problem_response,
)
from chassis.service import RunningService
from chassis.web.audit import audit_router
from chassis.web.contributed import contributed_router
from chassis.web.describing import describe
from chassis.web.imports import import_router
from chassis.web.middleware import RequestContext
from chassis.web.ops import ops_router
from chassis.web.telemetry import close as close_telemetry
from chassis.web.telemetry import telemetry
from chassis.web.untold import untold_among

log = logging.getLogger("qunxue.web")

VERSION = "1"

_BY_STATUS = {404: NOT_FOUND, 405: METHOD_NOT_ALLOWED, 413: BODY_TOO_LARGE, 400: BAD_REQUEST}


def create_app(runtime: RunningService) -> FastAPI:
    """The application of one service; its lifespan closes the runtime's connections."""
    imports = [import_router(one) for one in runtime.service.imports]
    routers = (*imports, *runtime.service.routers, audit_router, contributed_router, ops_router)
    routes = [route for router in routers for route in router.routes]
    is_untold = untold_among(routes)
    app = FastAPI(
        title=f"Qunxue {runtime.name}",
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,  # a redirect would name this process's address to a client of the gateway
        lifespan=_lifespan(runtime),
        telemetry=telemetry(runtime.settings, runtime.name, is_untold),
    )
    app.state.runtime = runtime
    answer_with_problems(app)
    app.add_middleware(RequestContext, service=runtime.name, is_untold=is_untold)
    # Not `include_router`, which would look for the route of each request twice.
    app.router.routes.extend(sorted(routes, key=_fixed_words_first))
    app.add_route("/livez", _livez, include_in_schema=False)
    app.add_route("/readyz", _readyz, include_in_schema=False)
    homes = {part.name: part.answers | None for feature in runtime.service.features for part in feature.home}
    app.openapi = lambda: describe(app, routes, {"Home": homes})  # type: ignore[method-assign]
    return app


def _fixed_words_first(route: BaseRoute) -> list[bool]:
    """Of two paths of one length `me` goes before `{person_id}`, whichever feature has which."""
    return [segment.startswith("{") for segment in route.path.split("/")] if isinstance(route, Route) else []


def answer_with_problems(app: FastAPI) -> None:
    """What fails outside an operation, such as a path that nobody has, is a problem too."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(Exception, _problem)


def _lifespan(runtime: RunningService) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await runtime.close()
        await close_telemetry()

    return lifespan


async def _livez(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _readyz(request: Request) -> Response:
    """Ready is: the own database answers and is at the head of its migrations. Never the broker or another service."""
    runtime: RunningService = request.app.state.runtime
    if await is_at_head(runtime.database, runtime.service):
        return JSONResponse({"status": "ok"})
    return _answer(request, UNAVAILABLE("The database is not ready.", "数据库尚未就绪。"))


async def _problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        return _answer(request, INTERNAL_ERROR())
    return _answer(request, error)


async def _http_exception(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    known = _BY_STATUS.get(status, BAD_REQUEST if status < 500 else INTERNAL_ERROR)
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if status == 405:
        headers["Allow"] = _allowed(request)
    return _answer(request, known(headers=headers))


def _allowed(request: Request) -> str:
    """Every method of the path: Starlette names those of one route only."""
    path = request.scope["path"]
    found = (route for route in request.app.routes if isinstance(route, Route) and route.path_regex.match(path))
    return ", ".join(sorted({method for route in found for method in route.methods or ()}))


def _answer(request: Request, problem: Problem) -> Response:
    return problem_response(
        problem, negotiate(request.headers.get("accept-language")), getattr(request.state, "request_id", None)
    )
