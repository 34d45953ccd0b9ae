"""What the content service is made of."""

from chassis.jobs import Jobs
from chassis.projections import ProjectionAuthority
from chassis.service import Service
from chassis.timers import Timers
from services.content.base import Base, tables
from services.content.handlers import handlers
from services.content.projections import known

definition = Service(
    name="content",
    base=Base,
    tables=tables,
    migrations="services.content.migrations",
    routers=[],
    handlers=handlers,
    timers=Timers(),
    jobs=Jobs(),
    authority=lambda runtime: ProjectionAuthority(runtime, known),
    publishes=["qunxue.content"],
)
