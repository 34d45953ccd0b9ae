"""Integration events that membership takes in."""

from chassis.messaging.handlers import Handlers

handlers = Handlers()
