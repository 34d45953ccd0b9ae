"""Subscriptions; threads have the operations."""

from chassis.feature import Feature

feature = Feature("subscriptions")
