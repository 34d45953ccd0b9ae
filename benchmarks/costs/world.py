"""The services with everything that the tests' recipes name, one at a time, each with the gateway before it, as a process.

    PYTHONPATH=CHECKOUT:HERE python -m benchmarks.costs.world --database sqlite --port 8123 --folder F --own HERE

`benchmarks.operations` starts it, from this checkout or an older one, and asks it by paths that begin with `/-/`; every other request
goes to the gateway. Nothing runs beside it: no worker, no timer, so all CPU is the request's.
"""

import argparse
import asyncio
import os
import sqlite3
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack, closing
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

import asyncpg
import orjson
import uvicorn

import tests
import tests.support

REPLAYED = 9


class Worlds:
    """The world that is open, if any, and what is asked of it."""

    def __init__(self, folder: Path, *, postgres: Any) -> None:
        self._folder = folder
        self._postgres = postgres
        self._opened = AsyncExitStack()
        self._recording = ExitStack()
        self._statements: list[Any] = []
        self.world: Any = None
        self.ground: Any = None
        self.gateway: Any = None

    async def services(self, _: dict[str, str]) -> Any:
        from tests.system.security.features import tried_services
        from tests.system.security.operations import operations

        return {name: [[one.id, one.is_open] for one in operations([name])] for name in tried_services()}

    async def open(self, asked: dict[str, str]) -> Any:
        """Close the world before and open that of a service."""
        from chassis.settings import Settings
        from gateway.app import create_gateway
        from gateway.routing import GATEWAY
        from tests.system.security.casts import gateway as cast
        from tests.system.security.casts.grounds import grounded
        from tests.system.security.casts.opening import SECRET, world_of

        await self.close()
        folder = self._folder / asked["service"]
        folder.mkdir()
        self.world = await self._opened.enter_async_context(world_of(asked["service"], folder))
        self.ground = await self._opened.enter_async_context(grounded(self.world, self._postgres))
        if asked["service"] == GATEWAY:
            self.gateway = self.world.gateway
        else:
            membership = cast._answering_the_gateway(self.world)
            apps = {asked["service"]: self.world.harness.app, "membership": membership}
            self.gateway = create_gateway(Settings(data_dir=folder, secret_key=SECRET, mode="embedded"), apps=apps)
            await self.gateway.runtime.revocations.refresh()
            self._opened.push_async_callback(self.gateway.runtime.close)
        return {}

    async def close(self) -> None:
        await self._opened.aclose()
        self._opened = AsyncExitStack()

    async def calls(self, asked: dict[str, str]) -> Any:
        """How an operation is called, anew each time: a code or a secret is good for once."""
        from tests.system.security.open_calls import ways
        from tests.system.security.operations import by_id

        await self.refresh({})
        return [as_sent(player, call) for player, call in await ways(self.world, by_id()[asked["operation"]])]

    async def put_back(self, _: dict[str, str]) -> Any:
        # Not while somebody writes: a request may have left something to be done after its answer.
        database = self.world.harness.runtime.database
        if database.is_sqlite:
            async with database.exclusive():
                await self.ground.put_back()
        else:
            await self.ground.put_back()
        return await self.refresh({})

    async def refresh(self, _: dict[str, str]) -> Any:
        """Nobody polls for revocations here, and without them the gateway lets nobody write."""
        await self.gateway.runtime.revocations.refresh()
        return {}

    async def record(self, _: dict[str, str]) -> Any:
        from tests.support.statements import recorded

        self._recording = ExitStack()
        self._statements = self._recording.enter_context(recorded())
        return {}

    async def recorded(self, _: dict[str, str]) -> Any:
        self._recording.close()
        return len(self._statements)

    async def replay(self, _: dict[str, str]) -> Any:
        """Milliseconds of CPU for what was recorded, sent again through the bare driver and undone.

        None where that cannot be: it named a code or a session that was made for the one call.
        """
        if not self._statements:
            return 0.0
        database = self.world.harness.runtime.database
        try:
            if self._postgres is None:
                return replayed_on_sqlite(database.url.database, self._statements)
            return await replayed_on_postgres(database, self._statements)
        except (sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError):
            return None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if not scope["path"].startswith("/-/"):
            await self.gateway(scope, receive, send)
            return
        asked = dict(part.split("=") for part in scope["query_string"].decode().split("&") if part)
        body = orjson.dumps(await getattr(self, scope["path"].removeprefix("/-/"))(asked))
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def as_sent(player: Any, call: Any) -> dict[str, Any]:
    """A recipe's call as HTTP."""
    content = call.content.decode() if call.content is not None else None
    headers = {"Accept-Language": "en", **call.headers}
    if "Authorization" in player.client.headers:
        headers["Authorization"] = player.client.headers["Authorization"]
    if call.json is not None:
        content, headers["Content-Type"] = orjson.dumps(call.json).decode(), "application/json"
    query = urlencode(dict(call.params), doseq=True)
    return {
        "method": call.method,
        "path": call.path + (f"?{query}" if query else ""),
        "headers": headers,
        "content": content,
        "also": sorted(call.also),
    }


def replayed_on_sqlite(file: str, statements: Sequence[Any]) -> float:
    took = []
    with closing(sqlite3.connect(file, isolation_level=None, cached_statements=500)) as connection:
        for _ in range(REPLAYED):
            began = time.process_time()
            connection.execute("BEGIN IMMEDIATE")
            for one in statements:
                run = connection.executemany if one.many else connection.execute
                run(one.sql, one.parameters).fetchall()
            connection.execute("ROLLBACK")
            took.append((time.process_time() - began) * 1000)
    return median(took)


async def replayed_on_postgres(database: Any, statements: Sequence[Any]) -> float:
    """On a connection of the engine's: values are spelt as its connections have them. COPY is left out, its rows are not kept."""
    took = []
    async with database.writer.connect() as opened:
        driver = (await opened.get_raw_connection()).driver_connection
        for _ in range(REPLAYED):
            began = time.process_time()
            await driver.execute("BEGIN")
            try:
                for one in statements:
                    if one.many:
                        await driver.executemany(one.sql, one.parameters)
                    elif not one.sql.startswith("COPY "):
                        await driver.fetch(one.sql, *one.parameters)
            finally:
                await driver.execute("ROLLBACK")
            took.append((time.process_time() - began) * 1000)
    return median(took)


async def serve(worlds: Worlds, port: int) -> None:
    options: dict[str, Any] = {"access_log": False, "log_config": None, "server_header": False, "proxy_headers": False}
    config = uvicorn.Config(worlds, host="127.0.0.1", port=port, http="httptools", lifespan="off", **options)
    try:
        await uvicorn.Server(config).serve()
    finally:
        await worlds.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--own", type=Path, required=True, help="where this file is from")
    arguments = parser.parse_args()
    # What an older release's tests do not have is taken from here.
    tests.__path__.append(str(arguments.own / "tests"))
    tests.support.__path__.append(str(arguments.own / "tests" / "support"))

    import uvloop

    from chassis.logs import configure_logs
    from chassis.memory import collect_less_often_from_now
    from gateway import limits
    from tests.support.postgres import PostgresServer
    from tests.support.statements import listening

    # As the product does when it starts.
    collect_less_often_from_now()
    configure_logs(process="benchmark")
    # There is no setting for it: nobody makes so many links but who measures.
    vars(limits)["LINKS_PER_MINUTE"] = 100_000_000
    os.chdir(arguments.folder)
    with ExitStack() as stack:
        stack.enter_context(listening())
        postgres = stack.enter_context(PostgresServer()) if arguments.database == "postgres" else None
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(Worlds(arguments.folder, postgres=postgres), arguments.port))


if __name__ == "__main__":
    main()
