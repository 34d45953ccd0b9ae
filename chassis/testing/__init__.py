"""Aids for tests of a service: it runs whole, on a database of its own, with a clock that the test sets."""

from chassis.testing.clock import SettableClock
from chassis.testing.harness import Harness, Published, received

__all__ = ["Harness", "Published", "SettableClock", "received"]
