"""Automations: what operators have happen by itself, when a rule finds something, something is done, or nothing is."""
