"""Lists of words and the rules beside them."""

from chassis.feature import Feature
from services.content.scanning import routes
from services.content.scanning.imports import word_import

feature = Feature("scanning", routers=[routes.router], imports=[word_import])
