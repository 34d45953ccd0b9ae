"""The import of a community's archive."""

from chassis.feature import Feature
from services.content.archives.imports import archive_import

feature = Feature("archives", imports=[archive_import])
