"""What happens to collections and concerns what stands in them."""

from uuid import UUID

from chassis.occasions import Occasion

emptied: Occasion[UUID, bool] = Occasion("collection emptied")
"""A collection is about to go: each effect says whether something stands in it."""
