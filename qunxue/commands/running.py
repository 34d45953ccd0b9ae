"""Running an operator's command and showing what it says."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

from chassis.logs import configure_logs
from chassis.settings import settings
from qunxue import control
from qunxue.command import CommandFailed
from qunxue.terminal import fail


def quiet_logs() -> None:
    """Warnings only, for eyes; what goes wrong with Kafka is said once, by the command."""
    configure_logs(process="qunxue", level="WARNING", form="text")
    logging.getLogger("kafka").setLevel(logging.CRITICAL)


def run(name: str, show: Callable[[dict[str, Any]], None], **arguments: Any) -> int:
    """Run a command and show each line; how many there were."""
    quiet_logs()

    async def every() -> int:
        count = 0
        lines: AsyncIterator[dict[str, Any]] = control.run(settings(), name, arguments)
        async for line in lines:
            show(line)
            count += 1
        return count

    try:
        return asyncio.run(every())
    except CommandFailed as failure:
        raise fail(str(failure)) from None
