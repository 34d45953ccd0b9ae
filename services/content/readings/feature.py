"""Readings: how much of which kind each member read on a day."""

from chassis.feature import Feature
from services.content.readings.service import timers

feature = Feature("readings", timers=[timers])
