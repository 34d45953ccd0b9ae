"""What this service knows of people, communities and members."""

from chassis.projections import membership_projection
from services.content.base import Base

known = membership_projection(Base.metadata)
