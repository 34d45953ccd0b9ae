"""Texts that wait for a moderator. The operations are in `moderation`, above what can be held."""

from chassis.feature import Feature

feature = Feature("holding")
