"""What the analytics service is made of."""

from chassis.jobs import Jobs
from chassis.projections import ProjectionAuthority
from chassis.service import Service
from chassis.timers import Timers
from services.analytics.base import Base, tables
from services.analytics.handlers import handlers
from services.analytics.projections import known

definition = Service(
    name="analytics",
    base=Base,
    tables=tables,
    migrations="services.analytics.migrations",
    routers=[],
    handlers=handlers,
    timers=Timers(),
    jobs=Jobs(),
    authority=lambda runtime: ProjectionAuthority(runtime, known),
    publishes=["qunxue.analytics", "qunxue.analytics.restricted"],
)
