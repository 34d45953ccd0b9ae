"""What the analytics service is made of."""

from chassis.projections import ProjectionAuthority
from chassis.service import Service
from services.analytics.base import Base, tables
from services.analytics.handlers import handlers
from services.analytics.projections import known

definition = Service(
    name="analytics",
    base=Base,
    tables=tables,
    migrations="services.analytics.migrations",
    features=[],
    projections=handlers,
    authority=lambda runtime: ProjectionAuthority(runtime, known),
    publishes=["qunxue.analytics", "qunxue.analytics.restricted"],
)
