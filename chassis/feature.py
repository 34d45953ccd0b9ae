"""A feature: one package of a service, and everything that it adds to the service.

Each feature package says so in its `feature.py`; the service's `definition.py` lists the features in order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fastapi import APIRouter

from chassis.contributions import Alarm, DeskQueue, Erasure, Figure, HomePart, Tasks
from chassis.errands import Errand
from chassis.imports import Import
from chassis.jobs import Jobs
from chassis.messaging.handlers import Handlers
from chassis.messaging.republish import Deeds, Snapshots
from chassis.timers import Timers


@dataclass(frozen=True)
class Feature:
    """What a feature adds to its service; what it does not add it leaves out."""

    name: str
    routers: Sequence[APIRouter] = ()
    handlers: Sequence[Handlers] = ()
    groups: Mapping[str, Sequence[Handlers]] = field(default_factory=dict)
    """By name, what it adds to further consumer groups of its service: each reads on its own, however slow or broken another is."""
    timers: Sequence[Timers] = ()
    jobs: Sequence[Jobs] = ()
    errands: Sequence[Errand] = ()
    imports: Sequence[Import] = ()
    snapshots: Mapping[str, Snapshots] = field(default_factory=dict)
    """By subject, what `qunxue republish` restates."""
    deeds: Sequence[Deeds] = ()
    """What was done, for `qunxue republish SERVICE deeds`."""
    tasks: Sequence[Tasks] = ()
    desk: Sequence[DeskQueue] = ()
    alarms: Sequence[Alarm] = ()
    figures: Mapping[str, Figure] = field(default_factory=dict)
    """By name, what `/status` counts of it."""
    home: Sequence[HomePart] = ()
    erasure: Erasure | None = None
