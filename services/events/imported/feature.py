"""Activities from elsewhere: lists and calendars."""

from chassis.feature import Feature
from services.events.imported.imports import activity_import

feature = Feature("imported", imports=[activity_import])
