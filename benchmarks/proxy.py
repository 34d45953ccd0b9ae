"""CPU of one proxied GET: the gateway with token check, limits, log and metrics, against FastAPI and httpx with none of these.

    python -m benchmarks.proxy

Three processes for each side: the load, the proxy, and one upstream that both share. What is measured is the CPU time that the
proxy's process used, by the operating system's account, divided by the requests it answered. Load is bounded: a few connections,
each waiting for its answer before it asks again.
"""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from uuid import uuid4

import psutil

from benchmarks.figures import Figure

TO_REACH = 4.0
CONNECTIONS = 16
UPSTREAM_BODY = b'{"member_id":"0192f0c1-1111-7000-8000-000000000001","points":120,"held":0,"available":120,"xp":340}'
KEY_ID = "bench"


def main() -> None:
    arguments = _arguments()
    if arguments.part is not None:
        PARTS[arguments.part](arguments.port, arguments.folder)
        return
    figures = run(requests=arguments.requests, rounds=arguments.rounds)
    sys.exit(0 if all(figure.reached for figure in figures) else 1)


def run(*, requests: int = 4000, rounds: int = 3) -> list[Figure]:
    """Measure, print both sides, and return the figure: how many times less CPU the gateway takes."""
    with tempfile.TemporaryDirectory() as folder:
        token = _make_token(Path(folder))
        upstream_port = _free_port()
        parts = [_start("upstream", upstream_port, folder, {})]
        try:
            proxies = {}
            for side in ("gateway", "plain"):
                port = _free_port()
                process = _start(side, port, folder, {"BENCH_UPSTREAM": f"http://127.0.0.1:{upstream_port}"})
                parts.append(process)
                proxies[side] = (port, psutil.Process(process.pid))
            for port in (upstream_port, *(port for port, _ in proxies.values())):
                _await_listening(port)
            results: dict[str, list[float]] = {side: [] for side in proxies}
            for port, _ in proxies.values():
                asyncio.run(_load(port, token, 500))  # warm: connections, remembered token
            for _ in range(rounds):
                # In turn, so that whatever else the machine does falls on both.
                for side, (port, process) in proxies.items():
                    before = _cpu(process)
                    asyncio.run(_load(port, token, requests))
                    results[side].append((_cpu(process) - before) / requests * 1000)
        finally:
            for part in parts:
                part.terminate()
            for part in parts:
                part.wait()
    gateway, plain = median(results["gateway"]), median(results["plain"])
    figure = Figure(
        "proxied GET, token checked, limits on: CPU of the proxy",
        f"{gateway:.3f} ms",
        f"FastAPI + httpx without either {plain:.3f} ms",
        plain / gateway,
        TO_REACH,
        "least",
    )
    print(figure.line())
    print(f"  rounds: gateway {_shown(results['gateway'])} ms, FastAPI + httpx {_shown(results['plain'])} ms")
    return [figure]


# --- the parts, each a process -------------------------------------------------------------------------------------


def _upstream(port: int, folder: str) -> None:
    jwks = (Path(folder) / "jwks.json").read_bytes()

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        body = jwks if scope["path"].startswith("/.well-known") else UPSTREAM_BODY
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    _serve(app, port)


def _gateway(port: int, folder: str) -> None:
    from chassis.logs import configure_logs
    from chassis.settings import SERVICES, Settings
    from gateway.app import create_gateway

    for service in SERVICES:
        os.environ[f"QUNXUE_{service.upper()}_URL"] = os.environ["BENCH_UPSTREAM"]
    # Revocations are polled and logged about, as in use; the limit is on, and never reached.
    configure_logs(process="gateway")
    settings = Settings(
        mode="distributed", secret_key="s" * 32, data_dir=Path(folder), person_requests_per_minute=100_000_000
    )
    _serve(create_gateway(settings, apps=None), port)


def _plain(port: int, folder: str) -> None:
    """A proxy as one writes it first: a route for everything, a client kept open, the answer handed on."""
    from contextlib import asynccontextmanager

    import httpx
    from fastapi import FastAPI, Request, Response

    @asynccontextmanager
    async def lifespan(app):
        async with httpx.AsyncClient(base_url=os.environ["BENCH_UPSTREAM"]) as client:
            app.state.client = client
            yield

    app = FastAPI(lifespan=lifespan)

    @app.api_route("/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def proxy(path: str, request: Request) -> Response:
        client: httpx.AsyncClient = request.app.state.client
        headers = [(name, value) for name, value in request.headers.raw if name not in (b"host", b"connection")]
        outgoing = client.build_request(
            request.method, httpx.URL(path=f"/{path}", query=request.url.query.encode()), headers=headers
        )
        # Buffered: to stream the answer, as the gateway does, would cost this side more.
        answer = await client.send(outgoing)
        passed = {name: value for name, value in answer.headers.items() if name not in ("date", "server", "connection")}
        return Response(answer.content, status_code=answer.status_code, headers=passed)

    _serve(app, port)


def _serve(app, port: int) -> None:
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=port, http="httptools", access_log=False, log_config=None,
                server_header=False, proxy_headers=False)  # fmt: skip


PARTS = {"upstream": _upstream, "gateway": _gateway, "plain": _plain}

# --- the load ------------------------------------------------------------------------------------------------------


async def _load(port: int, token: str, requests: int) -> None:
    """Ask `requests` times over a few connections. Raises RuntimeError for any answer but 200."""
    left = iter(range(requests))
    request = (
        "GET /v1/wallets/0192f0c1-1111-7000-8000-000000000001?community_id=1 HTTP/1.1\r\nHost: gateway\r\n"
        "Accept: application/json\r\nAccept-Encoding: gzip\r\nAccept-Language: zh-CN\r\nUser-Agent: bench\r\n"
        f"Authorization: Bearer {token}\r\n\r\n"
    ).encode()

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in left:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode("latin-1") + (await reader.read(500)).decode("latin-1"))
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))


# --- what it takes -------------------------------------------------------------------------------------------------


def _make_token(folder: Path) -> str:
    from datetime import UTC, datetime, timedelta

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from chassis.security.caller import Caller
    from chassis.security.tokens import TokenIssuer, public_jwk

    key = Ed25519PrivateKey.generate()
    (folder / "jwks.json").write_text(json.dumps({"keys": [public_jwk(KEY_ID, key.public_key())]}))
    caller = Caller(kind="person", id=uuid4(), session_id=uuid4())
    token, _ = TokenIssuer("qunxue", "qunxue", KEY_ID, key).issue(
        caller, now=datetime.now(UTC), lifetime=timedelta(hours=1)
    )
    return token


def _start(part: str, port: int, folder: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "benchmarks.proxy", "--part", part, "--port", str(port), "--folder", folder]
    with (Path(folder) / f"{part}.log").open("wb") as log:
        return subprocess.Popen(command, env=os.environ | environment, stdout=log, stderr=log)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_listening(port: int, within: float = 30.0) -> None:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens on {port}")


def _shown(values: list[float]) -> str:
    return " ".join(f"{value:.3f}" for value in values)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--part", choices=sorted(PARTS))
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--folder", default=".")
    return parser.parse_args()


if __name__ == "__main__":
    main()
