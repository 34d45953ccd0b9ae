"""Bookmarks; the features whose things are kept have the operations."""

from chassis.feature import Feature

feature = Feature("bookmarks")
