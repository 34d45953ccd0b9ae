"""What the events service is made of."""

from chassis.jobs import Jobs
from chassis.projections import ProjectionAuthority
from chassis.service import Service
from chassis.timers import Timers
from services.events.base import Base, tables
from services.events.handlers import handlers
from services.events.projections import known

definition = Service(
    name="events",
    base=Base,
    tables=tables,
    migrations="services.events.migrations",
    routers=[],
    handlers=handlers,
    timers=Timers(),
    jobs=Jobs(),
    authority=lambda runtime: ProjectionAuthority(runtime, known),
    publishes=["qunxue.events"],
)
