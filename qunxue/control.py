"""Operators' commands: run here on databases of their own, or by the process that owns the data directory.

SQLite wants one writer, so a command that writes while Qunxue is running asks the running process, through a socket in the
data directory that only its owner may open.
"""

import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from chassis.database.migrations import is_at_head
from chassis.settings import Settings
from qunxue.command import CommandFailed, Line
from qunxue.installation import LOCK_FILE, HalfRestored, Installation, InUse, opened, owning

log = logging.getLogger("qunxue.control")

SOCKET = "control.sock"


async def run(settings: Settings, name: str, arguments: dict[str, Any]) -> AsyncIterator[Line]:
    """Run a command where it may be run. Raises `CommandFailed`."""
    if settings.mode == "distributed":
        async for line in _here(settings, name, arguments):
            yield line
        return
    if not (settings.data_dir / LOCK_FILE).exists():
        # Nothing is made where nothing is: the name may be wrong.
        raise CommandFailed(
            f"there is no Qunxue in {settings.data_dir.absolute()}: set QUNXUE_DATA_DIR to its data directory"
        )
    try:
        with owning(settings.data_dir):
            async for line in _here(settings, name, arguments):
                yield line
            return
    except HalfRestored as error:
        raise CommandFailed(str(error)) from None
    except InUse:
        pass
    async for line in _ask(settings, name, arguments):
        yield line


async def _here(settings: Settings, name: str, arguments: dict[str, Any]) -> AsyncIterator[Line]:
    from qunxue.upkeep import COMMANDS

    command = COMMANDS[name]
    async with opened(settings) as installation:
        if not command.any_schema:
            for runtime in installation.runtimes.values():
                if not await is_at_head(runtime.database, runtime.service):
                    raise CommandFailed(
                        f"{runtime.name}'s database does not answer, or is not at this release: run `qunxue migrate`"
                    )
        async for line in command.run(installation, arguments):
            yield line


def control_app(installation: Installation) -> Starlette:
    """The application behind the socket: `POST /<command>` with its arguments, answered line by line."""
    from qunxue.upkeep import COMMANDS

    async def endpoint(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in COMMANDS:
            return JSONResponse({"error": f"no command {name}"}, status_code=404)
        arguments = orjson.loads(await request.body())

        async def lines() -> AsyncIterator[bytes]:
            try:
                async for line in COMMANDS[name].run(installation, arguments):
                    yield orjson.dumps(line, default=str) + b"\n"
            except CommandFailed as failure:
                yield orjson.dumps({"failed": str(failure)}) + b"\n"
            except Exception as error:
                log.exception("the command %s failed", name)
                yield orjson.dumps({"failed": f"{type(error).__name__}; the running process's log says more"}) + b"\n"

        return StreamingResponse(lines(), media_type="application/x-ndjson")

    return Starlette(routes=[Route("/{name}", endpoint, methods=["POST"])])


async def _ask(settings: Settings, name: str, arguments: dict[str, Any]) -> AsyncIterator[Line]:
    transport = httpx.AsyncHTTPTransport(uds=str(settings.data_dir / SOCKET))
    try:
        async with (
            httpx.AsyncClient(transport=transport, base_url="http://qunxue", timeout=None) as client,  # noqa: S113 - long work
            client.stream("POST", f"/{name}", content=orjson.dumps(arguments, default=str)) as response,
        ):
            if response.status_code != 200:
                raise CommandFailed(f"the running process answered {response.status_code}")
            async for text in response.aiter_lines():
                line: Line = orjson.loads(text)
                if "failed" in line:
                    raise CommandFailed(line["failed"])
                yield line
    except httpx.HTTPError as error:
        raise CommandFailed(f"the process that owns {settings.data_dir} cannot be asked: {error}") from error
