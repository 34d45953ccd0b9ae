"""The API's documents: OpenAPI merged from the services, AsyncAPI, and the page that shows the first without any CDN."""

import asyncio
import hashlib
import importlib.metadata
import importlib.util
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import orjson
from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.types import ASGIApp

import contracts
from chassis.problems import NOT_FOUND
from chassis.settings import SERVICES
from gateway.merging import Document, merge
from gateway.parts import Asking, Parts, content
from gateway.routing import GATEWAY

TITLE: Final = "Qunxue 群学"
FETCH_SECONDS: Final = 8.0
ASK_AGAIN_SECONDS: Final = 15.0
"""An incomplete document is built again after this time."""

_PAGES: Final = Path(__file__).parent / "pages"
_ASYNCAPI: Final = Path(contracts.__file__).parent / "asyncapi.json"
_CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self';"
    " font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

router = APIRouter(include_in_schema=False)


class Documents:
    """The merged document, made at the first request for it and kept once it is complete."""

    def __init__(self, own: FastAPI, parts: Parts, apps: Mapping[str, ASGIApp] | None) -> None:
        self._own = own
        self._parts = parts
        self._apps = apps or {}
        self._lock = asyncio.Lock()
        self._known: dict[str, Document] = {}
        self._body: bytes | None = None
        self._good_until = 0.0

    async def openapi(self, asking: Asking) -> bytes:
        """The merged OpenAPI document as JSON."""
        async with self._lock:
            if self._body is None or time.monotonic() > self._good_until:
                await self._make(asking)
        assert self._body is not None  # noqa: S101 - just made
        return self._body

    async def _make(self, asking: Asking) -> None:
        unknown = [service for service in SERVICES if service not in self._known]
        for service, document in zip(
            unknown, await asyncio.gather(*(self._of(asking, service) for service in unknown)), strict=True
        ):
            if document is not None:
                self._known[service] = document
        missing = [service for service in SERVICES if service not in self._known]
        documents = {service: self._known[service] for service in SERVICES if service in self._known}
        documents[GATEWAY] = self._own.openapi()
        merged = await asyncio.to_thread(merge, documents, title=TITLE, version=version(), missing=missing)
        self._body = orjson.dumps(merged)
        self._good_until = time.monotonic() + ASK_AGAIN_SECONDS if missing else float("inf")

    async def _of(self, asking: Asking, service: str) -> Document | None:
        app = self._apps.get(service)
        if isinstance(app, FastAPI):
            # To build one takes seconds of CPU: in a thread, so that others are served meanwhile.
            return await asyncio.to_thread(app.openapi)
        document: Document | None = content(
            await self._parts.get(asking, service, "/openapi.json", seconds=FETCH_SECONDS)
        )
        return document


def version() -> str:
    """The product's version."""
    try:
        return importlib.metadata.version("qunxue")
    except importlib.metadata.PackageNotFoundError:
        return "0.0.0"


@router.get("/openapi.json")
async def _openapi(request: Request) -> Response:
    documents: Documents = request.app.state.documents
    return _cached(request, await documents.openapi(Asking.of(request)), "application/json")


@router.get("/asyncapi.json")
async def _asyncapi(request: Request) -> Response:
    """The messages between the services, as generated from their classes and kept beside them."""
    return _cached(request, _ASYNCAPI.read_bytes(), "application/json")


@router.get("/")
async def _root() -> Response:
    return RedirectResponse("/docs", status_code=307)


@router.get("/docs")
async def _docs() -> Response:
    headers = {"Content-Security-Policy": _CSP, "Cache-Control": "no-cache", "Referrer-Policy": "no-referrer"}
    return FileResponse(_PAGES / "docs.html", headers=headers)


@router.get("/docs/{name}")
async def _docs_asset(name: str) -> Response:
    path = assets().get(name)
    if path is None:
        raise NOT_FOUND()
    return FileResponse(path, headers={"Cache-Control": "public, max-age=3600"})


@router.get("/favicon.ico")
async def _favicon() -> Response:
    return FileResponse(_PAGES / "favicon.svg", media_type="image/svg+xml", headers={"Cache-Control": "max-age=86400"})


def assets() -> dict[str, Path]:
    """The files of the page by name: our own, and Swagger UI's (Apache-2.0) as the package fastapi-offline (MIT) carries it."""
    ours = {path.name: path for path in _PAGES.iterdir() if path.suffix in {".css", ".js", ".svg"}}
    # Found, not imported: nothing of its code is needed.
    package = importlib.util.find_spec("fastapi_offline")
    if package is None or not package.submodule_search_locations:
        return ours
    static = Path(package.submodule_search_locations[0]) / "static"
    return ours | {name: static / name for name in ("swagger-ui-bundle.js", "swagger-ui.css")}


def _cached(request: Request, body: bytes, media_type: str) -> Response:
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)
