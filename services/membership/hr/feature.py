"""Following the company's HR system."""

from chassis.feature import Feature
from services.membership.hr.handlers import handlers

feature = Feature("hr", handlers=[handlers])
