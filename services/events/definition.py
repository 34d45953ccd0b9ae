"""What the events service is made of."""

from chassis.projections import ProjectionAuthority
from chassis.service import Service
from services.events.base import Base, tables
from services.events.handlers import handlers
from services.events.projections import known

definition = Service(
    name="events",
    base=Base,
    tables=tables,
    migrations="services.events.migrations",
    features=[],
    projections=handlers,
    authority=lambda runtime: ProjectionAuthority(runtime, known),
    publishes=["qunxue.events"],
)
