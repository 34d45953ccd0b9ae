"""Retrospectives: what those who held an activity keep, change, and have learned; or a team of its month."""
