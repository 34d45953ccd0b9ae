"""A relay, a consumer or both as a process that tests can kill.

python -m tests.support.messaging_worker relay|consumer|both|bridged PUBLISHER_URL CONSUMER_URL LOG [OUTSIDE]

LOG and OUTSIDE are `kafka:<bootstrap>/<prefix>` or the path of a local log. `bridged` is a relay with the bridge to OUTSIDE.
"""

import asyncio
import signal
import sys
from pathlib import Path

from chassis.database.engine import Database
from chassis.messaging.bridge import Bridge
from chassis.messaging.consumer import MessageConsumer
from chassis.messaging.local_log import LocalLog
from chassis.messaging.log import Log
from chassis.messaging.relay import Relay
from tests.support.messaging import TOPIC, counting, tables


def the_log(name: str) -> Log:
    if not name.startswith("kafka:"):
        return LocalLog(Path(name))
    from chassis.messaging.kafka import KafkaLog, KafkaOptions

    bootstrap, _, prefix = name.removeprefix("kafka:").partition("/")
    return KafkaLog(KafkaOptions((bootstrap,), {}, prefix=prefix))


async def main(part: str, publisher: str, consumer: str, log_name: str, outside: str = "") -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    log = the_log(log_name)
    async with asyncio.TaskGroup() as tasks:
        if part in ("relay", "both", "bridged"):
            relay = Relay(Database(publisher, tables), log, service="testing", topics=[TOPIC], batch=20)
            tasks.create_task(relay.run(stop))
        if part in ("consumer", "both"):
            tasks.create_task(MessageConsumer(Database(consumer, tables), log, counting(), name="ledger").run(stop))
        if part == "bridged":
            assert isinstance(log, LocalLog)
            tasks.create_task(Bridge(log, the_log(outside), [TOPIC]).run(stop))
        print("working", flush=True)
    await log.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
