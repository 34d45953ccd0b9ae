"""Relay, consumers, timers and jobs of the service."""

from chassis.messaging.log import Log
from chassis.service import RunningService
from chassis.settings import settings
from chassis.worker import Worker
from services.membership.definition import definition


def worker(log: Log) -> Worker:
    """The worker, set up from the environment; messages travel by `log`."""
    return Worker(RunningService(definition, settings()), log)
