"""Assignments: which member is asked to answer a question."""
