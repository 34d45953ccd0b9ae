"""What the content service is made of."""

from chassis.projections import ProjectionAuthority
from chassis.service import Service
from services.content.base import Base, tables
from services.content.handlers import handlers
from services.content.projections import known

definition = Service(
    name="content",
    base=Base,
    tables=tables,
    migrations="services.content.migrations",
    features=[],
    projections=handlers,
    authority=lambda runtime: ProjectionAuthority(runtime, known),
    publishes=["qunxue.content"],
)
