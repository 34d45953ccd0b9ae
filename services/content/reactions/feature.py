"""Reactions; discussions and replies have the operations."""

from chassis.feature import Feature

feature = Feature("reactions")
