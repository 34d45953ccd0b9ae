"""Insights: what should change in a community, what is done about it, and what came of that."""
