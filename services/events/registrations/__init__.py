"""Registrations: who comes to an activity, and who waits for a seat."""
