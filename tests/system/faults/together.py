"""Many who ask at the same moment: processes that ask, and the API processes that answer them."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from tests.service.stage import OnStage
from tests.support.children import Child
from tests.support.needs import ROOT
from tests.support.ports import free_port, listens
from tests.support.processes import clean_environment
from tests.support.scale import FULL, scaled
from tests.support.standins import listening
from tests.support.waiting import eventually

PROCESSES = 4

Asked = tuple[OnStage, str, Any]
"""Who asks, where, and with which body."""


async def ask_together(asked: Sequence[Asked], ports: Sequence[int], folder: Path) -> Counter[int]:
    """Everything at once, by as many processes; the statuses that were answered."""
    answers = await asyncio.gather(*(_process(n, asked[n::PROCESSES], ports, folder) for n in range(PROCESSES)))
    return Counter(status for one in answers for status in one)


async def _process(n: int, asked: Sequence[Asked], ports: Sequence[int], folder: Path) -> list[int]:
    said = [(one.client.headers["Authorization"], path, body) for one, path, body in asked]
    file = folder / f"asked-{n}.json"
    file.write_text(json.dumps({"port": ports[n % len(ports)], "asked": said}))
    crowd = Path(__file__).with_name("crowd.py")
    process = await asyncio.create_subprocess_exec(sys.executable, crowd, file, stdout=asyncio.subprocess.PIPE)
    answered, _ = await process.communicate()
    return list(json.loads(answered))


async def api_processes(stack: AsyncExitStack, harness: Any, service: str, database: str, folder: Path) -> list[int]:
    """The ports of those who answer: on PostgreSQL several processes, on SQLite the only one that there can be."""
    ports = [await stack.enter_async_context(listening(harness.app))]
    if database == "postgres":
        for _ in range(scaled(PROCESSES, reduced=2) - 1):
            ports.append(await _replica(stack, harness, service, folder, len(ports)))
    return ports


async def _replica(stack: AsyncExitStack, harness: Any, service: str, folder: Path, n: int) -> int:
    port, url = free_port(), harness.runtime.database.url.render_as_string(hide_password=False)
    key = harness.public_key.hex()
    command = [sys.executable, "-m", "tests.system.faults.replica", service, url, str(port), str(folder), key]
    environment = clean_environment({"QUNXUE_FAULTS": "full"} if FULL else None)
    child = Child(f"replica-{n}", command, log=folder / f"replica-{n}.log", env=environment, cwd=ROOT)
    child.start()
    stack.callback(child.stop)
    await eventually(lambda: listens(port), what="another API process", timeout=120)
    return port
